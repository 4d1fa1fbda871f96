{#-
    SQL: the events of this model's window, with their positions. An event that is read again
    (stg.event_reloads) has its last position, not the one it was stored with.

    With the variable `as_known_at`, of a trial build: only what had been loaded by then (UTC).
-#}
{% macro window_events(order_events, event_reloads) %}
    {% set as_known_at = var('as_known_at', '') %}
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
        and event_id not in (select event_id from {{ event_reloads }} where {{ in_window('position') }})
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
    {%- if as_known_at %}
    where events.loaded_at <= timestamp '{{ as_known_at }}'
    {%- endif %}
{% endmacro %}

{#-
    The incremental strategy `events`: append what the window brought; what it brought again
    replaces what was there.
-#}
{% macro get_incremental_events_sql(arg_dict) %}
    delete from {{ arg_dict.target_relation }}
    {%- if not is_reread() %}
    where event_id = any (array(
        select event_id
        from {{ source('stg', 'event_reloads') }}
        where {{ in_window('position') }}
    ))
    {%- endif %};
    {{ get_insert_into_sql(arg_dict.target_relation, arg_dict.temp_relation, arg_dict.dest_columns) }}
{% endmacro %}

{#- Whether `ingest repair` or `ingest recover` has events read again in this window. -#}
{% macro has_reloads() %}
    {% if not execute %}
        {{ return(false) }}
    {% endif %}
    {{ return(run_query(
        "select exists (select from stg.event_reloads where " ~ in_window('position') ~ ")"
    ).columns[0].values()[0]) }}
{% endmacro %}
