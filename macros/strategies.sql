{#- What a window's rows do to their table, by the name of `incremental_strategy`:
        merge_window    the select returns, for the keys that the window touched, the rows as they must be. One that must not be there
                        any more carries its key and the condition `meta.absent_when`.
        first_loaded    of each key the row that was loaded first, in any order of arrival.
        append_events   the events that the window brought; one that it brought again replaces what was there.
        append_window   rows that nothing ever changes. -#}

{% macro merge_rows(temporary) %}
    {% set keys = [config.get('unique_key')] if config.get('unique_key') is string else config.get('unique_key') %}
    {% set condition = config.get('meta', {}).get('absent_when') %}
    {% set absent = "change." ~ condition if condition else "false" %}
    {% if is_distributed() %}{{ return(replace_rows(temporary, keys, absent)) }}{% endif %}
    {% set columns = quoted_columns() %}
    merge into {{ this }} as present
    using {{ temporary }} as change
        on {% for key in keys %}present.{{ key }} = change.{{ key }}{{ " and " if not loop.last }}{% endfor %}
    when matched and {{ absent }} then delete
    when matched then update set
        {%- for column in columns %}
        {{ column }} = change.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    when not matched and not ({{ absent }}) then insert ({{ columns | join(", ") }})
        values (change.{{ columns | join(", change.") }})
{% endmacro %}

{% macro unless_loaded_before() %}
    {% set key = distributed_key(model) if is_distributed() else primary_key(model) %}
    on conflict ({{ key | join(", ") }}) do update set
        load_dt = excluded.load_dt,
        load_src = excluded.load_src
    where (excluded.load_dt, excluded.load_src) < (present.load_dt, present.load_src)
{% endmacro %}

{% macro replaced_events(window) %}
    delete from {{ this }}
    {%- if not window.is_reread %}
    where event_id {{ 'in (' if is_distributed() else '= any (array(' }}
        select event_id
        from {{ source('stg', 'event_reloads') }}
        where {{ in_window('position') }}
    {{ ')' if is_distributed() else '))' }}
    {%- endif %};
{% endmacro %}
