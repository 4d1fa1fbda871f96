{{ config(unique_key='hk_product_restaurant_pk', meta={'distributed_by': 'reference'}) }}
-- depends_on: {{ ref('h_product') }}, {{ ref('h_restaurant') }}

{{ link(
    pk='hk_product_restaurant_pk',
    left_pk='h_product_pk',
    right_pk='h_restaurant_pk',
    observations=ref('stg_order_items'),
) }}
