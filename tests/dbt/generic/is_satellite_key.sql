{% test is_satellite_key(model, column_name, parent, start_dt) %}
select *
from {{ model }}
where {{ column_name }} != {{ satellite_key(parent, start_dt) }}
{% endtest %}
