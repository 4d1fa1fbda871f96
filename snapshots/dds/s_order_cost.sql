{% snapshot s_order_cost %}

{{ config(
    unique_key='h_order_pk',
    check_cols=['cost', 'payment', 'bonus_payment', 'bonus_grant'],
    snapshot_meta_column_names=satellite_columns('hk_order_cost_pk'),
    indexes=satellite_indexes('hk_order_cost_pk', 'h_order_pk'),
) }}
-- depends_on: {{ ref('h_order') }}

select
    h_order_pk,
    cost,
    payment,
    bonus_payment,
    bonus_grant,
    event_dttm as observed_at,
    sent_dttm,
    event_id,
    position,
    load_dt,
    load_src
from {{ ref('stg_orders') }}

{% endsnapshot %}
