{{ config(
    unique_key=['user_id', 'product_id'],
    meta={'absent_when': 'order_cnt = 0'},
    indexes=[{'columns': ['product_id', 'md5(product_name)']}],
) }}

with touched as materialized (

    {{ touched_orders(ref('stg_orders'), ref('stg_order_items')) }}

),

-- Whoever has ever had a touched order, and whatever it has ever held.
pairs as (

    select distinct
        order_user.h_user_pk,
        order_product.h_product_pk
    from touched
    {{ looked_up(ref('l_order_user'), 'order_user', "found.h_order_pk = touched.h_order_pk") }}
    {{ looked_up(ref('l_order_product'), 'order_product', "found.h_order_pk = touched.h_order_pk") }}
    {%- if is_incremental() %}
    union
    -- All rows of a product show its name, if the first and the last one in the index do. (Of a hash of it: a name may be longer
    -- than an index takes.) A run that was ahead of this model's window may have renamed some of them.
    select
        known.user_id,
        known.product_id
    from (
        select distinct h_product_pk
        from {{ ref('stg_order_items') }}
        where {{ in_window('position') }}
    ) as products
    {{ version_at(ref('s_product_names'), 'open_names', 'h_product_pk', "products.h_product_pk") }}
    {{ looked_up(this, 'known', "found.product_id = products.h_product_pk") }}
    where
        md5(open_names.productname) != (
            select min(md5(first_row.product_name))
            from {{ this }} as first_row
            where first_row.product_id = products.h_product_pk
        )
        or md5(open_names.productname) != (
            select max(md5(last_row.product_name))
            from {{ this }} as last_row
            where last_row.product_id = products.h_product_pk
        )
    {%- endif %}

),

final as (

    select
        pairs.h_user_pk as user_id,
        pairs.h_product_pk as product_id,
        open_names.productname as product_name,
        counted.order_cnt
    from pairs
    {{ version_at(ref('s_product_names'), 'open_names', 'h_product_pk', "pairs.h_product_pk") }}
    cross join lateral (
        select count(*) as order_cnt
        from {{ ref('b_closed_order_products') }} as held
        where held.h_user_pk = pairs.h_user_pk and held.h_product_pk = pairs.h_product_pk
    ) as counted

)

select final.*
from final
{% if is_incremental() -%}
{{ looked_up(this, 'known', "found.user_id = final.user_id and found.product_id = final.product_id", outer=true) }}
where
    final.order_cnt != coalesce(known.order_cnt, 0)
    or (final.order_cnt > 0 and final.product_name != known.product_name)
{%- else -%}
where final.order_cnt > 0
{%- endif %}
