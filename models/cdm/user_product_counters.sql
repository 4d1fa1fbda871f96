{{ config(
    unique_key=['user_id', 'product_id'],
    meta={'absent_when': 'order_cnt = 0'},
    indexes=[{'columns': ['product_id', 'product_name']}],
) }}

with touched as (

    {{ touched_orders(ref('stg_orders'), ref('stg_order_items')) }}

),

open_names as (

    select
        h_product_pk,
        productname
    from {{ ref('s_product_names') }}
    where end_dt = {{ open_end() }}

),

-- Whoever has ever had a touched order, and whatever it has ever held.
pairs as (

    select distinct
        order_user.h_user_pk,
        order_product.h_product_pk
    from touched
    inner join {{ ref('l_order_user') }} as order_user
        on touched.h_order_pk = order_user.h_order_pk
    inner join {{ ref('l_order_product') }} as order_product
        on touched.h_order_pk = order_product.h_order_pk
    {%- if is_incremental() %}
    union
    -- All rows of a product show its name, if the first and the last one in the index do. A run that was ahead
    -- of this model's window may have renamed some of them.
    select
        known.user_id,
        known.product_id
    from (
        select distinct h_product_pk
        from {{ ref('stg_order_items') }}
        where {{ in_window('position') }}
    ) as products
    inner join open_names
        on products.h_product_pk = open_names.h_product_pk
    inner join {{ this }} as known
        on products.h_product_pk = known.product_id
    where
        open_names.productname != (
            select min(first_row.product_name)
            from {{ this }} as first_row
            where first_row.product_id = products.h_product_pk
        )
        or open_names.productname != (
            select max(last_row.product_name)
            from {{ this }} as last_row
            where last_row.product_id = products.h_product_pk
        )
    {%- endif %}

),

counted as (

    select
        pairs.h_user_pk,
        pairs.h_product_pk,
        count(*) as order_cnt
    from pairs
    inner join {{ ref('b_closed_order_products') }} as held
        on pairs.h_user_pk = held.h_user_pk and pairs.h_product_pk = held.h_product_pk
    group by pairs.h_user_pk, pairs.h_product_pk

),

final as (

    select
        pairs.h_user_pk as user_id,
        pairs.h_product_pk as product_id,
        open_names.productname as product_name,
        coalesce(counted.order_cnt, 0) as order_cnt
    from pairs
    inner join open_names
        on pairs.h_product_pk = open_names.h_product_pk
    left join counted
        on pairs.h_user_pk = counted.h_user_pk and pairs.h_product_pk = counted.h_product_pk

)

select final.*
from final
{% if is_incremental() -%}
left join {{ this }} as known
    on final.user_id = known.user_id and final.product_id = known.product_id
where
    final.order_cnt != coalesce(known.order_cnt, 0)
    or (final.order_cnt > 0 and final.product_name != known.product_name)
{%- else -%}
where final.order_cnt > 0
{%- endif %}
