{#-
    A table gets the columns that its model has and it lacks, and then reads all events again: typed
    staging is filled anew, a satellite's versions are compared with what all its observations say. All
    of it in the transaction of the model's rows. dbt itself would add them too late for the timelines,
    and leave old rows empty. So would hubs, links, bridges and marts, whose increments return only rows that changed otherwise.
-#}

{% macro add_new_columns(existing) %}
    {% set there = adapter.get_columns_in_relation(existing) | map(attribute='name') | list %}
    {% set missing = described_columns() | rejectattr('name', 'in', there) | list %}
    {% set names = missing | map(attribute='name') | join(", ") %}
    {% if config.get('incremental_strategy') in ['merge_window', 'first_loaded'] %}
        {% do exceptions.raise_compiler_error(
            this ~ " gets " ~ names ~ ", which would be empty in the rows that are there: `dbt build --full-refresh --select "
            ~ model.name ~ "` makes it from all events."
        ) %}
    {% endif %}
    {% for column in missing %}
        {% do run_query("alter table " ~ this ~ " add column " ~ adapter.quote(column.name) ~ " " ~ column.data_type) %}
    {% endfor %}
    {% do log(this ~ " gets " ~ names ~ ": all events are read again", info=true) %}
{% endmacro %}

{% macro all_columns() %}
    {% set attributes = config.get('check_cols') or [] if model.resource_type == 'snapshot' else [] %}
    {{ return((model.columns.keys() | list + attributes) | unique | list) }}
{% endmacro %}

{% macro described_columns() %}
    {% if not model.columns %}
        {% do exceptions.raise_compiler_error(
            "The columns of " ~ this ~ " are described nowhere: name each, with its data_type, in the YAML file of " ~ model.name ~ "."
        ) %}
    {% endif %}
    {% for name in all_columns() if not model.columns.get(name, {}).get('data_type') %}
        {% do exceptions.raise_compiler_error(
            this ~ " gets the column " ~ name ~ ": describe it, with its data_type, in the YAML file of " ~ model.name ~ "."
        ) %}
    {% endfor %}
    {{ return(model.columns.values() | list) }}
{% endmacro %}

{#- dbt itself makes indexes with the table only. -#}
{% macro add_missing_indexes(definitions) %}
    {% set there = (definitions or "") | replace('"', '') %}
    {% for index in indexes_of_table() if "(" ~ index.columns | join(", ") ~ ")" not in there %}
        {% do run_query(get_create_index_sql(this, index)) %}
    {% endfor %}
{% endmacro %}
