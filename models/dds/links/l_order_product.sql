{{ config(
    unique_key='hk_order_product_pk',
    indexes=[{'columns': ['h_order_pk']}],
    meta={'distributed_by': 'hk_order_product_pk'},
) }}
-- depends_on: {{ ref('h_order') }}, {{ ref('h_product') }}

{{ link(
    pk='hk_order_product_pk',
    left_pk='h_order_pk',
    right_pk='h_product_pk',
    observations=ref('stg_order_items'),
) }}
