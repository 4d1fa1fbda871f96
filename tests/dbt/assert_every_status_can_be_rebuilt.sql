with listed as (

    select
        events.object_id as order_id,
        {{ utc("line.entry ->> 'dttm'") }} as status_dttm,
        max(life_cycle.step) as step
    from {{ source('stg', 'order_events') }} as events
    cross join lateral jsonb_array_elements(events.payload #> '{payload,statuses}') as line (entry)
    inner join {{ ref('order_statuses') }} as life_cycle
        on line.entry ->> 'status' = life_cycle.status
    where
        events.object_type = 'order'
        and events.position <= {{ loaded_to(ref('h_order')) }}
    group by events.object_id, status_dttm

),

known as (

    select
        orders.order_id,
        life_cycle.step,
        status.start_dt,
        status.end_dt
    from {{ ref('s_order_status') }} as status
    inner join {{ ref('h_order') }} as orders
        on status.h_order_pk = orders.h_order_pk
    inner join {{ ref('order_statuses') }} as life_cycle
        on status.status = life_cycle.status

)

select
    listed.*,
    known.step as rebuilt
from listed
left join known
    on
        listed.order_id = known.order_id
        and listed.status_dttm >= known.start_dt
        and listed.status_dttm < known.end_dt
where
    listed.step is distinct from known.step
    and {{ have_loaded_the_same([ref('h_order'), ref('s_order_status')]) }}
