{% test is_link_key(model, column_name, left_pk, right_pk) %}
select *
from {{ model }}
where {{ column_name }} != {{ link_key(left_pk, right_pk) }}
{% endtest %}
