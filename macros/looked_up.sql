{#-
    A window is small and a history is not, and the planner cannot know it: for bounds that it reads from a table it expects
    half a percent of the history, so from some size on it prefers to hash the whole of it. `offset 0` leaves it no choice: an increment costs what
    its window costs, at any length of history and with any statistics. A table that is made anew is joined as a set.
-#}
{% macro looked_up(relation, alias, column, key, condition=none, outer=false) -%}
    {%- if is_distributed() %}
    {{ return(joined(relation, alias, column, key, condition, outer)) }}
    {%- endif %}
    {{ 'left' if outer else 'cross' }} join lateral (
        select found.*
        from {{ relation }} as found
        where found.{{ column }} = {{ key }}{{ " and " ~ condition if condition }}
        {%- if not is_rebuilt() %}
        offset 0
        {%- endif %}
    ) as {{ alias }}{{ ' on true' if outer }}
{%- endmacro %}

{#-
    The version of a satellite that holds at a moment, or now: the last one that began by then, by one look into the index along the
    timelines, however many versions the key has. That its key is the one asked for is compared afterwards: of a condition on one key
    the planner expects the few rows of a usual one, and would read and sort all of a crowded one's. Versions of now are joined as a
    set, too, when a table is made anew.
-#}
{% macro version_at(satellite, alias, column, key, moment=none) -%}
    {%- if is_distributed() -%}
    {{ joined(
        satellite, alias, column, key,
        "found.start_dt <= " ~ moment ~ " and found.end_dt > " ~ moment if moment else "found.end_dt = " ~ open_end()
    ) }}
    {%- elif moment is none and is_rebuilt() -%}
    {{ looked_up(satellite, alias, column, key, "found.end_dt = " ~ open_end()) }}
    {%- else -%}
    cross join lateral (
        select last_begun.*
        from (
            select found.*
            from {{ satellite }} as found
            where (found.{{ column }}, found.start_dt) <= ({{ key }}, {{ moment or "timestamp 'infinity'" }})
            order by found.{{ column }} desc, found.start_dt desc
            limit 1
        ) as last_begun
        where
            last_begun.{{ column }} = {{ key }}
            and last_begun.end_dt {{ "> " ~ moment if moment else "= " ~ open_end() }}
    ) as {{ alias }}
    {%- endif -%}
{%- endmacro %}

{#- Citus takes no lateral join. It knows how many rows it has gathered, and so does the planner. -#}
{% macro joined(relation, alias, column, key, condition=none, outer=false) -%}
    {{ 'left' if outer else 'inner' }} join {{ rows_of(relation, column, key.split('.')[0]) if outer else relation }} as {{ alias }}
        on {{ alias }}.{{ column }} = {{ key }}{{ " and " ~ condition | replace('found.', alias ~ '.') if condition }}
{%- endmacro %}

{#- Of a sub-select: Postgres would compute its expressions again for each that reads them. Citus would gather the rows. -#}
{% macro computed_once() -%}
    {{ 'offset 0' if not is_distributed() }}
{%- endmacro %}
