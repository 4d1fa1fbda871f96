{% snapshot s_order_restaurant %}

{{ config(
    unique_key='hk_order_restaurant_pk',
    snapshot_meta_column_names=satellite_columns('hk_order_restaurant_sat_pk'),
    indexes=satellite_indexes('hk_order_restaurant_sat_pk', 'hk_order_restaurant_pk'),
    meta={'driving_key': 'h_order_pk', 'link': 'l_order_restaurant'},
) }}
-- depends_on: {{ ref('l_order_restaurant') }}

select
    h_order_pk,
    hk_order_restaurant_pk,
    event_dttm as observed_at,
    sent_dttm,
    event_id,
    position,
    load_dt,
    load_src
from {{ ref('stg_orders') }}

{% endsnapshot %}
