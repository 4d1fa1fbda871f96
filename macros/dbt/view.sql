{#-
    dbt's own way renames the view on every build, which waits for whoever reads it and fails when two builds do
    it at once. Here the view's comment tells the SQL that it was made of.
-#}
{% materialization view, adapter='postgres' %}
    {% set comment = model.description ~ " [" ~ local_md5(sql) ~ "]" %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {% if comment_of_view() == comment %}
        {% call noop_statement('main', 'UNCHANGED', 'UNCHANGED', 0) %}{{ sql }}{% endcall %}
        {{ return({'relations': [this.incorporate(type='view')]}) }}
    {% endif %}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% do run_query("select pg_advisory_xact_lock(hashtext('ordervault.view'), hashtext('" ~ this ~ "'))") %}
    {% if comment_of_view() == comment %}
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

{% macro comment_of_view() %}
    {{ return(run_query("select obj_description(to_regclass('" ~ this ~ "'), 'pg_class')").columns[0].values()[0]) }}
{% endmacro %}
