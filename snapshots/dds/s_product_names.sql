{% snapshot s_product_names %}

{{ config(
    unique_key='h_product_pk',
    check_cols=['productname'],
    snapshot_meta_column_names=satellite_columns('hk_product_names_pk'),
    indexes=satellite_indexes('hk_product_names_pk', 'h_product_pk'),
) }}
-- depends_on: {{ ref('h_product') }}

select
    h_product_pk,
    productname,
    event_dttm as observed_at,
    sent_dttm,
    event_id,
    position,
    load_dt,
    load_src
from {{ ref('stg_order_items') }}

{% endsnapshot %}
