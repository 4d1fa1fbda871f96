"""What stories.py asks the vault. All of it is bounded."""

# Orders of the latest events to which most happened: a late event that was news, another price,
# items that came and went. Long lives do not fit a page.
CHOOSE_ORDER = """
with recent as (
    select distinct h_order_pk, order_id
    from (
        select h_order_pk, order_id from staging.stg_orders order by position desc limit 5000
    ) as latest
)
select recent.order_id
from recent
cross join lateral (
    select
        count(*) as events,
        count(*) filter (where newest > event_dttm and at_once = 1) as late
    from (
        select
            event_dttm,
            count(*) over (partition by event_dttm) as at_once,
            max(event_dttm) over (
                order by position rows between unbounded preceding and 1 preceding
            ) as newest
        from staging.stg_orders
        where h_order_pk = recent.h_order_pk
    ) as placed
) as arrived
cross join lateral (
    select count(*) as versions from dds.s_order_cost where h_order_pk = recent.h_order_pk
) as costs
cross join lateral (
    select count(*) filter (where held.end_dt < '4000-01-01') as ended
    from dds.l_order_product as link
    inner join dds.s_order_product as held using (hk_order_product_pk)
    where link.h_order_pk = recent.h_order_pk
) as items
where arrived.events <= 12
order by
    least(arrived.late, 1) * 3 + least(costs.versions, 3) + least(items.ended, 2) desc,
    recent.order_id
limit 1
"""

CHOOSE_USER = """
with recent as (
    select distinct h_user_pk
    from (
        select h_user_pk from staging.stg_orders order by position desc limit 5000
    ) as latest
)
select users.user_id
from recent
cross join lateral (
    select count(*) as versions from dds.s_user_names where h_user_pk = recent.h_user_pk
) as names
inner join dds.h_user as users using (h_user_pk)
order by names.versions desc, users.user_id
limit 1
"""

SELECT_ORDER = """
select hub.h_order_pk, current.order_id, current.user_name, current.restaurant_name
from marts.current_orders as current
inner join dds.h_order as hub using (order_id)
where current.order_id = %(key)s
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
    from dds.l_order_user as link
    inner join dds.s_order_user as held using (hk_order_user_pk)
    inner join dds.h_user as users using (h_user_pk)
    inner join dds.s_user_names as names
        on users.h_user_pk = names.h_user_pk
        and names.start_dt <= held.start_dt and names.end_dt > held.start_dt
    where link.h_order_pk = %(key)s
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
select lane, label, note, start_dt, end_dt, is_counted
from (
    select
        'name, login' as lane, concat_ws(', ', username, userlogin) as label, '' as note,
        start_dt, end_dt, false as is_counted
    from dds.s_user_names
    where h_user_pk = %(key)s
    union all
    select
        'ordered meanwhile',
        (
            select count(*)
            from dds.l_order_user as link
            inner join dds.s_order_user as held using (hk_order_user_pk)
            inner join dds.h_order as orders using (h_order_pk)
            where
                link.h_user_pk = names.h_user_pk
                and held.end_dt = '4000-01-01'
                and orders.order_dt >= names.start_dt and orders.order_dt < names.end_dt
        )::text,
        '',
        start_dt, end_dt, true
    from dds.s_user_names as names
    where h_user_pk = %(key)s
    order by start_dt desc
    limit 60
) as versions
order by lane, start_dt
"""
