{#-
    parent        the key, or, with `link` and `link_pk`, the driving key, a column of that link
    attributes    what differs between two versions that touch each other
    may_end       the last version may have an end, and there may be gaps
-#}
{% test is_timeline(model, parent, attributes, hub=none, link=none, link_pk=none, may_end=false) %}
with versions as (

    select
        {{ parent }} as parent,
        start_dt,
        end_dt,
        lead(start_dt) over in_order as next_start_dt,
        false
        {%- for attribute in attributes %}
        or {{ attribute }} is distinct from lead({{ attribute }}) over in_order
        {%- endfor %} as is_followed_by_another
    from {{ model }}
    {%- if link %} inner join {{ link }} using ({{ link_pk }}){% endif %}
    window in_order as (partition by {{ parent }} order by start_dt, end_dt)

),

judged as (

    select
        parent,
        start_dt,
        end_dt,
        case
            when (start_dt < end_dt and end_dt <= {{ open_end() }}) is not true then 'ends before it starts, or never'
            when next_start_dt < end_dt then 'overlaps with the next one'
            {%- if not may_end %}
            when next_start_dt > end_dt then 'has a gap behind it'
            when next_start_dt is null and end_dt != {{ open_end() }} then 'is the last one and has an end'
            {%- endif %}
            when next_start_dt = end_dt and not is_followed_by_another then 'is repeated by the next one'
        end as problem
    from versions
    {%- if hub %}
    union all
    select
        hub.{{ parent }} as parent,
        null as start_dt,
        null as end_dt,
        'has no version' as problem
    from {{ hub }} as hub
    where
        {{ have_loaded_the_same([hub, model] + ([link] if link else [])) }}
        and hub.{{ parent }} not in (select versions.parent from versions)
    {%- endif %}

)

select *
from judged
where problem is not null
{% endtest %}
