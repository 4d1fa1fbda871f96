{#- Of each key that the window shows, the row that was loaded first; `first_loaded` compares it with the one that is stored. Most events of a
    batch show the same: rows that are equal go before anything is sorted. -#}
{% macro hub(pk, business_key, observations) %}
{%- if execute and model.resource_type == 'model' and config.get('incremental_strategy') != 'first_loaded' %}
    {% do exceptions.raise_compiler_error(model.name ~ " is a hub or a link: its incremental_strategy is first_loaded.") %}
{%- endif %}
select distinct on ({{ pk }}) shown.*
from (
    select distinct
        {{ pk }},
        {{ business_key }},
        load_dt,
        load_src
    from {{ observations }} as observations
    where {{ in_window('position') }}
) as shown
order by {{ pk }}, load_dt, load_src
{% endmacro %}
