{% macro link(pk, left_pk, right_pk, observations, window, known=none) %}
{{ hub(pk, left_pk ~ ', ' ~ right_pk, observations, window, known) }}
{% endmacro %}
