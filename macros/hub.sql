{#-
    Only keys that are new, or that an earlier loaded event bears, are returned, so that the merge
    rewrites nothing else.
-#}
{% macro hub(pk, business_key, observations, window, known=none) %}
with observed as (

    select distinct on ({{ pk }})
        {{ pk }},
        {{ business_key }},
        load_dt,
        load_src
    from {{ observations }} as observations
    where {{ window }}
    order by {{ pk }}, load_dt, load_src

)

select observed.*
from observed
{%- if known is not none %}
left join {{ rows_of(known, pk, 'observed') }} as known
    on observed.{{ pk }} = known.{{ pk }}
where known.{{ pk }} is null or (observed.load_dt, observed.load_src) < (known.load_dt, known.load_src)
{%- endif %}
{% endmacro %}
