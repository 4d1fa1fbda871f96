{#-
    A table that is missing is made from all events; so is one under --full-refresh, beside the old one. A window without events is one
    question and nothing else.
-#}
{% macro load_window(sql) %}
    {% set existing = load_cached_relation(this) %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {% set window = open_window(existing) %}
    {% if not window.is_open %}
        {% call noop_statement('main', 'NOTHING NEW', 'NOTHING NEW', 0) %}select 1{% endcall %}
        {{ return({'relations': [this.incorporate(type='table')]}) }}
    {% endif %}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% if is_distributed() %}{% do settled(window) %}{% endif %}
    {% if window.is_made %}
        {% do make_table(existing, timeline_of_all(sql) if model.resource_type == 'snapshot' else sql) %}
    {% else %}
        {% call statement('main') %}
            {{ changes_of_window(sql, window) }}
        {% endcall %}
    {% endif %}
    {% do apply_grants(this, config.get('grants'), should_revoke=should_revoke(existing, window.is_made)) %}
    {% do persist_docs(this, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmacro %}

{#- The last statement is the one whose rows dbt counts. -#}
{% macro changes_of_window(sql, window) %}
    {% set strategy = config.get('incremental_strategy') %}
    {% set temporary = make_temp_relation(this) %}
    {% if model.resource_type == 'snapshot' %}
        create temporary table {{ temporary }} on commit drop as {{ timeline_changes(sql, window) }};
        {{ close_window() }}
        {{ merge_versions(temporary) }}
    {% elif strategy == 'merge_window' %}
        create temporary table {{ temporary }} on commit drop as {{ get_select_subquery(sql) }};
        {{ close_window() }}
        {{ merge_rows(temporary) }}
    {% else %}
        {{ replaced_events(window) if strategy == 'append_events' }}
        {{ close_window() }}
        {{ insert_rows(this ~ " as present", sql) }}
        {{ unless_loaded_before() if strategy == 'first_loaded' }}
    {% endif %}
{% endmacro %}

{#- `create table as` may take several cores, an insert never does. Key and indexes come last: otherwise each row of a first load would look
    for its place in them. Analysed, or its readers' plans are ruined. -#}
{% macro make_table(existing, sql) %}
    {% set made = this.incorporate(type='table') if existing is none else make_intermediate_relation(this) %}
    {% if existing is not none %}{{ drop_relation_if_exists(load_cached_relation(made)) }}{% endif %}
    {% if model.resource_type == 'model' %}{{ get_assert_columns_equivalent(sql) }}{% endif %}
    {% if is_distributed() %}
        {% do run_query("create table " ~ made ~ " (" ~ columns_of_table("{} {}") | join(", ") ~ ")") %}
        {% do distribute(made, model) %}
        {% call statement('main') %}{{ insert_rows(made, sql) }}{% endcall %}
    {% else %}
        {% call statement('main') %}
            create table {{ made }} as
            select {{ columns_of_table("cast({0} as {1}) as {0}") | join(", ") }}
            from ({{ sql }}) as shown
        {% endcall %}
    {% endif %}
    {% set finish = keys_and_indexes(made) %}
    {% if existing is not none %}
        {% do run_together(finish) %}
        {% set finish = [] %}
        {% do adapter.drop_relation(existing) %}
        {% do adapter.rename_relation(made, this) %}
    {% endif %}
    {% do finish.append("analyze " ~ this) %}
    {% for role in ['ordervault_reader'] + config.get('meta', {}).get('readers', []) %}
        {% do finish.append(grant_select(this, role)) %}
    {% endfor %}
    {% do run_together(finish + [close_window()]) %}
{% endmacro %}

{#- Citus hands the workers a change of a table with all that stands beside it, and they take one statement at a time. -#}
{% macro run_together(statements) %}
    {% if is_distributed() %}
        {% for statement in statements %}{% do run_query(statement) %}{% endfor %}
    {% elif statements %}
        {% do run_query(statements | join(";\n")) %}
    {% endif %}
{% endmacro %}

{#- What is required comes first, so that the key looks at no row again; Citus takes a key without a name only in a statement of its own. -#}
{% macro keys_and_indexes(relation) %}
    {% set statements = [] %}
    {% set required = [] %}
    {% for column in described_columns() if column.constraints | selectattr('type', 'equalto', 'not_null') | list %}
        {% do required.append("alter column " ~ adapter.quote(column.name) ~ " set not null") %}
    {% endfor %}
    {% if required %}{% do statements.append("alter table " ~ relation ~ " " ~ required | join(", ")) %}{% endif %}
    {% set key = distributed_key(model) if is_distributed() else primary_key(model) %}
    {% if key %}{% do statements.append("alter table " ~ relation ~ " add primary key (" ~ key | join(", ") ~ ")") %}{% endif %}
    {% for index in indexes_of_table() %}{% do statements.append(get_create_index_sql(relation, index)) %}{% endfor %}
    {{ return(statements) }}
{% endmacro %}

{% macro insert_rows(relation, sql) %}
    insert into {{ relation }} ({{ quoted_columns() | join(", ") }})
    {{ get_select_subquery(sql) }}
{% endmacro %}

{#- A name and a type, as `form` has them. -#}
{% macro columns_of_table(form) %}
    {% set columns = [] %}
    {% for column in described_columns() %}{% do columns.append(form.format(adapter.quote(column.name), column.data_type)) %}{% endfor %}
    {{ return(columns) }}
{% endmacro %}

{% macro primary_key(node) %}
    {% set key = [] %}
    {% for constraint in node.constraints or [] if constraint.type == 'primary_key' %}{% do key.extend(constraint.columns) %}{% endfor %}
    {% for name, column in node.columns.items() if column.constraints | selectattr('type', 'equalto', 'primary_key') | list %}
        {% do key.append(name) %}
    {% endfor %}
    {{ return(key) }}
{% endmacro %}

{% macro indexes_of_table() %}
    {% if model.resource_type == 'snapshot' %}
        {{ return([{'columns': [config.get('unique_key'), 'start_dt'], 'unique': true}]) }}
    {% endif %}
    {{ return(config.get('indexes', [])) }}
{% endmacro %}

{% macro quoted_columns() %}
    {% set columns = [] %}
    {% for name in model.columns %}{% do columns.append(adapter.quote(name)) %}{% endfor %}
    {{ return(columns) }}
{% endmacro %}
