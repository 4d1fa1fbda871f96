{% macro timeline_versions(satellite, observed) %}
    {% set parent = satellite.parent %}
    {% set scope = parent if satellite.scope == parent else 'scope' %}
    {% if satellite.whole_set %}
    ranked as (

        select
            *,
            rank() over (
                partition by scope, observed_at
                order by {{ satellite.precedence | join(" desc, ") }} desc
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
                {{ open_end() }}
            ) as shown_until
        from effective

    ),
    {% else %}
    effective as (

        select distinct on ({{ scope }}, observed_at) *
        from {{ observed }}
        order by {{ scope }}, observed_at, {{ satellite.precedence | join(" desc, ") }} desc, load_dt, load_src

    ),

    shown as (

        select
            *,
            coalesce(lead(observed_at) over (partition by {{ scope }} order by observed_at), {{ open_end() }}) as shown_until
        from effective

    ),
    {% endif %}

    compared as (

        select
            *,
            coalesce(
                lag(shown_until) over in_order = observed_at
                {%- for attribute in satellite.attributes %}
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
            {{ satellite_key(parent, 'observed_at') }} as {{ satellite.pk }},
            {{ parent }},
            {%- for attribute in satellite.attributes %}
            {{ attribute }},
            {%- endfor %}
            observed_at as start_dt,
            ends as end_dt,
            load_dt,
            load_src
        from bounds
        where not continues

    )
{% endmacro %}
