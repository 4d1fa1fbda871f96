{#-
    Every key of the hub has a version in the satellite. Arguments as for timelines_do_not_overlap;
    `hub` is the hub that `parent` is the key of.
-#}
{% test covers_its_hub(model, hub, parent, link=none, link_pk=none) %}
select hub.{{ parent }}
from {{ hub }} as hub
where
    {{ have_loaded_the_same([hub, model] + ([link] if link else [])) }}
    and not exists (
        select 1
        from {{ model }} as version
        {%- if link %}
        inner join {{ link }} as link using ({{ link_pk }})
        where link.{{ parent }} = hub.{{ parent }}
        {%- else %}
        where version.{{ parent }} = hub.{{ parent }}
        {%- endif %}
    )
{% endtest %}
