{{ config(
    unique_key='h_order_pk',
    incremental_strategy='merge_window',
    meta={'distributed_by': 'h_order_pk'},
) }}

-- Unlike a business key, order_dt depends on which event is the order's earliest, and that may arrive last:
-- an order that was seen again is looked at with all its events.

with touched as (

    select distinct h_order_pk
    from {{ ref('stg_orders') }}
    where {{ in_window('position') }}

),

events as (

    select orders.*
    from touched
    {{ looked_up(ref('stg_orders'), 'orders', 'h_order_pk', "touched.h_order_pk", up_to_window('found.position')) }}

),

earliest as (

    select distinct on (h_order_pk)
        h_order_pk,
        order_id,
        order_dt
    from events
    order by h_order_pk asc, event_dttm asc, sent_dttm desc, event_id desc

),

first_loaded as (

    select distinct on (h_order_pk)
        h_order_pk,
        load_dt,
        load_src
    from events
    order by h_order_pk, load_dt, load_src

),

final as (

    select
        earliest.h_order_pk,
        earliest.order_id,
        earliest.order_dt,
        first_loaded.load_dt,
        first_loaded.load_src
    from earliest
    inner join first_loaded
        on earliest.h_order_pk = first_loaded.h_order_pk

)

select final.*
from final
{% if is_incremental() -%}
left join {{ rows_of(this, 'h_order_pk', 'final') }} as known
    on final.h_order_pk = known.h_order_pk
where
    (final.order_dt, final.load_dt, final.load_src)
    is distinct from (known.order_dt, known.load_dt, known.load_src)
{%- endif %}
