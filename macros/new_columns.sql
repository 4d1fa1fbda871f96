{#-
    A table gets the columns that its model has and it lacks, and then reads all events again: typed
    staging is filled anew, a satellite's versions are compared with what all its observations say. All
    of it in the transaction of the model's rows. dbt itself would add them too late for the timelines,
    and leave old rows empty.
-#}

{#- Adds them; returns whether there were any. -#}
{% macro add_new_columns(existing) %}
    {% set there = adapter.get_columns_in_relation(existing) | map(attribute='name') | list %}
    {% set missing = model.columns.values() | rejectattr('name', 'in', there) | list %}
    {% for attribute in config.get('check_cols') or [] if model.resource_type == 'snapshot' %}
        {% if attribute not in there and attribute not in model.columns %}
            {% do exceptions.raise_compiler_error(
                this ~ " gets the attribute " ~ attribute ~ ": describe it, with its data_type, in the snapshot's YAML file."
            ) %}
        {% endif %}
    {% endfor %}
    {% for column in missing %}
        {% if not column.data_type %}
            {% do exceptions.raise_compiler_error(this ~ " gets the column " ~ column.name ~ ": its YAML lacks the data_type.") %}
        {% endif %}
        {% do run_query("alter table " ~ this ~ " add column " ~ adapter.quote(column.name) ~ " " ~ column.data_type) %}
    {% endfor %}
    {% if missing %}
        {% do log(this ~ " gets " ~ missing | map(attribute='name') | join(", ") ~ ": all events are read again", info=true) %}
    {% endif %}
    {{ return(missing | length > 0) }}
{% endmacro %}

{#- Makes the indexes that the model names and its table lacks: dbt makes them with the table only. -#}
{% macro add_missing_indexes(existing) %}
    {% set there = run_query(
        "select replace(indexdef, '\"', '') from pg_indexes where schemaname = '" ~ this.schema ~ "' and tablename = '" ~ this.identifier ~ "'"
    ).columns[0].values() | join("\n") %}
    {% for index in config.get('indexes', []) if "(" ~ index.columns | join(", ") ~ ")" not in there %}
        {% do run_query(get_create_index_sql(this, index)) %}
    {% endfor %}
{% endmacro %}

{#- Whether this run reads all events, for a table that is made or for one that got columns. -#}
{% macro is_reread() %}
    {% if not execute or is_rebuilt() %}
        {{ return(is_rebuilt()) }}
    {% endif %}
    {{ return(run_query(
        "select window_from = 0 and loaded_to > 0 from stg.load_state where relation = " ~ watermark_key(this.schema, this.identifier)
    ).columns[0].values()[0]) }}
{% endmacro %}
