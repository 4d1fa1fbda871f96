{#-
    Windows of events and the watermarks that bound them.

    Every incremental model and snapshot reads the events of one window, (window_from, window_to] by
    position, and keeps its own watermark in stg.load_state. Both hooks run inside the transaction
    that writes the model's rows, so rows and watermark are there together or not at all: a failed
    or killed model, any selection, and a second dbt at the same time lose and double nothing.
-#}

{#- Opens this model's window, up to what all its parents have loaded. A second dbt waits here.
    A full refresh begins at the first event for the table that is kept as well, the outbox. -#}
{% macro open_window() %}
    {% if execute %}
        {% set key = watermark_key(this.schema, this.identifier) %}
        {% set existing = load_relation(this) %}
        {% if existing is not none and not existing.is_table %}
            {% do exceptions.raise_compiler_error(
                this ~ " currently exists as a " ~ existing.type ~ ", which dbt would replace by a table of the new events alone."
                ~ " Drop or rename it: a table that is missing is made anew from all of them."
            ) %}
        {% endif %}
        {% do run_query("insert into stg.load_state (relation) values (" ~ key ~ ") on conflict do nothing") %}
        {#- A window is small: workers and compiled expressions would cost more than they save. -#}
        {% set settings = "1" if is_rebuilt() else "set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true)" %}
        {% do run_query("select " ~ settings ~ " from stg.load_state where relation = " ~ key ~ " for update") %}
        {% if existing is none and relation_exists(this) %}
            {% do exceptions.raise_compiler_error(
                this ~ " was created by another dbt run while this one waited for it. Nothing is lost: run dbt again."
            ) %}
        {% endif %}
        {% set all = is_rebuilt() or flags.FULL_REFRESH %}
        {% if not is_rebuilt() %}
            {% do add_missing_indexes(existing) %}
            {% set all = add_new_columns(existing) or all %}
        {% endif %}
        {% do run_query(
            "update stg.load_state set window_from = " ~ ("0" if all else "loaded_to")
            ~ ", window_to = " ~ window_end() ~ " where relation = " ~ key
        ) %}
    {% endif %}
{% endmacro %}

{#- Moves the watermark to the window's end. A table that was just made is analysed, or the plans of
    its readers are ruined, and readable by the roles of ddl/. -#}
{% macro close_window() %}
    update stg.load_state
    set loaded_to = window_to, updated_at = now() at time zone 'UTC'
    where relation = {{ watermark_key(this.schema, this.identifier) }};
    {% if execute and is_rebuilt() %}
        analyze {{ this }};
        {{ grant_select(this, 'ordervault_reader') }}
    {% endif %}
{% endmacro %}

{#- The condition that an event's position lies in this model's window. The bounds are sub-selects:
    of a literal beyond the histogram the planner expects one row. -#}
{% macro in_window(position) -%}
    {{ up_to_window(position) }}
    {%- if not is_rebuilt() %}
    and {{ position }} > ({{ window_bound('window_from') }})
    {%- endif %}
{%- endmacro %}

{#- The condition that an event's position lies in this model's window or before it. -#}
{% macro up_to_window(position) -%}
    {{ position }} <= ({{ window_bound('window_to') }})
{%- endmacro %}

{% macro window_bound(bound) -%}
    select {{ bound }} from stg.load_state where relation = {{ watermark_key(this.schema, this.identifier) }}
{%- endmacro %}

{#- Whether this run reads all events from the first one on. -#}
{% macro is_rebuilt() %}
    {{ return(execute and (should_full_refresh() or load_relation(this) is none)) }}
{% endmacro %}

{#- SQL: where this model's window ends. With dbt's --empty nothing is read, so nothing counts as read. -#}
{% macro window_end() %}
    {% if flags.EMPTY %}
        {{ return("0" if is_rebuilt() else "loaded_to") }}
    {% endif %}
    {% set loaded = "least(" ~ parents_loaded_to(model) | unique | join(", ") ~ ")" %}
    {{ return(loaded if is_rebuilt() else "greatest(loaded_to, " ~ loaded ~ ")") }}
{% endmacro %}

{#- SQL expressions, one for each parent: the position up to which it has loaded. -#}
{% macro parents_loaded_to(node) %}
    {% set positions = [] %}
    {% for parent_id in node.depends_on.nodes %}
        {% if parent_id.startswith('source.ordervault.stg.') %}
            {% do positions.append("stg.cut()") %}
        {% else %}
            {% set parent = graph.nodes[parent_id] %}
            {% if parent.resource_type == 'snapshot' or parent.config.materialized == 'incremental' %}
                {% do positions.append(
                    "coalesce((select parent.loaded_to from stg.load_state as parent where parent.relation = "
                    ~ watermark_key(parent.schema, parent.alias) ~ "), 0)"
                ) %}
            {% elif parent.config.materialized in ['view', 'ephemeral'] %}
                {% do positions.extend(parents_loaded_to(parent)) %}
            {% elif parent.resource_type != 'seed' %}
                {% do exceptions.raise_compiler_error(
                    node.name ~ " reads " ~ parent.name ~ ", which keeps no watermark: make it incremental, a view or ephemeral."
                ) %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {{ return(positions) }}
{% endmacro %}

{% macro watermark_key(schema, identifier) %}
    {{ return("'" ~ schema ~ "." ~ identifier ~ "'") }}
{% endmacro %}

{#- Whether the relation is in the catalogue now; dbt's own answer is of the start of the run. -#}
{% macro relation_exists(relation) %}
    {{ return(run_query("select to_regclass('" ~ relation ~ "') is not null").columns[0].values()[0]) }}
{% endmacro %}

{% macro grant_select(relation, role) %}
    do $$
    begin
        if exists (select from pg_roles where rolname = '{{ role }}') then
            grant select on {{ relation }} to {{ role }};
        end if;
    end
    $$;
{% endmacro %}

{#- Stops a run before it starts in a database that `ingest init` has not prepared, or that would miss events. -#}
{% macro require_load_state() %}
    {% if var('as_known_at', '') and target.name == 'warehouse' %}
        {% do exceptions.raise_compiler_error(
            "as_known_at is for a trial build: `dbt build --select dds+ --target dev --vars 'as_known_at: 2024-03-05 18:00'`."
        ) %}
    {% endif %}
    {% if execute and flags.WHICH in ['build', 'run', 'snapshot', 'test', 'retry'] %}
        {% if not run_query("select to_regclass('stg.load_state') is not null").columns[0].values()[0] %}
            {% do exceptions.raise_compiler_error(
                "The database has no stg.load_state: run `ingest init` first, with the same PG_WAREHOUSE_* settings."
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}
