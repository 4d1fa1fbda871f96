{#-
    Every version but the last ends where the next one starts. Arguments as for
    timelines_do_not_overlap.
-#}
{% test timelines_have_no_gap(model, parent, link=none, link_pk=none) %}
with versions as (

    select
        {{ parent }} as parent,
        end_dt,
        lead(start_dt) over (partition by {{ parent }} order by start_dt) as next_start_dt
    from {{ model }}
    {%- if link %} inner join {{ link }} using ({{ link_pk }}){% endif %}

)

select *
from versions
where end_dt != next_start_dt
{% endtest %}
