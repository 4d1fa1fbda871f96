{{ config(materialized='ephemeral', contract={'enforced': false}) }}

select
    statuses.h_order_pk,
    statuses.status,
    statuses.status_dttm,
    coalesce(life_cycle.step, stg.unknown_status(statuses.status)) as step,
    statuses.position,
    statuses.load_dt,
    statuses.load_src
from {{ ref('stg_order_statuses') }} as statuses
left join {{ ref('order_statuses') }} as life_cycle
    on statuses.status = life_cycle.status
