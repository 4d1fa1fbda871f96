{% snapshot s_order_status %}

{{ config(
    unique_key='h_order_pk',
    check_cols=['status'],
    snapshot_meta_column_names=satellite_columns('hk_order_status_pk'),
    indexes=satellite_indexes('hk_order_status_pk', 'h_order_pk'),
    meta={'precedence': ['step']},
) }}
-- depends_on: {{ ref('h_order') }}

-- Every event lists the statuses that the order has had so far: the timeline is of their union.
select
    statuses.h_order_pk,
    statuses.status,
    statuses.status_dttm as observed_at,
    coalesce(life_cycle.step, stg.unknown_status(statuses.status)) as step,
    statuses.position,
    statuses.load_dt,
    statuses.load_src
from {{ ref('stg_order_statuses') }} as statuses
left join {{ ref('order_statuses') }} as life_cycle
    on statuses.status = life_cycle.status

{% endsnapshot %}
