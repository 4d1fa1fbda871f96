{#- A link's key is the hash of its hubs' keys, in the order of the link's name. -#}
{% test is_link_key(model, column_name, left_pk, right_pk) %}
select *
from {{ model }}
where {{ column_name }} != {{ link_key(left_pk, right_pk) }}
{% endtest %}
