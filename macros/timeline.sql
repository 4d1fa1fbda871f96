{#-
    The snapshot strategy `timeline`: a satellite as a function of the events.

    dbt's own strategies compare the newest state of a key with the stored one, so they keep one
    change a run, in the order of arrival. Here the snapshot's select lists *observations*: what an
    event shows of a key at a time. The timeline of a key is its observations in the order of time,
    without those that repeat the one before; a version holds from its observation to the next one,
    [start_dt, end_dt).

    The select returns
        <unique_key>        the parent: a hub's or link's key
        <check_cols>        the attributes, may be none
        observed_at         timestamp
        <meta.precedence>   which of several observations at one time holds: the greatest, compared
                            column by column; sent_dttm and event_id by default
        position            position of the event
        load_dt, load_src   of the event

    Effectivity satellites hang on a link and follow a driving key:
        meta.driving_key    a further column of the select: one of the link's two hub keys. An event
                            shows all that the driving key is linked to at that time, so what it no
                            longer shows ends. An event that shows nothing lists one row with a null
                            parent.
        meta.link           the link's name; it must have loaded the window (`depends_on`)
        meta.whole_set      true where a driving key has several links at a time

    This file is what dbt calls; timeline_candidates.sql says which observations an increment needs,
    timeline_versions.sql makes versions of them. docs/history.md draws it.
-#}
{% macro snapshot_timeline_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
    {% set meta = config.get('meta', {}) %}
    {% set parent_pk = config.get('unique_key') %}
    {% do return({
        'unique_key': parent_pk,
        'attributes': config.get('check_cols') or [],
        'precedence': meta.get('precedence', ['sent_dttm', 'event_id']),
        'scope': meta.get('driving_key', parent_pk),
        'link': ref(meta['link']) if 'driving_key' in meta else none,
        'whole_set': meta.get('whole_set', false),
    }) %}
{% endmacro %}

{#- SQL for the rows of a satellite that does not exist yet. -#}
{% macro postgres__build_snapshot_table(strategy, sql) %}
    {% if config.get('strategy') != 'timeline' %}
        {{ return(dbt.default__build_snapshot_table(strategy, sql)) }}
    {% endif %}
    with {{ timeline_observations(strategy, sql) }},
    {{ timeline_versions(strategy, "observations where " ~ up_to_window('position')) }}
    select * from versions
{% endmacro %}

{#- SQL for the rows to insert, update and delete in a satellite that exists. -#}
{% macro postgres__snapshot_staging_table(strategy, source_sql, target_relation) %}
    {% if config.get('strategy') != 'timeline' %}
        {{ return(dbt.default__snapshot_staging_table(strategy, source_sql, target_relation)) }}
    {% endif %}
    {% set columns = config.get('snapshot_table_column_names') %}
    {% set compared = strategy.attributes + ['load_src', columns.dbt_updated_at, columns.dbt_valid_to] %}
    with {{ timeline_observations(strategy, source_sql) }},
    {% if is_reread() %}
        stored as (select * from {{ target_relation }}),
        {{ timeline_versions(strategy, "observations where " ~ up_to_window('position')) }},
    {% else %}
        {{ timeline_candidates(strategy, target_relation) }},
        {{ timeline_versions(
            strategy,
            "(select seen.* from candidates " ~ looked_up(
                'observations', 'seen',
                "found.scope = candidates.scope and found.observed_at = candidates.observed_at and " ~ up_to_window('found.position')
            ) ~ ") as observed"
        ) }},
    {% endif %}
    changes as (

        select
            case
                when stored.{{ columns.dbt_scd_id }} is null then 'insert'
                when versions.{{ columns.dbt_scd_id }} is null then 'delete'
                else 'update'
            end as dbt_change_type,
            coalesce(versions.{{ columns.dbt_scd_id }}, stored.{{ columns.dbt_scd_id }}) as {{ columns.dbt_scd_id }},
            {%- for column in [strategy.unique_key, columns.dbt_valid_from] + compared %}
            versions.{{ column }}{{ "," if not loop.last }}
            {%- endfor %}
        from versions
        full join stored
            on versions.{{ columns.dbt_scd_id }} = stored.{{ columns.dbt_scd_id }}
        where
            (versions.{{ compared | join(", versions.") }})
            is distinct from (stored.{{ compared | join(", stored.") }})

    )
    select * from changes
{% endmacro %}

{#- SQL that carries out what postgres__snapshot_staging_table found. -#}
{% macro postgres__snapshot_merge_sql(target, source, insert_cols) %}
    {% if config.get('strategy') != 'timeline' %}
        {{ return(dbt.postgres__snapshot_merge_sql(target, source, insert_cols)) }}
    {% endif %}
    {% set columns = config.get('snapshot_table_column_names') %}
    merge into {{ target }} as version
    using {{ source }} as change
        on version.{{ columns.dbt_scd_id }} = change.{{ columns.dbt_scd_id }}
    when matched and change.dbt_change_type = 'delete' then delete
    when matched then update set
        {%- for column in insert_cols %}
        {{ column }} = change.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    when not matched and change.dbt_change_type = 'insert' then insert ({{ insert_cols | join(", ") }})
        values (change.{{ insert_cols | join(", change.") }});
{% endmacro %}

{#- CTE `observations`: the snapshot's select with its scope, the key that an event shows as a whole. -#}
{% macro timeline_observations(strategy, sql) %}
    observations as not materialized (
        select
            {{ strategy.scope }} as scope,
            shown.*
        from ({{ sql }}) as shown
    )
{% endmacro %}
