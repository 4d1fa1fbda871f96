{% macro link(pk, left_pk, right_pk, observations) %}
{{ hub(pk, left_pk ~ ', ' ~ right_pk, observations) }}
{% endmacro %}
