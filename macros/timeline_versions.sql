{#-
    A scope shows its observations one after the other, so a version ends where the next one starts. Where it shows several parents at a
    time, each of them may go on beside the others, or end.
-#}
{% macro timeline_versions(satellite, observed, sql) %}
    {% if satellite.whole_set %}
    {{ versions_of_sets(satellite, observed, sql) }}
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

    {{ versions_from(satellite, "starts where " ~ parent ~ " is not null") }}
{% endmacro %}

{% macro versions_of_sets(satellite, observed, sql) %}
    {% set parent = satellite.parent %}
    -- An event holds until the next one of its scope; of several at a time one does.
    held as {{ step() }}(

        select
            event_id,
            observed_at,
            coalesce(lead(observed_at) over (partition by scope order by observed_at), {{ open_end() }}) as shown_until
        from (
            select distinct on (scope, observed_at) *
            from {{ observed }}
            order by scope, observed_at, {{ satellite.precedence | join(" desc, ") }} desc
        ) as effective

    ),

    shown as {{ step() }}(

        select
            held.observed_at,
            held.shown_until,
            contents.{{ ([parent] + satellite.attributes + ['load_dt', 'load_src']) | join(", contents.") }}
        from held
        {{ looked_up("(" ~ sql ~ ")", 'contents', 'event_id', 'held.event_id') }}

    ),

    compared as (

        select
            *,
            lag(shown_until) over in_order as previous_until,
            coalesce(
                lag(shown_until) over in_order = observed_at
                {%- for attribute in satellite.attributes %}
                and lag({{ attribute }}) over in_order is not distinct from {{ attribute }}
                {%- endfor %},
                false
            ) as continues,
            lead(observed_at) over in_order is null as is_last
        from shown
        window in_order as (partition by {{ parent }} order by observed_at)

    ),

    -- A version ends with the observation before the next version, or with the last of all.
    bounds as (

        select
            *,
            coalesce(
                lead(case when continues then shown_until else previous_until end)
                    over (partition by {{ parent }} order by observed_at),
                shown_until
            ) as ends
        from compared
        where not continues or is_last

    ),

    {{ versions_from(satellite, "bounds where not continues") }}
{% endmacro %}

{% macro versions_from(satellite, starts) %}
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

    )
{% endmacro %}
