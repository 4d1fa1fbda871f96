{#- Of each key that the window shows, the row that was loaded first; `first_loaded` compares it with the one that is stored. Most events of a
    batch show the same: rows that are equal go before anything is hashed or sorted. -#}
{% macro hub(pk, business_key, observations, computed={}, computed_from=[]) %}
{%- if execute and model.resource_type == 'model' and config.get('incremental_strategy') != 'first_loaded' %}
    {% do exceptions.raise_compiler_error(model.name ~ " is a hub or a link: its incremental_strategy is first_loaded.") %}
{%- endif %}
{%- set columns = [pk] + business_key.split(', ') %}
select distinct on ({{ pk }}) keyed.*
from (
    select
        {%- for column in columns %}
        {{ computed[column] ~ ' as ' if column in computed }}{{ column }},
        {%- endfor %}
        load_dt,
        load_src
    from (
        select distinct
            {%- for column in (columns | reject('in', computed) | list + computed_from) | unique %}
            {{ column }},
            {%- endfor %}
            load_dt,
            load_src
        from {{ observations }} as observations
        where {{ in_window('position') }}
    ) as shown
) as keyed
order by {{ pk }}, load_dt, load_src
{% endmacro %}
