{#-
    Every parent has one version without an end, whose end_dt is {{ open_end() }}; with `may_end`
    it may have none. Other arguments as for timelines_do_not_overlap.
-#}
{% test has_one_open_row(model, parent, link=none, link_pk=none, may_end=false) %}
select
    {{ parent }} as parent,
    max(end_dt) as last_end_dt,
    count(*) filter (where end_dt = {{ open_end() }}) as open_rows
from {{ model }}
{%- if link %} inner join {{ link }} using ({{ link_pk }}){% endif %}
group by {{ parent }}
having
    max(end_dt) > {{ open_end() }}
    or count(*) filter (where end_dt = {{ open_end() }}) {{ "> 1" if may_end else "!= 1" }}
{% endtest %}
