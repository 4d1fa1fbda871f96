{{ config(
    indexes=[
        {'columns': ['event_no']},
        {'columns': ['event_id']},
        {'columns': ['h_order_pk', 'status_dttm']},
    ],
) }}

with events as (

    select
        event_no,
        event_id,
        {{ hub_key('object_id') }} as h_order_pk,
        payload -> 'payload' -> 'statuses' as statuses,
        loaded_at as load_dt,
        load_src
    from {{ source('stg', 'order_events') }}
    where {{ in_window('event_no') }}

),

final as (

    select distinct
        events.event_no,
        events.event_id,
        events.h_order_pk,
        line.entry ->> 'status' as status,
        {{ utc("line.entry ->> 'dttm'") }} as status_dttm,
        events.load_dt,
        events.load_src
    from events
    cross join lateral jsonb_array_elements(events.statuses) as line (entry)

)

select * from final
