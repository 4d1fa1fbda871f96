{#- The keys of the Data Vault: MD5 as uuid, so that anybody can compute them from the business key. -#}

{% macro hub_key(business_key) -%}
    md5(({{ business_key }})::text)::uuid
{%- endmacro %}

{% macro link_key(left_pk, right_pk) -%}
    md5(({{ left_pk }})::text || ({{ right_pk }})::text)::uuid
{%- endmacro %}

{% macro satellite_key(parent_pk, start_dt) -%}
    md5(({{ parent_pk }})::text || to_char({{ start_dt }}, 'YYYY-MM-DD HH24:MI:SS.US'))::uuid
{%- endmacro %}
