{#- Versions only add to them. -#}
{% macro ddl_files() %}
    {{ return(5) }}
{% endmacro %}

{% macro require_prepared() %}
    {% if var('as_known_at', '') and target.name == 'warehouse' %}
        {% do exceptions.raise_compiler_error(
            "as_known_at is for a trial build: `dbt build --select dds+ --target dev --vars 'as_known_at: 2024-03-05 18:00'`."
        ) %}
    {% endif %}
    {% if execute and flags.WHICH in ['build', 'run', 'snapshot', 'test', 'retry'] %}
        {% set applied = ddl_files_applied() %}
        {% if applied == 0 %}
            {% do exceptions.raise_compiler_error(
                "The database is not prepared: run `ingest init` first, with the same PG_WAREHOUSE_* settings."
            ) %}
        {% elif applied < ddl_files() %}
            {% do exceptions.raise_compiler_error("The database was prepared by an older version: run `ingest init` first.") %}
        {% elif applied > ddl_files() %}
            {% do exceptions.raise_compiler_error(
                "These models are older than the database: install the version that prepared it, or see `ingest init --back`."
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}

{% macro ddl_files_applied() %}
    {% if run_query("select to_regprocedure('stg.ddl_version()') is null").rows[0][0] %}
        {{ return(0) }}
    {% endif %}
    {{ return(run_query("select split_part(stg.ddl_version(), ' ', 1)::integer").rows[0][0] | int) }}
{% endmacro %}
