{{ config(
    unique_key='h_order_pk',
    incremental_strategy='merge_window',
    meta={'distributed_by': 'h_order_pk'},
) }}

-- Unlike a business key, order_dt depends on which event is the order's earliest, and that may arrive last.

with {% if is_incremental() -%}
seen as {{ step() }}(

    select distinct
        h_order_pk,
        order_dt,
        load_dt,
        load_src
    from {{ ref('stg_orders') }}
    where {{ in_window('position') }}

),

-- An event that shows the date that is known changes nothing, unless it is read again.
touched as {{ step() }}(

    select distinct seen.h_order_pk
    from seen
    {{ looked_up(this, 'known', 'h_order_pk', 'seen.h_order_pk', outer=true) }}
    where
        known.order_dt is distinct from seen.order_dt
        or (known.load_dt, known.load_src) > (seen.load_dt, seen.load_src)
        or {{ has_reloads() }}

),

events as (

    select orders.*
    from touched
    {{ looked_up(ref('stg_orders'), 'orders', 'h_order_pk', 'touched.h_order_pk', up_to_window('found.position')) }}

),
{%- else -%}
events as (

    select * from {{ ref('stg_orders') }}
    where {{ in_window('position') }}

),
{%- endif %}

final as (

    select distinct on (h_order_pk)
        h_order_pk,
        order_id,
        order_dt,
        first_value(load_dt) over first_loaded as load_dt,
        first_value(load_src) over first_loaded as load_src
    from events
    window first_loaded as (partition by h_order_pk order by load_dt, load_src)
    order by h_order_pk asc, event_dttm asc, sent_dttm desc, event_id desc

)

select * from final
