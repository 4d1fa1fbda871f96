{{ config(unique_key='h_product_pk', meta={'distributed_by': 'reference'}) }}

{{ hub(
    pk='h_product_pk',
    business_key='product_id',
    observations=ref('stg_order_items'),
) }}
