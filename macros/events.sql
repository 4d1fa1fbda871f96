{#-
    SQL: the events of this model's window, with their positions. An event that is read again
    (stg.event_reloads) has its last position, not the one it was stored with.
-#}
{% macro window_events(order_events, event_reloads) %}
    select
        position,
        event_id,
        object_id,
        sent_dttm,
        payload -> 'payload' as document,
        loaded_at as load_dt,
        kafka_topic as load_src
    from {{ order_events }}
    where
        {{ in_window('position') }}
        and event_id not in (select event_id from {{ event_reloads }} where {{ up_to_window('position') }})
    union all
    select
        reloads.position,
        events.event_id,
        events.object_id,
        events.sent_dttm,
        events.payload -> 'payload' as document,
        events.loaded_at as load_dt,
        events.kafka_topic as load_src
    from (
        select
            event_id,
            max(position) as position
        from {{ event_reloads }}
        where {{ in_window('position') }}
        group by event_id
    ) as reloads
    inner join {{ order_events }} as events
        on reloads.event_id = events.event_id
{% endmacro %}

{#-
    The incremental strategy `events`: append what the window brought; what it brought again
    replaces what was there.
-#}
{% macro get_incremental_events_sql(arg_dict) %}
    delete from {{ arg_dict.target_relation }}
    where event_id in (
        select event_id
        from {{ source('stg', 'event_reloads') }}
        where {{ in_window('position') }}
    );
    {{ get_insert_into_sql(arg_dict.target_relation, arg_dict.temp_relation, arg_dict.dest_columns) }}
{% endmacro %}
