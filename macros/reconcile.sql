{#-
    The incremental strategy `reconcile`: a merge that also deletes.

    The model's select returns, for the keys that this window touched, the rows as they must be. A
    row that must not be there any more carries its key and the condition `meta.absent_when`.
-#}
{% macro get_incremental_reconcile_sql(arg_dict) %}
    {% set keys = [arg_dict.unique_key] if arg_dict.unique_key is string else arg_dict.unique_key %}
    {% set columns = arg_dict.dest_columns | map(attribute='quoted') | list %}
    {% set absent = "change." ~ config.get('meta')['absent_when'] %}
    merge into {{ arg_dict.target_relation }} as present
    using {{ arg_dict.temp_relation }} as change
        on {% for key in keys %}present.{{ key }} = change.{{ key }}{{ " and " if not loop.last }}{% endfor %}
    when matched and {{ absent }} then delete
    when matched then update set
        {%- for column in columns %}
        {{ column }} = change.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    when not matched and not ({{ absent }}) then insert ({{ columns | join(", ") }})
        values (change.{{ columns | join(", change.") }})
{% endmacro %}
