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
        event_no            position of the event
        load_dt, load_src   of the event

    Effectivity satellites hang on a link and follow a driving key:
        meta.driving_key    a further column of the select: one of the link's two hub keys. An event
                            shows all that the driving key is linked to at that time, so what it no
                            longer shows ends. An event that shows nothing lists one row with a null
                            parent.
        meta.link           the link's name; it must have loaded the window (`depends_on`)
        meta.whole_set      true where a driving key has several links at a time
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
    {{ timeline_versions(strategy, "observations where " ~ up_to_window('event_no')) }}
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
    {% if is_rebuilt() %}
        stored as (select * from {{ target_relation }}),
        {{ timeline_versions(strategy, "observations where " ~ up_to_window('event_no')) }},
    {% else %}
        {{ timeline_candidates(strategy, target_relation) }},
        {{ timeline_versions(
            strategy,
            "candidates inner join observations using (scope, observed_at) where " ~ up_to_window('event_no')
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

{#-
    CTEs `stored`, the present rows of the scopes that were observed again, and `candidates`, the
    times at which these scopes' timelines may have a version start or end: those of the new
    observations, of the observation that follows each (it may have been a repeat until now), and of
    the stored rows. Any other observation repeats the one before it and goes on doing so.
-#}
{% macro timeline_candidates(strategy, target_relation) %}
    {% set columns = config.get('snapshot_table_column_names') %}
    touched as materialized (

        select distinct
            observations.scope,
            observations.observed_at
        from observations
        where {{ in_window('observations.event_no') }}
        {%- if not strategy.whole_set %}
            -- Inside a version that says the same, an observation changes nothing. Most are such.
            and not exists (
                select 1
                from {{ target_relation }} as version
                where
                    version.{{ strategy.unique_key }} = observations.{{ strategy.unique_key }}
                    and version.{{ columns.dbt_valid_from }} < observations.observed_at
                    and version.{{ columns.dbt_valid_to }} > observations.observed_at
                    {%- for attribute in strategy.attributes %}
                    and version.{{ attribute }} is not distinct from observations.{{ attribute }}
                    {%- endfor %}
            )
        {%- endif %}

    ),

    stored as materialized (

        select
            {% if strategy.link is none %}version.{{ strategy.unique_key }}{% else %}link.{{ strategy.scope }}{% endif %} as scope,
            version.*
        from {{ target_relation }} as version
        {%- if strategy.link is not none %}
        inner join {{ strategy.link }} as link using ({{ strategy.unique_key }})
        where link.{{ strategy.scope }} in (select touched.scope from touched)
        {%- else %}
        where version.{{ strategy.unique_key }} in (select touched.scope from touched)
        {%- endif %}

    ),

    candidates as materialized (

        select
            scope,
            observed_at
        from touched
        union
        select
            touched.scope,
            following.observed_at
        from touched
        cross join lateral (
            select observations.observed_at
            from observations
            where
                observations.scope = touched.scope
                and observations.observed_at > touched.observed_at
                and {{ up_to_window('observations.event_no') }}
            order by observations.observed_at
            limit 1
        ) as following
        union
        select
            scope,
            {{ columns.dbt_valid_from }}
        from stored
        union
        select
            scope,
            {{ columns.dbt_valid_to }}
        from stored
        where {{ columns.dbt_valid_to }} < {{ config.get('dbt_valid_to_current') }}

    )
{% endmacro %}

{#- CTEs that end in `versions`, the timelines of the observations in `observed` (a from clause). -#}
{% macro timeline_versions(strategy, observed) %}
    {% set columns = config.get('snapshot_table_column_names') %}
    {% set parent = strategy.unique_key %}
    ranked as (

        select
            *,
            rank() over (
                partition by scope, observed_at
                order by {{ strategy.precedence | join(" desc, ") }} desc
            ) as place
        from {{ observed }}

    ),

    -- What a scope shows at a time: one row for each parent, or one without a parent.
    effective as (

        select distinct on (scope, observed_at, {{ parent }}) *
        from ranked
        where place = 1
        order by scope, observed_at, {{ parent }}, load_dt, load_src

    ),

    shown as (

        select
            *,
            coalesce(
                min(observed_at) over (
                    partition by scope order by observed_at
                    groups between 1 following and 1 following
                ),
                {{ config.get('dbt_valid_to_current') }}
            ) as shown_until
        from effective

    ),

    compared as (

        select
            *,
            coalesce(
                lag(shown_until) over in_order = observed_at
                {%- for attribute in strategy.attributes %}
                and lag({{ attribute }}) over in_order is not distinct from {{ attribute }}
                {%- endfor %},
                false
            ) as continues
        from shown
        where {{ parent }} is not null
        window in_order as (partition by {{ parent }} order by observed_at)

    ),

    paired as (

        select
            *,
            coalesce(lead(continues) over (partition by {{ parent }} order by observed_at), false) as is_continued
        from compared

    ),

    -- Of a run of equal observations the first one gives the version its start, the last one its end.
    bounds as (

        select
            *,
            case
                when is_continued then lead(shown_until) over (partition by {{ parent }} order by observed_at)
                else shown_until
            end as ends
        from paired
        where not continues or not is_continued

    ),

    versions as (

        select
            {{ satellite_key(parent, 'observed_at') }} as {{ columns.dbt_scd_id }},
            {{ parent }},
            {%- for attribute in strategy.attributes %}
            {{ attribute }},
            {%- endfor %}
            observed_at as {{ columns.dbt_valid_from }},
            ends as {{ columns.dbt_valid_to }},
            load_dt as {{ columns.dbt_updated_at }},
            load_src
        from bounds
        where not continues

    )
{% endmacro %}
