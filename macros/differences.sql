{% macro differences(one, other) %}
    (select * from {{ one }} except all select * from {{ other }})
    union all
    (select * from {{ other }} except all select * from {{ one }})
{% endmacro %}
