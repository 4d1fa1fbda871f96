{#-
    One row per relationship of a window of observations. Arguments as for `hub`; `left_pk` and
    `right_pk` are the hubs' keys, in the order of the link's name.
-#}
{% macro link(pk, left_pk, right_pk, observations, window, known=none) %}
{{ hub(pk, left_pk ~ ', ' ~ right_pk, observations, window, known) }}
{% endmacro %}
