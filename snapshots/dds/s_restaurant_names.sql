{% snapshot s_restaurant_names %}

{{ config(
    unique_key='h_restaurant_pk',
    check_cols=['restaurantname'],
    snapshot_meta_column_names=satellite_columns('hk_restaurant_names_pk'),
    indexes=satellite_indexes('hk_restaurant_names_pk', 'h_restaurant_pk'),
) }}
-- depends_on: {{ ref('h_restaurant') }}

select
    h_restaurant_pk,
    restaurantname,
    event_dttm as observed_at,
    sent_dttm,
    event_id,
    position,
    load_dt,
    load_src
from {{ ref('stg_orders') }}

{% endsnapshot %}
