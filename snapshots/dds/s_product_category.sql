{% snapshot s_product_category %}

{{ config(
    unique_key='hk_product_category_pk',
    snapshot_meta_column_names=satellite_columns('hk_product_category_sat_pk'),
    indexes=satellite_indexes('hk_product_category_sat_pk', 'hk_product_category_pk'),
    meta={'driving_key': 'h_product_pk', 'link': 'l_product_category'},
) }}
-- depends_on: {{ ref('l_product_category') }}

select
    h_product_pk,
    hk_product_category_pk,
    event_dttm as observed_at,
    sent_dttm,
    event_id,
    position,
    load_dt,
    load_src
from {{ ref('stg_order_items') }}

{% endsnapshot %}
