{{ config(
    unique_key='hk_order_user_pk',
    indexes=[{'columns': ['h_order_pk']}],
    meta={'distributed_by': 'hk_order_user_pk'},
) }}
-- depends_on: {{ ref('h_order') }}, {{ ref('h_user') }}

{{ link(
    pk='hk_order_user_pk',
    left_pk='h_order_pk',
    right_pk='h_user_pk',
    observations=ref('stg_orders'),
) }}
