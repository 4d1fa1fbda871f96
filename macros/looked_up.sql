{#-
    A window is small and a history is not, and the planner cannot know it: for bounds that it reads from a table it expects
    half a percent of the history, so from some size on it prefers to hash the whole of it. `offset 0` leaves it no choice: an increment costs what
    its window costs, at any length of history and with any statistics. A table that is made anew is joined as a set.
-#}
{% macro looked_up(relation, alias, condition, outer=false) -%}
    {{ 'left' if outer else 'cross' }} join lateral (
        select found.*
        from {{ relation }} as found
        where {{ condition }}
        {%- if not is_rebuilt() %}
        offset 0
        {%- endif %}
    ) as {{ alias }}{{ ' on true' if outer }}
{%- endmacro %}
