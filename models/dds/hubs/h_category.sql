{{ config(unique_key='h_category_pk', meta={'distributed_by': 'reference'}) }}

{{ hub(
    pk='h_category_pk',
    business_key='category_name',
    observations=ref('stg_product_categories'),
    computed={'h_category_pk': hub_key('category_name')},
) }}
