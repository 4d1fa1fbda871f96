{{ config(
    indexes=[
        {'columns': ['position']},
        {'columns': ['event_id']},
        {'columns': ['h_product_pk', 'event_dttm']},
    ],
) }}

with events as (

    {{ window_events(source('stg', 'order_events'), source('stg', 'event_reloads')) }}

),

lines as (

    select
        events.position,
        events.event_id,
        events.object_id,
        coalesce({{ utc("events.document ->> 'update_ts'") }}, events.sent_dttm) as event_dttm,
        events.sent_dttm,
        events.document -> 'restaurant' ->> 'id' as restaurant_id,
        events.load_dt,
        events.load_src,
        line.item ->> 'id' as product_id,
        line.item ->> 'name' as productname,
        line.item ->> 'category' as category_name,
        (line.item ->> 'price')::numeric(19, 5) as price,
        (line.item ->> 'quantity')::integer as quantity
    from events
    cross join lateral jsonb_array_elements(events.document -> 'order_items') as line (item)

),

-- An order may name a product in several lines: quantities add up, otherwise the greatest holds.
products as (

    select
        position,
        event_id,
        event_dttm,
        sent_dttm,
        product_id,
        max(productname collate "C") as productname,
        max(category_name collate "C") as category_name,
        array_agg(distinct category_name) as category_names,
        max(price) as price,
        sum(quantity) as quantity,
        {{ hub_key('object_id') }} as h_order_pk,
        {{ hub_key('product_id') }} as h_product_pk,
        {{ hub_key('restaurant_id') }} as h_restaurant_pk,
        load_dt,
        load_src
    from lines
    group by
        position,
        event_id,
        event_dttm,
        sent_dttm,
        object_id,
        product_id,
        restaurant_id,
        load_dt,
        load_src

),

final as (

    select
        *,
        {{ link_key('h_order_pk', 'h_product_pk') }} as hk_order_product_pk,
        {{ link_key('h_product_pk', 'h_restaurant_pk') }} as hk_product_restaurant_pk,
        {{ link_key('h_product_pk', hub_key('category_name')) }} as hk_product_category_pk
    from products

)

select * from final
