{#- Two versions that touch each other differ in an attribute; without attributes none may touch. -#}
{% test neighbours_differ(model, parent, attributes) %}
with versions as (

    select
        *,
        lag(end_dt) over in_order as previous_end_dt
        {%- for attribute in attributes %},
        lag({{ attribute }}) over in_order as previous_{{ attribute }}
        {%- endfor %}
    from {{ model }}
    window in_order as (partition by {{ parent }} order by start_dt)

)

select *
from versions
where
    start_dt = previous_end_dt
    {%- for attribute in attributes %}
    and {{ attribute }} is not distinct from previous_{{ attribute }}
    {%- endfor %}
{% endtest %}
