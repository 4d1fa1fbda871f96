{#-
    While events arrive, or after a build of a part, one model may be ahead of another; then nothing can
    be said of them together.
-#}
{% macro have_loaded_the_same(relations) -%}
    (
        select count(distinct loaded_to) = 1 and count(*) = {{ relations | length }}
        from stg.load_state
        where relation in (
            {%- for relation in relations %}
            {{ watermark_key(relation.schema, relation.identifier) }}{{ "," if not loop.last }}
            {%- endfor %}
        )
    )
{%- endmacro %}

{% macro loaded_to(relation) -%}
    (select loaded_to from stg.load_state where relation = {{ watermark_key(relation.schema, relation.identifier) }})
{%- endmacro %}
