{{ config(materialized='ephemeral', contract={'enforced': false}) }}

select
    orders.h_order_pk,
    items.hk_order_product_pk,
    items.price,
    items.quantity,
    orders.event_dttm,
    orders.sent_dttm,
    orders.event_id,
    orders.position,
    orders.load_dt,
    orders.load_src
from {{ ref('stg_orders') }} as orders
left join {{ ref('stg_order_items') }} as items
    on orders.event_id = items.event_id and orders.h_order_pk = items.h_order_pk
