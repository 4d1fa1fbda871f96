{{ config(
    indexes=[
        {'columns': ['position']},
        {'columns': ['event_id']},
        {'columns': ['h_order_pk', 'status_dttm']},
    ],
    meta={'distributed_by': 'h_order_pk'},
) }}

with events as (

    {{ window_events(source('stg', 'order_events'), source('stg', 'event_reloads'), 'order') }}

),

final as (

    select
        events.position,
        events.event_id,
        {{ hub_key('events.object_id') }} as h_order_pk,
        entries.status,
        entries.status_dttm,
        events.load_dt,
        events.load_src
    from events
    cross join lateral (
        select distinct
            line.entry ->> 'status' as status,
            {{ utc("line.entry ->> 'dttm'") }} as status_dttm
        from jsonb_array_elements(events.document -> 'statuses') as line (entry)
    ) as entries

)

select * from final
