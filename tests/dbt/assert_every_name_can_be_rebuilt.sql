{% set vault = [
    ref('h_order'),
    ref('s_user_names'),
    ref('s_restaurant_names'),
    ref('s_product_names'),
    ref('s_product_category'),
] %}

with events as (

    select
        event_id,
        sent_dttm,
        payload -> 'payload' as document,
        coalesce({{ utc("payload #>> '{payload,update_ts}'") }}, sent_dttm) as event_dttm
    from {{ source('stg', 'order_events') }}
    where object_type = 'order' and position <= {{ loaded_to(ref('h_order')) }}

),

observed as (

    select
        'user' as kind,
        document #>> '{user,id}' as id,
        event_dttm,
        sent_dttm,
        event_id,
        array[document #>> '{user,name}', document #>> '{user,login}'] as shown
    from events
    union all
    select
        'restaurant' as kind,
        document #>> '{restaurant,id}' as id,
        event_dttm,
        sent_dttm,
        event_id,
        array[document #>> '{restaurant,name}'] as shown
    from events
    union all
    select
        'product' as kind,
        line.item ->> 'id' as id,
        events.event_dttm,
        events.sent_dttm,
        events.event_id,
        array[
            max(line.item ->> 'name' collate "C"), -- noqa: RF02
            max(line.item ->> 'category' collate "C") -- noqa: RF02
        ] as shown
    from events
    cross join lateral jsonb_array_elements(events.document -> 'order_items') as line (item)
    group by events.event_dttm, events.sent_dttm, events.event_id, line.item ->> 'id'

),

sent as (

    select distinct on (kind, id, event_dttm) *
    from observed
    order by kind asc, id asc, event_dttm asc, sent_dttm desc, event_id desc

),

known as (

    select
        'user' as kind,
        hub.user_id as id,
        names.start_dt,
        names.end_dt,
        array[names.username, names.userlogin] as shown
    from {{ ref('s_user_names') }} as names
    inner join {{ ref('h_user') }} as hub
        on names.h_user_pk = hub.h_user_pk
    union all
    select
        'restaurant' as kind,
        hub.restaurant_id as id,
        names.start_dt,
        names.end_dt,
        array[names.restaurantname] as shown
    from {{ ref('s_restaurant_names') }} as names
    inner join {{ ref('h_restaurant') }} as hub
        on names.h_restaurant_pk = hub.h_restaurant_pk
    union all
    select
        'product' as kind,
        hub.product_id as id,
        greatest(names.start_dt, in_effect.start_dt) as start_dt,
        least(names.end_dt, in_effect.end_dt) as end_dt,
        array[names.productname, categories.category_name] as shown
    from {{ ref('s_product_names') }} as names
    inner join {{ ref('h_product') }} as hub
        on names.h_product_pk = hub.h_product_pk
    inner join {{ ref('l_product_category') }} as product_category
        on hub.h_product_pk = product_category.h_product_pk
    inner join {{ ref('s_product_category') }} as in_effect
        on
            product_category.hk_product_category_pk = in_effect.hk_product_category_pk
            and names.start_dt < in_effect.end_dt
            and names.end_dt > in_effect.start_dt
    inner join {{ ref('h_category') }} as categories
        on product_category.h_category_pk = categories.h_category_pk

)

select
    sent.*,
    known.shown as rebuilt
from sent
left join known
    on
        sent.kind = known.kind
        and sent.id = known.id
        and sent.event_dttm >= known.start_dt
        and sent.event_dttm < known.end_dt
where
    sent.shown is distinct from known.shown
    and {{ have_loaded_the_same(vault) }}
