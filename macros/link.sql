{% macro link(pk, left_pk, right_pk, observations, computed={}, computed_from=[]) %}
{{ hub(pk, left_pk ~ ', ' ~ right_pk, observations, computed, computed_from) }}
{% endmacro %}
