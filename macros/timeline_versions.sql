{#-
    A scope shows its observations one after the other, so a version ends where the next one starts. Where it shows several parents at a
    time, each of them may go on beside the others, or end.
-#}
{% macro timeline_versions(satellite, observed) %}
    {% if satellite.whole_set %}
    {{ versions_of_sets(satellite, observed) }}
    {% else %}
    {{ versions_of_one(satellite, observed) }}
    {% endif %}
{% endmacro %}

{% macro versions_of_one(satellite, observed) %}
    {% set parent = satellite.parent %}
    {% set scope = parent if satellite.scope == parent else 'scope' %}
    effective as (

        select distinct on ({{ scope }}, observed_at) *
        from {{ observed }}
        order by {{ scope }}, observed_at, {{ satellite.precedence | join(" desc, ") }} desc, load_dt, load_src

    ),

    compared as (

        select
            *,
            row_number() over in_order > 1
            {%- for shown in satellite.attributes + ([parent] if scope != parent else []) %}
            and lag({{ shown }}) over in_order is not distinct from {{ shown }}
            {%- endfor %} as continues
        from effective
        window in_order as (partition by {{ scope }} order by observed_at)

    ),

    starts as (

        select
            *,
            coalesce(lead(observed_at) over (partition by {{ scope }} order by observed_at), {{ open_end() }}) as ends
        from compared
        where not continues

    ),

    {{ versions_from(satellite, "starts", parent ~ " is not null") }}
{% endmacro %}

{% macro versions_of_sets(satellite, observed) %}
    {% set parent = satellite.parent %}
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

    compared as (

        select
            *,
            coalesce(
                lag(shown_until) over in_order = observed_at
                {%- for attribute in satellite.attributes %}
                and lag({{ attribute }}) over in_order is not distinct from {{ attribute }}
                {%- endfor %},
                false
            ) as continues,
            coalesce(
                lead(observed_at) over in_order = shown_until
                {%- for attribute in satellite.attributes %}
                and lead({{ attribute }}) over in_order is not distinct from {{ attribute }}
                {%- endfor %},
                false
            ) as is_continued
        from shown
        where {{ parent }} is not null
        window in_order as (partition by {{ parent }} order by observed_at)

    ),

    -- Of a run of equal observations the first one gives the version its start, the last one its end.
    bounds as (

        select
            *,
            case
                when is_continued then lead(shown_until) over (partition by {{ parent }} order by observed_at)
                else shown_until
            end as ends
        from compared
        where not continues or not is_continued

    ),

    {{ versions_from(satellite, "bounds", "not continues") }}
{% endmacro %}

{% macro versions_from(satellite, starts, condition) %}
    versions as (

        select
            {{ satellite_key(satellite.parent, 'observed_at') }} as {{ satellite.pk }},
            {{ satellite.parent }},
            {%- for attribute in satellite.attributes %}
            {{ attribute }},
            {%- endfor %}
            observed_at as start_dt,
            ends as end_dt,
            load_dt,
            load_src
        from {{ starts }}
        where {{ condition }}

    )
{% endmacro %}
