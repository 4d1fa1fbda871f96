{{ config(
    indexes=[
        {'columns': ['position']},
        {'columns': ['event_id']},
        {'columns': ['h_product_pk', 'event_dttm', 'hk_product_category_pk']},
    ],
    meta={'distributed_by': 'h_order_pk'},
) }}

with events as (

    {{ window_events(source('stg', 'order_events'), source('stg', 'event_reloads'), 'order') }}

),

-- Each value is taken out of its document once.
orders as (

    select
        position,
        event_id,
        object_id,
        sent_dttm,
        document ->> 'update_ts' as update_ts,
        document -> 'restaurant' ->> 'id' as restaurant_id,
        document -> 'order_items' as items,
        load_dt,
        load_src
    from events
    {%- if not is_distributed() %}
    offset 0 -- noqa: AM09
    {%- endif %}

),

-- An order may name a product in several lines: quantities add up, otherwise the greatest holds. Counted
-- event by event, so that nothing has to be sorted, least of all the documents.
products as (

    select
        orders.position,
        orders.event_id,
        coalesce({{ utc("orders.update_ts") }}, orders.sent_dttm) as event_dttm,
        orders.sent_dttm,
        lines.product_id,
        lines.productname,
        lines.category_name,
        lines.category_names,
        lines.price,
        lines.quantity,
        {{ hub_key('orders.object_id') }} as h_order_pk,
        {{ hub_key('lines.product_id') }} as h_product_pk,
        {{ hub_key('orders.restaurant_id') }} as h_restaurant_pk,
        orders.load_dt,
        orders.load_src
    from orders
    cross join lateral (
        select
            line.item ->> 'id' as product_id,
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
        {{ link_key('h_product_pk', 'h_restaurant_pk') }} as hk_product_restaurant_pk,
        {{ link_key('h_product_pk', hub_key('category_name')) }} as hk_product_category_pk
    from products

)

select * from final
