{{ config(
    unique_key='h_order_pk',
    meta={'distributed_by': 'h_user_pk', 'absent_when': 'h_user_pk is null'},
) }}

with touched as materialized (

    {{ touched_orders(ref('stg_orders'), ref('stg_order_items'), ref('l_product_category')) }}

),

counting as {{ step() }}(

    select
        status.h_order_pk,
        details.order_dt
    from touched
    {{ looked_up(
        ref('s_order_status'), 'status',
        'h_order_pk', "touched.h_order_pk", "found.end_dt = " ~ open_end() ~ " and found.status = 'CLOSED'"
    ) }}
    {{ version_at(ref('s_order_details'), 'details', 'h_order_pk', "status.h_order_pk") }}

),

closed as {{ step() }}(

    select
        counting.h_order_pk,
        order_user.h_user_pk,
        counting.order_dt
    from counting
    {{ looked_up(ref('l_order_user'), 'order_user', 'h_order_pk', "counting.h_order_pk") }}
    {{ version_at(ref('s_order_user'), 'user_in_effect', 'hk_order_user_pk', "order_user.hk_order_user_pk") }}

),

final as {{ step() }}(

    select
        closed.*,
        latest.event_dttm
    from closed
    {{ aggregated(
        'max(found.event_dttm) as event_dttm', 'latest', ref('stg_orders'), 'closed', ['h_order_pk'],
        up_to_window('found.position')
    ) }}

)

{% if is_incremental() -%}
,

known as {{ step() }}(

    select known.*
    from touched
    {{ looked_up(this, 'known', 'h_order_pk', "touched.h_order_pk") }}

)

select
    coalesce(final.h_order_pk, known.h_order_pk) as h_order_pk,
    final.h_user_pk,
    final.order_dt,
    final.event_dttm
from final
full join known
    on final.h_order_pk = known.h_order_pk
where
    (final.h_user_pk, final.order_dt, final.event_dttm)
    is distinct from (known.h_user_pk, known.order_dt, known.event_dttm)
{%- else -%}
select * from final
{%- endif %}
