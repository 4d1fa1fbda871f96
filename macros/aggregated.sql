{#-
    For each row of `of` one aggregate of the rows that belong to it, read by an index. Where a table is made anew they are joined as sets
    and grouped; so they are with Citus, which takes no lateral join.
-#}
{% macro aggregated(value, alias, relation, of, keys, condition='true', joins='') -%}
    {%- set matches = [] -%}
    {%- for key in keys %}{% do matches.append("found." ~ key ~ " = " ~ of ~ "." ~ key) %}{% endfor -%}
    {%- if is_distributed() or is_rebuilt() -%}
    left join (
        select
            found.{{ keys | join(", found.") }},
            {{ value }}
        from {{ of }}
        inner join {{ relation }} as found
            on {{ matches | join(" and ") }} and {{ condition }}
        {{ joins }}
        group by found.{{ keys | join(", found.") }}
    ) as {{ alias }}
        on {{ matches | join(" and ") | replace("found.", alias ~ ".") }}
    {%- else -%}
    cross join lateral (
        select {{ value }}
        from {{ relation }} as found
        {{ joins }}
        where {{ matches | join(" and ") }} and {{ condition }}
    ) as {{ alias }}
    {%- endif -%}
{%- endmacro %}
