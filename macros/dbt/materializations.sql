{#- An increment is three statements, where dbt's own way takes fourteen to twenty-two, most of them questions about columns. -#}
{% materialization incremental, adapter='postgres' %}
    {% if config.get('incremental_strategy') in ['append_events', 'append_window', 'first_loaded', 'merge_window'] %}
        {{ return(load_window(sql)) }}
    {% endif %}
    {{ return(dbt.materialization_incremental_default()) }}
{% endmaterialization %}

{% materialization snapshot, adapter='postgres' %}
    {% if config.get('strategy') == 'timeline' %}
        {{ return(load_window(sql)) }}
    {% endif %}
    {{ return(dbt.materialization_snapshot_default()) }}
{% endmaterialization %}
