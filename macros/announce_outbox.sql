{% macro announce_outbox() %}
    select pg_notify('ordervault_outbox', '');
{% endmacro %}
