{#-
    The versions of one parent follow each other: none starts before the one before it ends, and
    none ends before it starts. With `link` and `link_pk` the parent is the driving key, a column of
    that link.
-#}
{% test timelines_do_not_overlap(model, parent, link=none, link_pk=none) %}
with versions as (

    select
        {{ parent }} as parent,
        start_dt,
        end_dt,
        lag(end_dt) over (partition by {{ parent }} order by start_dt) as previous_end_dt
    from {{ model }}
    {%- if link %} inner join {{ link }} using ({{ link_pk }}){% endif %}

)

select *
from versions
where (start_dt < end_dt and coalesce(start_dt >= previous_end_dt, true)) is not true
{% endtest %}
