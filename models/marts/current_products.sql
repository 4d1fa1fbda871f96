select
    products.product_id,
    names.productname as product_name,
    categories.category_name,
    names.start_dt as since_dt
from {{ ref('h_product') }} as products
inner join {{ ref('s_product_names') }} as names
    on products.h_product_pk = names.h_product_pk
inner join {{ ref('l_product_category') }} as product_category
    on products.h_product_pk = product_category.h_product_pk
inner join {{ ref('s_product_category') }} as in_effect
    on product_category.hk_product_category_pk = in_effect.hk_product_category_pk
inner join {{ ref('h_category') }} as categories
    on product_category.h_category_pk = categories.h_category_pk
where
    names.end_dt = {{ open_end() }}
    and in_effect.end_dt = {{ open_end() }}
