{#- Versions only add to them. -#}
{% macro ddl_files() %}
    {{ return(7) }}
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
        {% do require_distributed_as_the_database() %}
    {% endif %}
{% endmacro %}

{#- `ingest init` has distributed what it finds, so the tables of the models must be, and no others. -#}
{% macro require_distributed_as_the_database() %}
    {% set has_citus = run_query("select to_regproc('create_distributed_table') is not null").rows[0][0] %}
    {% if has_citus and not is_distributed() %}
        {% do exceptions.raise_compiler_error("The database has Citus: set PG_WAREHOUSE_DISTRIBUTED=true.") %}
    {% elif is_distributed() and not has_citus %}
        {% do exceptions.raise_compiler_error("PG_WAREHOUSE_DISTRIBUTED is set, and the database does not have Citus: see docs/scaling.md.") %}
    {% elif has_citus and tables_to_distribute() %}
        {% do exceptions.raise_compiler_error(
            "Tables that were filled on one Postgres lie on the coordinator alone: run `dbt run-operation distribute_tables` first."
        ) %}
    {% endif %}
{% endmacro %}

{% macro ddl_files_applied() %}
    {% if run_query("select to_regprocedure('stg.ddl_version()') is null").rows[0][0] %}
        {{ return(0) }}
    {% endif %}
    {{ return(run_query("select split_part(stg.ddl_version(), ' ', 1)::integer").rows[0][0] | int) }}
{% endmacro %}
