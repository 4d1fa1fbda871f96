{{ config(unique_key='h_restaurant_pk', meta={'distributed_by': 'reference'}) }}

{{ hub(
    pk='h_restaurant_pk',
    business_key='restaurant_id',
    observations=ref('stg_orders'),
) }}
