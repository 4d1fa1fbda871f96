{{ config(
    unique_key='h_order_pk',
    meta={'absent_when': 'h_user_pk is null'},
) }}

with touched as materialized (

    {{ touched_orders(ref('stg_orders'), ref('stg_order_items')) }}

)

select
    touched.h_order_pk,
    closed.h_user_pk,
    closed.order_dt,
    closed.event_dttm
from touched
{{ 'left' if is_incremental() else 'cross' }} join lateral (
    select
        order_user.h_user_pk,
        details.order_dt,
        (
            select max(orders.event_dttm)
            from {{ ref('stg_orders') }} as orders
            where orders.h_order_pk = touched.h_order_pk and {{ up_to_window('orders.position') }}
        ) as event_dttm
    from {{ ref('s_order_status') }} as status
    {{ version_at(ref('s_order_details'), 'details', 'h_order_pk', "touched.h_order_pk") }}
    {{ looked_up(ref('l_order_user'), 'order_user', "found.h_order_pk = touched.h_order_pk") }}
    {{ version_at(ref('s_order_user'), 'user_in_effect', 'hk_order_user_pk', "order_user.hk_order_user_pk") }}
    where
        status.h_order_pk = touched.h_order_pk
        and status.end_dt = {{ open_end() }}
        and status.status = 'CLOSED'
    {%- if not is_rebuilt() %}
    offset 0 -- noqa: AM09
    {%- endif %}
) as closed{{ ' on true' if is_incremental() }}
{% if is_incremental() -%}
{{ looked_up(this, 'known', "found.h_order_pk = touched.h_order_pk", outer=true) }}
where
    (closed.h_user_pk, closed.order_dt, closed.event_dttm)
    is distinct from (known.h_user_pk, known.order_dt, known.event_dttm)
{%- endif %}
