{{ config(materialized='ephemeral', contract={'enforced': false}) }}

select
    items.position,
    items.h_product_pk,
    category.category_name,
    {{ hub_key('category.category_name') }} as h_category_pk,
    {{ link_key('items.h_product_pk', hub_key('category.category_name')) }} as hk_product_category_pk,
    items.load_dt,
    items.load_src
from {{ ref('stg_order_items') }} as items
cross join unnest(items.category_names) as category (category_name)
