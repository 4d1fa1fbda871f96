{#-
    A model or snapshot whose window is empty has nothing to do: it says so after one statement, instead of
    the dozen or two with which dbt would find out. (Whatever else a build does to a table that exists
    would be to give it a new column: that is looked at as well.)
-#}
{% materialization incremental, adapter='postgres' %}
    {% if has_nothing_to_load() %}
        {{ return(nothing_to_load()) }}
    {% endif %}
    {{ return(dbt.materialization_incremental_default()) }}
{% endmaterialization %}

{% materialization snapshot, adapter='postgres' %}
    {% if config.get('strategy') == 'timeline' and has_nothing_to_load() %}
        {{ return(nothing_to_load()) }}
    {% endif %}
    {{ return(dbt.materialization_snapshot_default()) }}
{% endmaterialization %}

{% macro nothing_to_load() %}
    {% call noop_statement('main', 'NOTHING NEW', 'NOTHING NEW', 0) %}select 1{% endcall %}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmacro %}

{% macro has_nothing_to_load() %}
    {% set existing = load_cached_relation(this) %}
    {% if model.package_name != project_name or should_full_refresh() or flags.FULL_REFRESH or flags.EMPTY or existing is none or not existing.is_table %}
        {{ return(false) }}
    {% endif %}
    {% set attributes = config.get('check_cols') or [] if model.resource_type == 'snapshot' else [] %}
    {% set columns = "'" ~ (model.columns.keys() | list + attributes) | unique | sort | join(',') ~ "'" %}
    {{ return(run_query(
        "select coalesce((select loaded_to >= " ~ window_end() ~ " from stg.load_state where relation = "
        ~ watermark_key(this.schema, this.identifier) ~ "), false) and " ~ columns ~ " = (select string_agg(attname, ',' order by attname collate \"C\")"
        ~ " from pg_attribute where attrelid = to_regclass('" ~ this ~ "') and attnum > 0 and not attisdropped)"
    ).columns[0].values()[0]) }}
{% endmacro %}
