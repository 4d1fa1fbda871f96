{{ config(
    unique_key=['user_id', 'product_id'],
    meta={'distributed_by': 'user_id', 'absent_when': 'order_cnt = 0'},
    indexes=[{'columns': ['product_id', 'md5(product_name)']}],
) }}

with touched as materialized (

    {{ touched_orders(ref('stg_orders'), ref('stg_order_items'), ref('l_product_category')) }}

),

{% if is_incremental() -%}
named as {{ step() }}(

    select
        products.h_product_pk,
        md5(open_names.productname) as hash
    from (
        select distinct h_product_pk
        from {{ ref('stg_order_items') }}
        where {{ in_window('position') }}
    ) as products
    {{ version_at(ref('s_product_names'), 'open_names', 'h_product_pk', "products.h_product_pk") }}

),

{% endif -%}
owners as {{ step() }}(

    select
        touched.h_order_pk,
        order_user.h_user_pk
    from touched
    {{ looked_up(ref('l_order_user'), 'order_user', 'h_order_pk', "touched.h_order_pk") }}

),

-- Whoever has ever had a touched order, and whatever it has ever held.
pairs as {{ step() }}(

    select distinct
        owners.h_user_pk,
        order_product.h_product_pk
    from owners
    {{ looked_up(ref('l_order_product'), 'order_product', 'h_order_pk', "owners.h_order_pk") }}
    {%- if is_incremental() %}
    union
    -- A product's rows that show another name: in the index they lie before and behind those that show it. (By a hash of it: a name may
    -- be longer than an index takes.) A run that was ahead of this model's window may have renamed some of them.
    select
        known.user_id,
        known.product_id
    from named
    {{ looked_up(this, 'known', 'product_id', "named.h_product_pk", "md5(found.product_name) < named.hash") }}
    union
    select
        known.user_id,
        known.product_id
    from named
    {{ looked_up(this, 'known', 'product_id', "named.h_product_pk", "md5(found.product_name) > named.hash") }}
    {%- endif %}

),

final as {{ step() }}(

    select
        pairs.h_user_pk as user_id,
        pairs.h_product_pk as product_id,
        open_names.productname as product_name,
        coalesce(counted.order_cnt, 0) as order_cnt
    from pairs
    {{ version_at(ref('s_product_names'), 'open_names', 'h_product_pk', "pairs.h_product_pk") }}
    {{ aggregated(
        'count(*) as order_cnt', 'counted', ref('b_closed_order_products'), 'pairs', ['h_user_pk', 'h_product_pk']
    ) }}

)

select final.*
from final
{% if is_incremental() -%}
{{ looked_up(this, 'known', 'user_id', "final.user_id", "found.product_id = final.product_id", outer=true) }}
where
    final.order_cnt != coalesce(known.order_cnt, 0)
    or (final.order_cnt > 0 and final.product_name != known.product_name)
{%- else -%}
where final.order_cnt > 0
{%- endif %}
