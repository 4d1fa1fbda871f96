{{ config(
    unique_key='hk_order_restaurant_pk',
    indexes=[{'columns': ['h_order_pk']}],
    meta={'distributed_by': 'hk_order_restaurant_pk'},
) }}
-- depends_on: {{ ref('h_order') }}, {{ ref('h_restaurant') }}

{{ link(
    pk='hk_order_restaurant_pk',
    left_pk='h_order_pk',
    right_pk='h_restaurant_pk',
    observations=ref('stg_orders'),
) }}
