{#-
    Candidates are the times of the new observations, of the observation that follows each (it may
    have been a repeat until now), and of the stored rows. Any other observation repeats the one before
    it and goes on doing so.

    A scope that nothing was seen of before has no stored rows, and all its observations are in the window: they are taken as they are.

    Unless `ingest repair` has events read again: then the stored rows may be wrong, so they excuse
    no observation, and all observations of the scopes are candidates.
-#}
{% macro timeline_candidates(satellite, target_relation, repairs) %}
    {{ scopes_of_window(satellite, repairs) }}

    touched as materialized (

        select distinct
            shown.scope,
            shown.observed_at
        from (
            select distinct {{ (['scope', 'observed_at'] + ([] if satellite.whole_set else [satellite.parent] + satellite.attributes)) | join(", ") }}
            from seen
            {%- if takes_first_seen(repairs) %}
            where scope not in (select first_seen.scope from first_seen)
            {%- endif %}
        ) as shown
        {%- if not satellite.whole_set and not repairs and not is_distributed() %}
        -- Inside a version that says the same, an observation changes nothing. Most are such.
        where not exists (
            select 1
            from (select) as always
            {{ version_at(target_relation, 'version', satellite.parent, "shown." ~ satellite.parent, moment="shown.observed_at") }}
            where
                version.start_dt < shown.observed_at
                {%- for attribute in satellite.attributes %}
                and version.{{ attribute }} is not distinct from shown.{{ attribute }}
                {%- endfor %}
        )
        {%- endif %}

    ),

    stored as materialized (

        select
            scopes.scope,
            version.*
        from (select distinct touched.scope from touched) as scopes
        {%- if satellite.link is not none %}
        {{ looked_up(satellite.link, 'link', satellite.scope, "scopes.scope") }}
        {%- endif %}
        {{ looked_up(
            target_relation, 'version',
            satellite.parent, "scopes.scope" if satellite.link is none else "link." ~ satellite.parent
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
        {{ following_observations(satellite) }}
        {%- endif %}
        union
        select
            scope,
            start_dt
        from stored
        union
        select
            scope,
            end_dt
        from stored
        where end_dt < {{ open_end() }}

    )
{% endmacro %}

{% macro takes_first_seen(repairs) %}
    {{ return(not repairs and not is_distributed()) }}
{% endmacro %}

{#- Asked by a scalar sub-select, in the order of the index along the timelines: an anti-join might read the whole history, and so might a
    search that expects one of few keys soon. -#}
{% macro scopes_of_window(satellite, repairs) %}
    {% set scope = satellite.scope if satellite.times else 'scope' %}
    {% set observed_at = satellite.observed_at if satellite.times else 'observed_at' %}
    seen as materialized (

        select *
        from observations
        where {{ in_window('observations.position') }}

    ),
    {%- if takes_first_seen(repairs) %}

    first_seen as materialized (

        select scopes.scope
        from (select distinct seen.scope from seen) as scopes
        where (
            select true
            from {{ satellite.times or 'observations' }} as times
            where
                times.{{ scope }} = scopes.scope
                and times.position <= ({{ window_bound('window_from') }})
            order by times.{{ observed_at }}
            limit 1
        ) is null

    ),
    {%- endif %}
{% endmacro %}

{#- With Citus, which takes no lateral join here, all those up to the next time that is a candidate anyway. -#}
{% macro following_observations(satellite) %}
    {% set scope = satellite.scope if satellite.times else 'scope' %}
    {% set observed_at = satellite.observed_at if satellite.times else 'observed_at' %}
    {%- if is_distributed() %}
        select
            bounded.scope,
            min(observations.observed_at) as observed_at
        from (
            select
                scope,
                observed_at,
                lead(observed_at, 1, 'infinity') over (partition by scope order by observed_at) as next_touched
            from touched
        ) as bounded
        inner join observations
            on
                bounded.scope = observations.scope
                and bounded.observed_at < observations.observed_at
                and bounded.next_touched >= observations.observed_at
        where {{ up_to_window('observations.position') }}
        group by
            bounded.scope,
            bounded.observed_at
    {%- else %}
        select
            touched.scope,
            following.observed_at
        from touched
        cross join lateral (
            select next_one.observed_at
            from (
                select
                    times.{{ scope }} as scope,
                    times.{{ observed_at }} as observed_at
                from {{ satellite.times or 'observations' }} as times
                where
                    (times.{{ scope }}, times.{{ observed_at }}) > (touched.scope, touched.observed_at)
                    and {{ up_to_window('times.position') }}
                order by times.{{ scope }}, times.{{ observed_at }}
                limit 1
            ) as next_one
            where next_one.scope = touched.scope
        ) as following
    {%- endif %}
{% endmacro %}
