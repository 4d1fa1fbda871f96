{#- Wakes `ingest emit --follow` when the transaction that appended to the outbox commits. -#}
{% macro announce_outbox() %}
    select pg_notify('ordervault_outbox', '');
    {% if execute and is_rebuilt() %}
        {{ grant_select(this, 'ordervault_emitter') }}
    {% endif %}
{% endmacro %}
