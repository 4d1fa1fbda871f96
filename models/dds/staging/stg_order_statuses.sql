{{ config(
    indexes=[
        {'columns': ['position']},
        {'columns': ['h_order_pk', 'status_dttm']},
    ],
    meta={'distributed_by': 'h_order_pk'},
) }}

with events as (

    {{ window_events(source('stg', 'order_events'), source('stg', 'event_reloads'), 'order') }}

),

-- The key is computed once, and not for each status.
orders as (

    select
        position,
        event_id,
        document -> 'statuses' as statuses,
        {{ hub_key('object_id') }} as h_order_pk,
        load_dt,
        load_src
    from events
    {{ computed_once() }} -- noqa: AM09

),

final as (

    select
        orders.position,
        orders.event_id,
        orders.h_order_pk,
        entries.status,
        entries.status_dttm,
        orders.load_dt,
        orders.load_src
    from orders
    cross join lateral (
        select distinct
            line.entry ->> 'status' as status,
            {{ utc("line.entry ->> 'dttm'") }} as status_dttm
        from jsonb_array_elements(orders.statuses) as line (entry)
    ) as entries

)

select * from final
