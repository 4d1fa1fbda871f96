{% set vault = [
    ref('h_order'),
    ref('s_order_cost'),
    ref('s_order_details'),
    ref('s_order_product'),
    ref('s_order_restaurant'),
    ref('s_order_user'),
] %}

with events as (

    select
        *,
        payload -> 'payload' as document,
        coalesce({{ utc("payload #>> '{payload,update_ts}'") }}, sent_dttm) as event_dttm
    from {{ source('stg', 'order_events') }}
    where object_type = 'order' and position <= {{ loaded_to(ref('h_order')) }}

),

winners as (

    select distinct on (object_id, event_dttm) *
    from events
    order by object_id asc, event_dttm asc, sent_dttm desc, event_id desc

),

sent as materialized (

    select
        object_id as order_id,
        event_dttm,
        jsonb_build_object(
            'date', {{ utc("document ->> 'date'") }},
            'final_status', document ->> 'final_status',
            'cost', (document ->> 'cost')::numeric(19, 5),
            'payment', (document ->> 'payment')::numeric(19, 5),
            'bonus_payment', (document ->> 'bonus_payment')::numeric(19, 5),
            'bonus_grant', (document ->> 'bonus_grant')::numeric(19, 5),
            'user', document #>> '{user,id}',
            'restaurant', document #>> '{restaurant,id}',
            'order_items', coalesce(
                (
                    select
                        jsonb_agg(
                            jsonb_build_object('id', product.id, 'price', product.price, 'quantity', product.quantity)
                            order by product.id collate "C" -- noqa: RF02, RF03
                        )
                    from (
                        select
                            line.item ->> 'id' as id,
                            max((line.item ->> 'price')::numeric(19, 5)) as price,
                            sum((line.item ->> 'quantity')::integer) as quantity
                        from jsonb_array_elements(winners.document -> 'order_items') as line (item)
                        group by line.item ->> 'id'
                    ) as product
                ),
                '[]'::jsonb
            )
        ) as document
    from winners

),

rebuilt_items as (

    select
        sent.order_id,
        sent.event_dttm,
        jsonb_agg(
            jsonb_build_object('id', products.product_id, 'price', item.price, 'quantity', item.quantity)
            order by products.product_id collate "C" -- noqa: RF02
        ) as order_items
    from sent
    inner join {{ gathered(ref('h_order')) }} as orders
        on sent.order_id = orders.order_id
    inner join {{ gathered(ref('l_order_product')) }} as order_product
        on orders.h_order_pk = order_product.h_order_pk
    inner join {{ gathered(ref('s_order_product')) }} as item
        on
            order_product.hk_order_product_pk = item.hk_order_product_pk
            and sent.event_dttm >= item.start_dt
            and sent.event_dttm < item.end_dt
    inner join {{ ref('h_product') }} as products
        on order_product.h_product_pk = products.h_product_pk
    group by sent.order_id, sent.event_dttm

),

rebuilt as (

    select
        sent.order_id,
        sent.event_dttm,
        jsonb_build_object(
            'date', details.order_dt,
            'final_status', details.final_status,
            'cost', amounts.cost,
            'payment', amounts.payment,
            'bonus_payment', amounts.bonus_payment,
            'bonus_grant', amounts.bonus_grant,
            'user', users.user_id,
            'restaurant', restaurants.restaurant_id,
            'order_items', coalesce(rebuilt_items.order_items, '[]'::jsonb)
        ) as document
    from sent
    inner join {{ gathered(ref('h_order')) }} as orders
        on sent.order_id = orders.order_id
    inner join {{ gathered(ref('s_order_details')) }} as details
        on
            orders.h_order_pk = details.h_order_pk
            and sent.event_dttm >= details.start_dt
            and sent.event_dttm < details.end_dt
    inner join {{ gathered(ref('s_order_cost')) }} as amounts
        on
            orders.h_order_pk = amounts.h_order_pk
            and sent.event_dttm >= amounts.start_dt
            and sent.event_dttm < amounts.end_dt
    inner join {{ gathered(ref('l_order_user')) }} as order_user
        on orders.h_order_pk = order_user.h_order_pk
    inner join {{ gathered(ref('s_order_user')) }} as user_in_effect
        on
            order_user.hk_order_user_pk = user_in_effect.hk_order_user_pk
            and sent.event_dttm >= user_in_effect.start_dt
            and sent.event_dttm < user_in_effect.end_dt
    inner join {{ gathered(ref('h_user')) }} as users
        on order_user.h_user_pk = users.h_user_pk
    inner join {{ gathered(ref('l_order_restaurant')) }} as order_restaurant
        on orders.h_order_pk = order_restaurant.h_order_pk
    inner join {{ gathered(ref('s_order_restaurant')) }} as restaurant_in_effect
        on
            order_restaurant.hk_order_restaurant_pk = restaurant_in_effect.hk_order_restaurant_pk
            and sent.event_dttm >= restaurant_in_effect.start_dt
            and sent.event_dttm < restaurant_in_effect.end_dt
    inner join {{ ref('h_restaurant') }} as restaurants
        on order_restaurant.h_restaurant_pk = restaurants.h_restaurant_pk
    -- Full, so that it is hashed: where few rows are expected, a left join would make the items again for each of them.
    full join rebuilt_items
        on sent.order_id = rebuilt_items.order_id and sent.event_dttm = rebuilt_items.event_dttm

),

differences as (

    {{ differences('sent', 'rebuilt') }}

)

select
    order_id,
    event_dttm,
    document
from differences
where {{ have_loaded_the_same(vault) }}
