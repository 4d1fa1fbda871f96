"""What stories.py asks the vault. All of it is bounded.

Citus takes no lateral join: step by step, each of which finds its rows by the keys of the one
before.
"""

# Orders of the latest events to which most happened: a late event that was news, another price,
# items that came and went. Long lives do not fit a page.
CHOOSE_ORDER = """
with recent as materialized (
    select distinct h_order_pk, order_id
    from (
        select h_order_pk, order_id from staging.stg_orders order by position desc limit 5000
    ) as latest
),
arrived as materialized (
    select h_order_pk, count(*) filter (where newest > event_dttm and at_once = 1) as late
    from (
        select
            h_order_pk,
            event_dttm,
            count(*) over (partition by h_order_pk, event_dttm) as at_once,
            max(event_dttm) over (
                partition by h_order_pk
                order by position rows between unbounded preceding and 1 preceding
            ) as newest
        from staging.stg_orders
        where h_order_pk in (select h_order_pk from recent)
    ) as placed
    group by h_order_pk
    having count(*) <= 12
),
costs as materialized (
    select h_order_pk, count(*) as versions
    from dds.s_order_cost
    where h_order_pk in (select h_order_pk from arrived)
    group by h_order_pk
),
links as materialized (
    select h_order_pk, hk_order_product_pk
    from dds.l_order_product
    where h_order_pk in (select h_order_pk from arrived)
),
items as materialized (
    select links.h_order_pk, count(*) as ended
    from links
    inner join dds.s_order_product as held using (hk_order_product_pk)
    where held.end_dt < '4000-01-01'
    group by links.h_order_pk
)
select recent.order_id
from recent
inner join arrived using (h_order_pk)
left join costs using (h_order_pk)
left join items using (h_order_pk)
order by
    least(arrived.late, 1) * 3
    + least(coalesce(costs.versions, 0), 3)
    + least(coalesce(items.ended, 0), 2) desc,
    recent.order_id
limit 1
"""

CHOOSE_USER = """
with recent as materialized (
    select distinct h_user_pk
    from (
        select h_user_pk from staging.stg_orders order by position desc limit 5000
    ) as latest
)
select users.user_id
from dds.h_user as users
left join dds.s_user_names as names using (h_user_pk)
where users.h_user_pk in (select h_user_pk from recent)
group by users.user_id
order by count(*) desc, users.user_id
limit 1
"""

SELECT_ORDER = """
with hub as materialized (
    select h_order_pk, order_id from dds.h_order where h_order_pk = md5(cast(%(key)s as text))::uuid
),
user_of as materialized (
    select link.h_order_pk, link.h_user_pk
    from dds.l_order_user as link
    inner join dds.s_order_user as held using (hk_order_user_pk)
    where link.h_order_pk in (select h_order_pk from hub) and held.end_dt = '4000-01-01'
),
restaurant_of as materialized (
    select link.h_order_pk, link.h_restaurant_pk
    from dds.l_order_restaurant as link
    inner join dds.s_order_restaurant as held using (hk_order_restaurant_pk)
    where link.h_order_pk in (select h_order_pk from hub) and held.end_dt = '4000-01-01'
)
select
    hub.h_order_pk,
    hub.order_id,
    users.username as user_name,
    restaurants.restaurantname as restaurant_name
from hub
inner join user_of using (h_order_pk)
inner join restaurant_of using (h_order_pk)
inner join dds.s_user_names as users
    on user_of.h_user_pk = users.h_user_pk and users.end_dt = '4000-01-01'
inner join dds.s_restaurant_names as restaurants
    on restaurant_of.h_restaurant_pk = restaurants.h_restaurant_pk
    and restaurants.end_dt = '4000-01-01'
"""

SELECT_USER = """
select hub.h_user_pk, current.user_id, current.user_name
from marts.current_users as current
inner join dds.h_user as hub using (user_id)
where current.user_id = %(key)s
"""

