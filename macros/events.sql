{#-
    An event that is read again (stg.event_reloads) has its last position, not the one it was stored with.

    With the variable `as_known_at`, of a trial build: only what had been loaded by then (UTC).
-#}
{% macro window_events(order_events, event_reloads, object_type) %}
    {% set as_known_at = var('as_known_at', '') %}
    select
        position,
        event_id,
        object_id,
        sent_dttm,
        payload -> 'payload' as document,
        loaded_at as load_dt,
        kafka_topic as load_src
    from {{ order_events }} as events
    where
        {{ in_window('position') }}
        and object_type = '{{ object_type }}'
        and not exists (
            select from {{ event_reloads }} as reloads
            where reloads.event_id = events.event_id and {{ in_window('reloads.position') }}
        )
        {%- if as_known_at %}
        and loaded_at <= timestamp '{{ as_known_at }}'
        {%- endif %}
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
    where
        events.object_type = '{{ object_type }}'
        {%- if as_known_at %}
        and events.loaded_at <= timestamp '{{ as_known_at }}'
        {%- endif %}
{% endmacro %}
