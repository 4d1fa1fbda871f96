{{ config(
    indexes=[
        {'columns': ['position']},
        {'columns': ['h_product_pk', 'event_dttm', 'hk_product_category_pk']},
    ],
    meta={'distributed_by': 'h_order_pk'},
) }}

with events as (

    {{ window_events(source('stg', 'order_events'), source('stg', 'event_reloads'), 'order') }}

),

-- Everything about an order is computed once, and not for each of its items.
orders as (

    select
        position,
        event_id,
        coalesce({{ utc("document ->> 'update_ts'") }}, sent_dttm) as event_dttm,
        sent_dttm,
        document -> 'order_items' as items,
        {{ hub_key('object_id') }} as h_order_pk,
        {{ hub_key("document -> 'restaurant' ->> 'id'") }} as h_restaurant_pk,
        load_dt,
        load_src
    from events
    {{ computed_once() }} -- noqa: AM09

),

-- An order may name a product in several lines: quantities add up, otherwise the greatest holds. Counted
-- event by event, so that nothing has to be sorted, least of all the documents.
products as (

    select
        orders.position,
        orders.event_id,
        orders.event_dttm,
        orders.sent_dttm,
        lines.product_id,
        lines.productname,
        lines.category_name,
        lines.category_names,
        lines.price,
        lines.quantity,
        orders.h_order_pk,
        lines.h_product_pk,
        orders.h_restaurant_pk,
        lines.hk_product_category_pk,
        orders.load_dt,
        orders.load_src
    from orders
    cross join lateral (
        select
            line.item ->> 'id' as product_id,
            {{ hub_key("line.item ->> 'id'") }} as h_product_pk,
            {{ link_key(
                hub_key("line.item ->> 'id'"), hub_key('max((line.item ->> \'category\') collate "C")')
            ) }} as hk_product_category_pk,
            max((line.item ->> 'name') collate "C") as productname, -- noqa: RF03
            max((line.item ->> 'category') collate "C") as category_name, -- noqa: RF03
            array_agg(distinct line.item ->> 'category') as category_names,
            max((line.item ->> 'price')::numeric(19, 5)) as price,
            sum((line.item ->> 'quantity')::integer) as quantity
        from jsonb_array_elements(orders.items) as line (item)
        group by line.item ->> 'id'
    ) as lines

),

final as (

    select
        *,
        {{ link_key('h_order_pk', 'h_product_pk') }} as hk_order_product_pk,
        {{ link_key('h_product_pk', 'h_restaurant_pk') }} as hk_product_restaurant_pk
    from products

)

select * from final