# The events of a key by their own time; `holds` is the one of several of a time that the satellites
# show. `times` may restrict them.
SELECT_EVENTS = """
select *
from (
    select
        typed.order_id,
        typed.event_dttm,
        typed.sent_dttm,
        events.position,
        events.loaded_at,
        events.kafka_partition,
        events.kafka_offset,
        coalesce(
            max(typed.event_dttm) over (
                order by events.position rows between unbounded preceding and 1 preceding
            ) > typed.event_dttm,
            false
        ) as is_late,
        row_number() over (
            partition by typed.event_dttm order by typed.sent_dttm desc, typed.event_id desc
        ) = 1 as holds
    from (
        select * from staging.stg_orders
        where {column} = %(key)s
        order by event_dttm desc
        limit 2000
    ) as typed
    inner join stg.order_events as events on typed.event_id = events.event_id
) as placed
where %(times)s::timestamp[] is null or event_dttm = any(%(times)s::timestamp[])
order by event_dttm, sent_dttm, position
"""

# Names are those of the time at which the version begins.
SELECT_ORDER_VERSIONS = """
with users_of as materialized (
    select link.h_user_pk, held.start_dt, held.end_dt
    from dds.l_order_user as link
    inner join dds.s_order_user as held using (hk_order_user_pk)
    where link.h_order_pk = %(key)s
)
select lane, label, note, start_dt, end_dt, false as is_counted
from (
    select 1 as rank, 'status' as lane, status as label, '' as note, start_dt, end_dt
    from dds.s_order_status
    where h_order_pk = %(key)s
    union all
    select
        2, 'cost', trim_scale(cost)::text,
        concat_ws(
            ', ',
            'paid ' || trim_scale(payment),
            'by bonus ' || trim_scale(nullif(bonus_payment, 0)),
            'bonus granted ' || trim_scale(nullif(bonus_grant, 0))
        ),
        start_dt, end_dt
    from dds.s_order_cost
    where h_order_pk = %(key)s
    union all
    select
        3, 'final status', coalesce(final_status, 'none'), 'ordered ' || order_dt,
        start_dt, end_dt
    from dds.s_order_details
    where h_order_pk = %(key)s
    union all
    select 4, 'user', names.username, users.user_id, held.start_dt, held.end_dt
    from users_of as held
    inner join dds.h_user as users using (h_user_pk)
    inner join dds.s_user_names as names
        on users.h_user_pk = names.h_user_pk
        and names.start_dt <= held.start_dt and names.end_dt > held.start_dt
    union all
    select
        5, 'restaurant', names.restaurantname, restaurants.restaurant_id,
        held.start_dt, held.end_dt
    from dds.l_order_restaurant as link
    inner join dds.s_order_restaurant as held using (hk_order_restaurant_pk)
    inner join dds.h_restaurant as restaurants using (h_restaurant_pk)
    inner join dds.s_restaurant_names as names
        on restaurants.h_restaurant_pk = names.h_restaurant_pk
        and names.start_dt <= held.start_dt and names.end_dt > held.start_dt
    where link.h_order_pk = %(key)s
    union all
    select
        6, named.productname, held.quantity || ' × ' || trim_scale(held.price), products.product_id,
        held.start_dt, held.end_dt
    from dds.l_order_product as link
    inner join dds.s_order_product as held using (hk_order_product_pk)
    inner join dds.h_product as products using (h_product_pk)
    inner join dds.s_product_names as named
        on products.h_product_pk = named.h_product_pk and named.end_dt = '4000-01-01'
    where link.h_order_pk = %(key)s
) as versions
order by rank, lane, start_dt
limit 500
"""

# `is_counted`: no event says so.
SELECT_USER_VERSIONS = """
with names as materialized (
    select *
    from dds.s_user_names
    where h_user_pk = %(key)s
    order by start_dt desc
    limit 30
),
links as materialized (
    select link.h_order_pk
    from dds.l_order_user as link
    inner join dds.s_order_user as held using (hk_order_user_pk)
    where link.h_user_pk = %(key)s and held.end_dt = '4000-01-01'
),
orders as materialized (
    select orders.order_dt from links inner join dds.h_order as orders using (h_order_pk)
)
select
    'name, login' as lane, concat_ws(', ', username, userlogin) as label, '' as note,
    start_dt, end_dt, false as is_counted
from names
union all
select 'ordered meanwhile', count(orders.order_dt)::text, '', names.start_dt, names.end_dt, true
from names
left join orders on orders.order_dt >= names.start_dt and orders.order_dt < names.end_dt
group by names.start_dt, names.end_dt
order by lane, start_dt
"""
