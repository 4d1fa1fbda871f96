{#-
    With the variable `distributed`, or PG_WAREHOUSE_DISTRIBUTED=true, the tables lie on the workers of a Citus. Of each model `meta.distributed_by` says how: by the column that it
    names; `reference`, whole on every node; `coordinator`, on that one alone.

    What Citus refuses is to join two tables off those columns, and what is correlated. So there a select goes step by step: what a window
    touches is gathered on the coordinator, and the next step joins it with one table, or with several by their column.
-#}
{% macro is_distributed() %}
    {{ return(var('distributed', env_var('PG_WAREHOUSE_DISTRIBUTED', '') | lower == 'true')) }}
{% endmacro %}

{#- By which column the table of a node of the graph lies; none for a table that is whole. -#}
{% macro distribution_column(node) %}
    {% set by = node.config.get('meta', {}).get('distributed_by') %}
    {% if not by %}
        {% do exceptions.raise_compiler_error(node.name ~ " does not say how it is distributed: see meta.distributed_by of other models.") %}
    {% endif %}
    {{ return(by if by not in ['reference', 'coordinator'] else none) }}
{% endmacro %}

{% macro distribute(relation, node) %}
    {% set column = distribution_column(node) %}
    {% if column %}
        {% do run_query("select create_distributed_table('" ~ relation ~ "', '" ~ column ~ "')") %}
    {% elif node.config.meta.distributed_by == 'reference' %}
        {% do run_query("select create_reference_table('" ~ relation ~ "')") %}
    {% endif %}
{% endmacro %}

{#- Citus wants the column by which a table lies in each of its keys. -#}
{% macro distributed_key(node) %}
    {% set key = primary_key(node) %}
    {% if key and distribution_column(node) not in [none] + key %}{% do key.append(distribution_column(node)) %}{% endif %}
    {{ return(key) }}
{% endmacro %}

{#-
    `dbt run-operation distribute_tables`: the tables that were filled on one Postgres are laid as their models say, with their rows. Each in a
    transaction of its own, so that one that was stopped goes on. They stay the tables that their watermarks are of.
-#}
{% macro distribute_tables() %}
    {% if not is_distributed() %}{% do exceptions.raise_compiler_error("Set PG_WAREHOUSE_DISTRIBUTED=true.") %}{% endif %}
    {% for found in tables_to_distribute() %}
        {% do log(found.relation ~ " (" ~ loop.index ~ " of " ~ loop.length ~ ")", info=true) %}
        {% do distribute_with_rows(found.relation, found.node) %}
    {% endfor %}
{% endmacro %}

{#- Those that are there and lie on the coordinator alone, though their models say otherwise. -#}
{% macro tables_to_distribute() %}
    {% set found = [] %}
    {% set whole = run_query(
        "select relnamespace::regnamespace || '.' || relname from pg_class"
        ~ " where relkind = 'r' and oid not in (select logicalrelid from pg_dist_partition)"
    ).columns[0].values() %}
    {% for node in graph.nodes.values() if node.config.get('meta', {}).get('distributed_by', 'coordinator') != 'coordinator' %}
        {% if node.schema ~ "." ~ node.alias in whole %}
            {% set relation = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias) %}
            {% do found.append({'relation': relation, 'node': node}) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{#- The key comes last: each worker makes its own part of it. What was copied to the workers would stay here as well. -#}
{% macro distribute_with_rows(relation, node) %}
    {% set key = distributed_key(node) %}
    {% for constraint in run_query(
        "select conname from pg_constraint where contype = 'p' and conrelid = '" ~ relation ~ "'::regclass"
    ).columns[0].values() %}
        {% do run_query("alter table " ~ relation ~ " drop constraint " ~ adapter.quote(constraint)) %}
    {% endfor %}
    {% do distribute(relation, node) %}
    {% do run_query("select truncate_local_data_after_distributing_table('" ~ relation ~ "')") %}
    {% if key %}{% do run_query("alter table " ~ relation ~ " add primary key (" ~ key | join(", ") ~ ")") %}{% endif %}
    {% do run_query("analyze " ~ relation) %}
    {% do run_query("commit") %}
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
            {% do distribute(this, model) %}
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
