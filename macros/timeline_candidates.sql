{#-
    CTEs `stored`, the present rows of the scopes that were observed again, and `candidates`, the
    times at which these scopes' timelines may have a version start or end: those of the new
    observations, of the observation that follows each (it may have been a repeat until now), and of
    the stored rows. Any other observation repeats the one before it and goes on doing so.

    Unless `ingest repair` has events read again: then the stored rows may be wrong, so they excuse
    no observation, and all observations of the scopes are candidates.
-#}
{% macro timeline_candidates(strategy, target_relation) %}
    {% set columns = config.get('snapshot_table_column_names') %}
    {% set repairs = has_reloads() %}
    touched as materialized (

        select distinct
            observations.scope,
            observations.observed_at
        from observations
        where {{ in_window('observations.position') }}
        {%- if not strategy.whole_set and not repairs %}
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
            scopes.scope,
            version.*
        from (select distinct touched.scope from touched) as scopes
        {%- if strategy.link is not none %}
        {{ looked_up(strategy.link, 'link', "found." ~ strategy.scope ~ " = scopes.scope") }}
        {%- endif %}
        {{ looked_up(
            target_relation, 'version',
            "found." ~ strategy.unique_key ~ " = " ~ ("scopes.scope" if strategy.link is none else "link." ~ strategy.unique_key)
        ) }}

    ),

    candidates as materialized (

        select
            scope,
            observed_at
        from touched
        {%- if repairs %}
        union
        select
            observations.scope,
            observations.observed_at
        from observations
        where
            observations.scope in (select touched.scope from touched)
            and {{ up_to_window('observations.position') }}
        {%- else %}
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
                and {{ up_to_window('observations.position') }}
            order by observations.observed_at
            limit 1
        ) as following
        {%- endif %}
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
