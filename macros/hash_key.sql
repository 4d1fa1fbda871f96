{#- The keys of the Data Vault: MD5 as uuid, so that anybody can compute them from the business key. -#}

{% macro hub_key(business_key) -%}
    md5(({{ business_key }})::text)::uuid
{%- endmacro %}

{% macro link_key(left_pk, right_pk) -%}
    md5(({{ left_pk }})::text || ({{ right_pk }})::text)::uuid
{%- endmacro %}

{#- Most times have whole seconds. A cast writes those as to_char does, in a fourth of the time, where DateStyle is ISO: psycopg2 sees to that in each
    session. Workers of Citus may have another one. -#}
{% macro satellite_key(parent_pk, start_dt) -%}
    {%- set exact = "to_char(" ~ start_dt ~ ", 'YYYY-MM-DD HH24:MI:SS.US')" -%}
    md5(({{ parent_pk }})::text || {% if is_distributed() %}{{ exact }}{% else -%}
        case when {{ start_dt }} = ({{ start_dt }})::timestamp(0) then ({{ start_dt }})::text || '.000000' else {{ exact }} end
    {%- endif %})::uuid
{%- endmacro %}
