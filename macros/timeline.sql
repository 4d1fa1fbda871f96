{#-
    The snapshot strategy `timeline`: a satellite as a function of the events.

    dbt's own strategies compare the newest state of a key with the stored one, so they keep one
    change a run, in the order of arrival. Here the snapshot's relation lists *observations*: what an
    event shows of a key at a time. The timeline of a key is its observations in the order of time,
    without those that repeat the one before; a version holds from its observation to the next one,
    [start_dt, end_dt).

    The relation has
        unique_key          the parent: a hub's or link's key
        check_cols          the attributes, may be none
        updated_at          when it was so; event_dttm by default
        meta.precedence     which of several observations at one time holds: the greatest, compared
                            column by column; sent_dttm and event_id by default
        position            position of the event
        load_dt, load_src   of the event
        meta.times          where the relation is an ephemeral model, through which Postgres finds no next time by an index:
                            the table that it has its times from

    Effectivity satellites hang on a link and follow a driving key:
        meta.driving_key    a further column: one of the link's two hub keys. An event
                            shows all that the driving key is linked to at that time, so what it no
                            longer shows ends. An event that shows nothing has one row with a null
                            parent.
        meta.link           the link's name; it must have loaded the window (`loaded_before`)
        meta.whole_set      where a driving key has several links at a time: the table of its events. The relation then
                            tells by event_id what each of them shows, and the events have precedence and position.

    This file is what `load_window` calls; timeline_candidates.sql says which observations an increment needs,
    timeline_versions.sql makes versions of them. docs/explanation/history.md draws it.
-#}

{% macro timeline_of_all(sql) %}
    {% set satellite = satellite_of_model() %}
    with {{ timeline_observations(satellite, sql) }},
    {{ timeline_versions(satellite, "observations where " ~ up_to_window('position'), sql) }}
    select * from versions
{% endmacro %}

{% macro timeline_changes(sql, window) %}
    {% set satellite = satellite_of_model() %}
    {% set pk = satellite.pk %}
    {% set compared = satellite.attributes + ['load_src', 'load_dt', 'end_dt'] %}
    with {{ timeline_observations(satellite, sql) }},
    {% if window.is_reread %}
        stored as (select * from {{ this }}),
        {{ timeline_versions(satellite, "observations where " ~ up_to_window('position'), sql) }},
    {% else %}
        {{ timeline_candidates(satellite, this, window.has_reloads) }},
        observed as {{ step() }}(

            select shown.*
            from candidates
            {{ looked_up(
                'observations', 'shown', 'scope', "candidates.scope",
                "found.observed_at = candidates.observed_at and " ~ up_to_window('found.position')
            ) }}
            {%- if takes_first_seen(window.has_reloads) %}
            union all
            select seen.*
            from seen
            where seen.scope in (select first_seen.scope from first_seen)
            {%- endif %}

        ),
        {{ timeline_versions(satellite, "observed", sql) }},
    {% endif %}
    changes as (

        select
            versions.{{ pk }} is null as is_gone,
            coalesce(versions.{{ pk }}, stored.{{ pk }}) as {{ pk }},
            {%- for column in [satellite.parent, 'start_dt'] + compared %}
            versions.{{ column }}{{ "," if not loop.last }}
            {%- endfor %}
        from versions
        full join stored
            on versions.{{ pk }} = stored.{{ pk }}
        where
            (versions.{{ compared | join(", versions.") }})
            is distinct from (stored.{{ compared | join(", stored.") }})

    )
    select * from changes
{% endmacro %}

{% macro merge_versions(changes) %}
    {% set pk = primary_key(model)[0] %}
    {% if is_distributed() %}{{ return(replace_rows(changes, [pk], "change.is_gone")) }}{% endif %}
    {% set columns = quoted_columns() %}
    merge into {{ this }} as version
    using {{ changes }} as change
        on version.{{ pk }} = change.{{ pk }}
    when matched and change.is_gone then delete
    when matched then update set
        {%- for column in columns %}
        {{ column }} = change.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    when not matched and not change.is_gone then insert ({{ columns | join(", ") }})
        values (change.{{ columns | join(", change.") }})
{% endmacro %}

{% macro satellite_of_model() %}
    {% set meta = config.get('meta', {}) %}
    {% set parent_pk = config.get('unique_key') %}
    {% set attributes = config.get('check_cols') or [] %}
    {% set known = attributes + primary_key(model) + [parent_pk, 'start_dt', 'end_dt', 'load_dt', 'load_src'] %}
    {% for name in model.columns if name not in known %}
        {% do exceptions.raise_compiler_error(this ~ " has the column " ~ name ~ ": name it in check_cols, in the YAML file of " ~ model.name ~ ".") %}
    {% endfor %}
    {{ return({
        'parent': parent_pk,
        'attributes': attributes,
        'pk': primary_key(model)[0],
        'observed_at': config.get('updated_at'),
        'precedence': meta.get('precedence', ['sent_dttm', 'event_id']),
        'scope': meta.get('driving_key', parent_pk),
        'link': ref(meta['link']) if 'driving_key' in meta else none,
        'whole_set': ref(meta['whole_set']) if 'whole_set' in meta else none,
        'times': ref(meta['times']) if 'times' in meta else none,
    }) }}
{% endmacro %}

{% macro timeline_observations(satellite, sql) %}
    {% set shown = ['event_id'] if satellite.whole_set else [satellite.parent] + satellite.attributes + ['load_dt', 'load_src'] %}
    observations as not materialized (
        select
            {{ satellite.scope }} as scope,
            {{ satellite.observed_at }} as observed_at,
            {%- for column in (shown + satellite.precedence) | unique %}
            {{ column }},
            {%- endfor %}
            position
        from {{ satellite.whole_set or "(" ~ sql ~ ")" }} as shown
    )
{% endmacro %}

{#- A satellite comes after its hub or link. -#}
{% macro loaded_before(relation) %}{% endmacro %}
