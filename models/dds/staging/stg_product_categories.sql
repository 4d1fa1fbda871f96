{{ config(materialized='ephemeral', contract={'enforced': false}) }}

select
    items.position,
    items.h_product_pk,
    category.category_name,
    items.load_dt,
    items.load_src
from {{ ref('stg_order_items') }} as items
cross join unnest(items.category_names) as category (category_name)
