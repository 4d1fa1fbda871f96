{#-
    A view is made anew only if its SQL has changed, in one statement and by one dbt at a time: dbt's own way
    renames it on every build, which waits for whoever reads it and fails when two builds do it at once.
    The view's comment tells the SQL that it was made of.
-#}
{% materialization view, adapter='postgres' %}
    {% set comment = model.description ~ " [" ~ local_md5(sql) ~ "]" %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% do run_query("select pg_advisory_xact_lock(hashtext('ordervault.view'), hashtext('" ~ this ~ "'))") %}
    {% set known = run_query("select obj_description(to_regclass('" ~ this ~ "'), 'pg_class')").columns[0].values()[0] %}
    {% if known == comment %}
        {% call noop_statement('main', 'UNCHANGED', 'UNCHANGED', 0) %}{{ sql }}{% endcall %}
    {% else %}
        {{ get_assert_columns_equivalent(sql) }}
        {% call statement('main') %}
            do $make$
            begin
                create or replace view {{ this }} as {{ sql }};
            exception when invalid_table_definition then -- other columns, or in another order
                drop view {{ this }} cascade;
                create view {{ this }} as {{ sql }};
            end
            $make$;
            comment on view {{ this }} is $comment${{ comment }}$comment$;
        {% endcall %}
    {% endif %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [this.incorporate(type='view')]}) }}
{% endmaterialization %}
