{#-
    Windows of events and the watermarks that bound them.

    Every incremental model and snapshot reads the events of one window, (window_from, window_to] by
    position, and keeps its own watermark in stg.load_state. The window is opened and closed inside the
    transaction that writes the model's rows, so rows and watermark are there together or not at all: a failed
    or killed model, any selection, and a second dbt at the same time lose and double nothing.
-#}

{#-
    What is returned:
        is_open      whether there is anything to load
        is_made      whether the table is made anew, from all events
        is_reread    whether all events are read into a table that stays: it got columns, or survives a full refresh
        has_reloads  whether `ingest repair` or `ingest recover` has events of the window read again

    One statement for a table that stays. A second dbt waits here, and then finds what the first one has left.
-#}
{% macro open_window(existing) %}
    {% if existing is not none and not existing.is_table %}
        {% do exceptions.raise_compiler_error(
            this ~ " currently exists as a " ~ existing.type ~ ", which dbt would replace by a table of the new events alone."
            ~ " Drop or rename it: a table that is missing is made anew from all of them."
        ) %}
    {% endif %}
    {% if existing is none or (model.resource_type == 'model' and should_full_refresh()) %}
        {{ return(open_window_of_all(existing)) }}
    {% endif %}
    {% set found = run_query(opened_window()).rows[0] %}
    {% if found.is_replaced and not flags.FULL_REFRESH %}
        {% do exceptions.raise_compiler_error(
            this ~ " is not the table that its watermark in stg.load_state is of: it was restored from a backup, or replaced, alone. "
            ~ ("`dbt build --full-refresh --select " ~ model.name ~ "` makes it from all events." if config.get('full_refresh') is not false
               else "What was sent since then is not in it: restore the whole database from that backup, then run `ingest recover`.")
        ) %}
    {% endif %}
    {% if not found.is_known %}
        {% do add_watermark() %}
        {{ return(open_window(existing)) }}
    {% endif %}
    {% if found.is_open %}
        {% do add_missing_indexes(found.indexes) %}
        {% if found.lacks_columns %}{% do add_new_columns(existing) %}{% endif %}
    {% endif %}
    {{ return({
        'is_open': found.is_open, 'is_made': false, 'is_reread': found.is_reread, 'has_reloads': found.has_reloads,
    }) }}
{% endmacro %}

{#- A window is small: workers and compiled expressions would cost more than they save, and from some length of history on a plan that reads
    the whole of it would look cheaper than one look into an index for each row of the window. What is lost if the server fails before the
    disk has the commit was lost together with its watermark, and is loaded again: nobody has to wait for the disk. Unless the rows lie on other
    servers, which have committed them. -#}
{% macro opened_window() %}
    {% set key = watermark_key(this.schema, this.identifier) %}
    {% set table = "to_regclass('" ~ this ~ "')" %}
    {% set from_first = "true" if flags.FULL_REFRESH else "columns.are_missing" %}
    {% set is_reread = "opened.window_from = 0 and opened.loaded_to > 0" %}
    with columns as (
        select not array['{{ all_columns() | join("', '") }}']::name[] <@ array_agg(attname) as are_missing
        from pg_attribute
        where attrelid = {{ table }} and attnum > 0 and not attisdropped
    ),
    parents as (select {{ window_end() }} as loaded_to),
    opened as (
        update stg.load_state as state
        set
            window_from = case when {{ from_first }} then 0 else state.loaded_to end,
            window_to = {{ "parents.loaded_to" if is_rebuilt() else "greatest(state.loaded_to, parents.loaded_to)" }}
        from parents, columns
        where state.relation = {{ key }} and (parents.loaded_to > state.loaded_to or {{ from_first }})
        returning state.*, columns.are_missing
    )
    select
        known.relation is not null as is_known,
        known.table_oid != {{ table }}::oid and known.state_oid = 'stg.load_state'::regclass::oid as is_replaced,
        opened.relation is not null as is_open,
        opened.are_missing as lacks_columns,
        {{ is_reread }} as is_reread,
        {%- if is_distributed() %}
        false as has_reloads, -- asked by settled()
        {%- else %}
        exists (
            select from stg.event_reloads where position > opened.window_from and position <= opened.window_to
        ) as has_reloads,
        {%- endif %}
        (select string_agg(pg_get_indexdef(indexrelid), ';') from pg_index where indrelid = {{ table }}) as indexes,
        {{ settings_of_window() }}
        || set_config('max_parallel_workers_per_gather', '0', true)
        {%- for plan in ['enable_seqscan', 'enable_mergejoin'] %}
        || set_config('{{ plan }}', case when {{ is_reread }} then 'on' else 'off' end, true)
        {%- endfor %} as settings
    from (select) as always
    left join stg.load_state as known on known.relation = {{ key }}
    left join opened on true
{% endmacro %}

{#- What is lost if the server fails before the disk has the commit was lost together with its watermark, and is loaded again: nobody has to
    wait for the disk. Unless the rows lie on other servers, which have committed them. -#}
{% macro settings_of_window() -%}
    set_config('jit', 'off', true)
    || set_config('synchronous_commit', '{{ 'on' if is_distributed() else 'off' }}', true)
{%- endmacro %}

{% macro open_window_of_all(existing) %}
    {% set key = watermark_key(this.schema, this.identifier) %}
    {% do add_watermark() %}
    {% do run_query("select " ~ settings_of_window() ~ " from stg.load_state where relation = " ~ key ~ " for update") %}
    {% if existing is none and relation_exists(this) %}
        {% do exceptions.raise_compiler_error(
            this ~ " was created by another dbt run while this one waited for it. Nothing is lost: run dbt again."
        ) %}
    {% endif %}
    {% do run_query("update stg.load_state set window_from = 0, window_to = " ~ window_end() ~ " where relation = " ~ key) %}
    {{ return({'is_open': true, 'is_made': true, 'is_reread': false, 'has_reloads': false}) }}
{% endmacro %}

{% macro add_watermark() %}
    {% set key = watermark_key(this.schema, this.identifier) %}
    {% do run_query("insert into stg.load_state (relation) values (" ~ key ~ ") on conflict do nothing") %}
{% endmacro %}

{#- The watermark tells which table it is of, and in which stg.load_state: in a database that was restored as a whole both have other
    numbers. -#}
{% macro close_window() %}
    update stg.load_state
    set
        loaded_to = window_to,
        table_oid = to_regclass('{{ this }}')::oid,
        state_oid = 'stg.load_state'::regclass::oid,
        updated_at = now() at time zone 'UTC'
    where relation = {{ watermark_key(this.schema, this.identifier) }};
{% endmacro %}

{#- The bounds are sub-selects: of a literal beyond the histogram the planner expects one row. -#}
{% macro in_window(position) -%}
    {{ up_to_window(position) }}
    {%- if not is_rebuilt() %}
    and {{ position }} > ({{ window_bound('window_from') }})
    {%- endif %}
{%- endmacro %}

{% macro up_to_window(position) -%}
    {{ position }} <= ({{ window_bound('window_to') }})
{%- endmacro %}

{% macro window_bound(bound) -%}
    select {{ bound }} from stg.load_state where relation = {{ watermark_key(this.schema, this.identifier) }}
{%- endmacro %}

{#- Whether events of the window are read again. (Citus takes no sub-select without columns.) -#}
{% macro has_reloads() -%}
    exists (
        select 1 from stg.event_reloads as reloads
        where {{ in_window('reloads.position') }}
    )
{%- endmacro %}

{#- That dbt knows no table is not enough: under --no-populate-cache its threads see a cache that is half filled. -#}
{% macro is_rebuilt() %}
    {{ return(execute and (should_full_refresh() or (load_relation(this) is none and not relation_exists(this)))) }}
{% endmacro %}

{#- With dbt's --empty nothing is read, so nothing counts as read. -#}
{% macro window_end() %}
    {{ return("0" if flags.EMPTY else "least(" ~ parents_loaded_to(model) | unique | join(", ") ~ ")") }}
{% endmacro %}

{% macro parents_loaded_to(node) %}
    {% set positions = [] %}
    {% for parent_id in node.depends_on.nodes %}
        {% if parent_id.startswith('source.ordervault.stg.') %}
            {% do positions.append("stg.cut()") %}
        {% else %}
            {% set parent = graph.nodes[parent_id] %}
            {% if parent.resource_type == 'snapshot' or parent.config.materialized == 'incremental' %}
                {% set table = table_of(parent) %}
                {% do positions.append(
                    "coalesce((select parent.loaded_to from stg.load_state as parent where parent.relation = "
                    ~ watermark_key(table.schema, table.identifier) ~ "), 0)"
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

{#- Under --defer that of another target, where this one has none. -#}
{% macro table_of(parent) %}
    {% set own = api.Relation.create(database=parent.database, schema=parent.schema, identifier=parent.alias) %}
    {% set deferred = parent.defer_relation %}
    {% if deferred and (load_cached_relation(own) is none or flags.FAVOR_STATE and parent.unique_id not in selected_resources) %}
        {{ return(api.Relation.create(database=deferred.database, schema=deferred.schema, identifier=deferred.alias)) }}
    {% endif %}
    {{ return(own) }}
{% endmacro %}

{% macro watermark_key(schema, identifier) %}
    {{ return("'" ~ schema ~ "." ~ identifier ~ "'") }}
{% endmacro %}

{#- dbt's cache is of the start of the run. -#}
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
