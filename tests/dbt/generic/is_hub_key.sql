{% test is_hub_key(model, column_name, business_key) %}
select *
from {{ model }}
where {{ column_name }} != {{ hub_key(business_key) }}
{% endtest %}
