{% snapshot s_order_details %}

{{ config(
    unique_key='h_order_pk',
    check_cols=['order_dt', 'final_status'],
    snapshot_meta_column_names=satellite_columns('hk_order_details_pk'),
    indexes=satellite_indexes('hk_order_details_pk', 'h_order_pk'),
) }}
-- depends_on: {{ ref('h_order') }}

select
    h_order_pk,
    order_dt,
    final_status,
    event_dttm as observed_at,
    sent_dttm,
    event_id,
    position,
    load_dt,
    load_src
from {{ ref('stg_orders') }}

{% endsnapshot %}
