{{ config(
    unique_key='hk_product_category_pk',
    indexes=[{'columns': ['h_product_pk']}],
    meta={'distributed_by': 'reference'},
) }}
-- depends_on: {{ ref('h_product') }}, {{ ref('h_category') }}

{{ link(
    pk='hk_product_category_pk',
    left_pk='h_product_pk',
    right_pk='h_category_pk',
    observations=ref('stg_product_categories'),
    computed={
        'h_category_pk': hub_key('category_name'),
        'hk_product_category_pk': link_key('h_product_pk', hub_key('category_name')),
    },
    computed_from=['category_name'],
) }}
