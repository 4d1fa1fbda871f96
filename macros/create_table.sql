{#-
    A table under contract, filled before its primary key is made: dbt would have each row of a first load
    look for its place in the index.
-#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {% set contract = config.get('contract') %}
    {% if temporary or not contract.enforced or config.get('materialized') != 'incremental' %}
        {{ return(dbt.postgres__create_table_as(temporary, relation, sql)) }}
    {% endif %}
    {{ get_assert_columns_equivalent(sql) }}
    {% set keys = model.constraints | map(attribute='columns') | list %}
    {% set key = [] %}
    {% for c in model.constraints if c.type == 'primary_key' %}{% do key.extend(c.columns) %}{% endfor %}
    {% for name, column in model.columns.items() %}
        {% for c in column.constraints if c.type == 'primary_key' %}{% do key.append(name) %}{% endfor %}
    {% endfor %}
    create table {{ relation }} (
        {%- for name, column in model.columns.items() %}
        {{ adapter.quote(name) if column.get('quote') else name }} {{ column.data_type }}
        {%- for c in column.constraints if c.type == 'not_null' %} not null{% endfor %}{{ "," if not loop.last }}
        {%- endfor %}
    );
    insert into {{ relation }} ({{ adapter.dispatch('get_column_names', 'dbt')() }})
    {{ get_select_subquery(sql) }};
    {%- if key %}
    alter table {{ relation }} add primary key ({{ key | join(', ') }});
    {%- endif %}
{%- endmacro %}
