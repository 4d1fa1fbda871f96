{#-
    With the variable `distributed`, or PG_WAREHOUSE_DISTRIBUTED=true, the tables lie on the workers of a Citus. Of each model `meta.distributed_by` says how: by the column that it
    names; `reference`, whole on every node; `coordinator`, on that one alone.

    What Citus refuses is to join two tables off those columns, and what is correlated. So there a select goes step by step: what a window
    touches is gathered on the coordinator, and the next step joins it with one table, or with several by their column.
-#}
{% macro is_distributed() %}
    {{ return(var('distributed', env_var('PG_WAREHOUSE_DISTRIBUTED', '') | lower == 'true')) }}
{% endmacro %}

{% macro distribution_column() %}
    {% set by = config.get('meta', {}).get('distributed_by') %}
    {% if not by %}
        {% do exceptions.raise_compiler_error(model.name ~ " does not say how it is distributed: see meta.distributed_by of other models.") %}
    {% endif %}
    {{ return(by if by not in ['reference', 'coordinator'] else none) }}
{% endmacro %}

{#- Before there are rows: those that are copied out of a table stay in it. -#}
{% macro distribute(relation) %}
    {% set column = distribution_column() %}
    {% if column %}
        {% do run_query("select create_distributed_table('" ~ relation ~ "', '" ~ column ~ "')") %}
    {% elif config.get('meta')['distributed_by'] == 'reference' %}
        {% do run_query("select create_reference_table('" ~ relation ~ "')") %}
    {% endif %}
{% endmacro %}

{#- What the parents' watermarks say can be seen only then. -#}
{% macro settled(window) %}
    {% do run_query("select stg.settle()") %}
    {% set reloads = run_query("select count(*) from stg.event_reloads where " ~ in_window('position')) %}
    {% do window.update({'has_reloads': not window.is_made and reloads.rows[0][0] > 0}) %}
{% endmacro %}

{% macro distribute_seed() %}
    {% if execute and is_distributed() %}
        {% if not run_query("select count(*) from pg_dist_partition where logicalrelid = '" ~ this ~ "'::regclass").rows[0][0] %}
            {% do distribute(this) %}
        {% endif %}
    {% endif %}
{% endmacro %}

{% macro step() %}
    {{- 'materialized ' if is_distributed() -}}
{% endmacro %}

{#- Outer joined with what was gathered, Citus would gather the whole table. -#}
{% macro rows_of(relation, column, keys) -%}
    {%- if is_distributed() -%}
    (select found.* from {{ relation }} as found where found.{{ column }} in (select {{ keys }}.{{ column }} from {{ keys }}))
    {%- else -%}
    {{ relation }}
    {%- endif -%}
{%- endmacro %}

{#- For tests of the whole warehouse, which join by other columns: all of the table is gathered on the coordinator. -#}
{% macro gathered(relation) -%}
    {{ '(select * from ' ~ relation ~ ' offset 0)' if is_distributed() else relation }}
{%- endmacro %}

{#- MERGE takes no table of the coordinator, and no reference table. -#}
{% macro replace_rows(temporary, keys, absent) %}
    {% set columns = quoted_columns() | join(", ") %}
    delete from {{ this }}
    where ({{ keys | join(", ") }}) in (select {{ keys | join(", ") }} from {{ temporary }});
    insert into {{ this }} ({{ columns }})
    select {{ columns }}
    from {{ temporary }} as change
    where not ({{ absent }})
{% endmacro %}
