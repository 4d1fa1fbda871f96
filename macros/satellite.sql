{#- dbt's names for the columns of a snapshot, in the words of the Data Vault. -#}
{% macro satellite_columns(pk) %}
    {{ return({
        'dbt_scd_id': pk,
        'dbt_valid_from': 'start_dt',
        'dbt_valid_to': 'end_dt',
        'dbt_updated_at': 'load_dt',
    }) }}
{% endmacro %}

{% macro satellite_indexes(pk, parent_pk) %}
    {{ return([
        {'columns': [pk], 'unique': true},
        {'columns': [parent_pk, 'start_dt'], 'unique': true},
    ]) }}
{% endmacro %}
