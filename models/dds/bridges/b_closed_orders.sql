{{ config(
    unique_key='h_order_pk',
    meta={'absent_when': 'h_user_pk is null'},
) }}

with touched as (

    {{ touched_orders(ref('stg_orders'), ref('stg_order_items')) }}

),

latest_events as (

    select
        orders.h_order_pk,
        max(orders.event_dttm) as event_dttm
    from {{ ref('stg_orders') }} as orders
    inner join touched
        on orders.h_order_pk = touched.h_order_pk
    where {{ up_to_window('orders.position') }}
    group by orders.h_order_pk

),

closed as (

    select
        touched.h_order_pk,
        order_user.h_user_pk,
        details.order_dt,
        latest_events.event_dttm
    from touched
    inner join latest_events
        on touched.h_order_pk = latest_events.h_order_pk
    inner join {{ ref('s_order_status') }} as status
        on touched.h_order_pk = status.h_order_pk and status.end_dt = {{ open_end() }}
    inner join {{ ref('s_order_details') }} as details
        on touched.h_order_pk = details.h_order_pk and details.end_dt = {{ open_end() }}
    inner join {{ ref('l_order_user') }} as order_user
        on touched.h_order_pk = order_user.h_order_pk
    inner join {{ ref('s_order_user') }} as user_in_effect
        on
            order_user.hk_order_user_pk = user_in_effect.hk_order_user_pk
            and user_in_effect.end_dt = {{ open_end() }}
    where status.status = 'CLOSED'

)

{% if is_incremental() -%}
select
    touched.h_order_pk,
    closed.h_user_pk,
    closed.order_dt,
    closed.event_dttm
from touched
left join closed
    on touched.h_order_pk = closed.h_order_pk
left join {{ this }} as known
    on touched.h_order_pk = known.h_order_pk
where
    (closed.h_user_pk, closed.order_dt, closed.event_dttm)
    is distinct from (known.h_user_pk, known.order_dt, known.event_dttm)
{%- else -%}
select * from closed
{%- endif %}
