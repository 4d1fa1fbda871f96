{% snapshot s_order_product %}

{{ config(
    unique_key='hk_order_product_pk',
    check_cols=['price', 'quantity'],
    snapshot_meta_column_names=satellite_columns('hk_order_product_sat_pk'),
    indexes=satellite_indexes('hk_order_product_sat_pk', 'hk_order_product_pk'),
    meta={'driving_key': 'h_order_pk', 'link': 'l_order_product', 'whole_set': true},
) }}
-- depends_on: {{ ref('l_order_product') }}

-- An order without products is one row without a product: it ends what was in the order before.
select
    orders.h_order_pk,
    items.hk_order_product_pk,
    items.price,
    items.quantity,
    orders.event_dttm as observed_at,
    orders.sent_dttm,
    orders.event_id,
    orders.position,
    orders.load_dt,
    orders.load_src
from {{ ref('stg_orders') }} as orders
left join {{ ref('stg_order_items') }} as items
    on orders.event_id = items.event_id

{% endsnapshot %}
