{% macro open_end() -%}
    timestamp '4000-01-01 00:00:00'
{%- endmacro %}

{#- A text with an offset is converted, one without is UTC. The cast alone would drop the offset silently. -#}
{% macro utc(source_text) -%}
    case
        when right({{ source_text }}, 6) ~ '[Z+-]'
            then ({{ source_text }})::timestamptz at time zone 'UTC'
        else ({{ source_text }})::timestamp
    end
{%- endmacro %}

{#- YYYY-MM-DD HH:MM:SS, with microseconds only if there are any. -#}
{% macro source_timestamp(moment) -%}
    to_char(
        {{ moment }},
        case
            when {{ moment }} = date_trunc('second', {{ moment }}) then 'YYYY-MM-DD HH24:MI:SS'
            else 'YYYY-MM-DD HH24:MI:SS.US'
        end
    )
{%- endmacro %}
