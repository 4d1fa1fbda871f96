{{ config(
    indexes=[
        {'columns': ['position']},
        {'columns': ['h_order_pk', 'event_dttm']},
        {'columns': ['h_user_pk', 'event_dttm']},
        {'columns': ['h_restaurant_pk', 'event_dttm']},
    ],
    meta={'distributed_by': 'h_order_pk'},
) }}

with events as (

    {{ window_events(source('stg', 'order_events'), source('stg', 'event_reloads'), 'order') }}

),

typed as (

    select
        position,
        event_id,
        coalesce({{ utc("document ->> 'update_ts'") }}, sent_dttm) as event_dttm,
        sent_dttm,
        object_id as order_id,
        {{ utc("document ->> 'date'") }} as order_dt,
        document ->> 'final_status' as final_status,
        (document ->> 'cost')::numeric(19, 5) as cost,
        (document ->> 'payment')::numeric(19, 5) as payment,
        (document ->> 'bonus_payment')::numeric(19, 5) as bonus_payment,
        (document ->> 'bonus_grant')::numeric(19, 5) as bonus_grant,
        document -> 'user' ->> 'id' as user_id,
        document -> 'user' ->> 'name' as username,
        document -> 'user' ->> 'login' as userlogin,
        document -> 'restaurant' ->> 'id' as restaurant_id,
        document -> 'restaurant' ->> 'name' as restaurantname,
        load_dt,
        load_src
    from events

),

hub_keys as (

    select
        *,
        {{ hub_key('order_id') }} as h_order_pk,
        {{ hub_key('user_id') }} as h_user_pk,
        {{ hub_key('restaurant_id') }} as h_restaurant_pk
    from typed
    {{ computed_once() }} -- noqa: AM09

),

final as (

    select
        *,
        {{ link_key('h_order_pk', 'h_user_pk') }} as hk_order_user_pk,
        {{ link_key('h_order_pk', 'h_restaurant_pk') }} as hk_order_restaurant_pk
    from hub_keys

)

select * from final
