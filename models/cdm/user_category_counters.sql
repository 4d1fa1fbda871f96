{{ config(
    unique_key=['user_id', 'category_id'],
    meta={'absent_when': 'order_cnt = 0'},
) }}

with touched as (

    {{ touched_orders(ref('stg_orders'), ref('stg_order_items')) }}

),

-- Whoever has ever had a touched order, and whatever categories its products have ever had.
pairs as (

    select distinct
        order_user.h_user_pk,
        product_category.h_category_pk
    from touched
    inner join {{ ref('l_order_user') }} as order_user
        on touched.h_order_pk = order_user.h_order_pk
    inner join {{ ref('l_order_product') }} as order_product
        on touched.h_order_pk = order_product.h_order_pk
    inner join {{ ref('l_product_category') }} as product_category
        on order_product.h_product_pk = product_category.h_product_pk

),

counted as (

    select
        pairs.h_user_pk,
        pairs.h_category_pk,
        count(distinct held.h_order_pk) as order_cnt
    from pairs
    inner join {{ ref('b_closed_order_products') }} as held
        on pairs.h_user_pk = held.h_user_pk and pairs.h_category_pk = held.h_category_pk
    group by pairs.h_user_pk, pairs.h_category_pk

),

final as (

    select
        pairs.h_user_pk as user_id,
        pairs.h_category_pk as category_id,
        categories.category_name,
        coalesce(counted.order_cnt, 0) as order_cnt
    from pairs
    inner join {{ ref('h_category') }} as categories
        on pairs.h_category_pk = categories.h_category_pk
    left join counted
        on pairs.h_user_pk = counted.h_user_pk and pairs.h_category_pk = counted.h_category_pk

)

select final.*
from final
{% if is_incremental() -%}
left join {{ this }} as known
    on final.user_id = known.user_id and final.category_id = known.category_id
where final.order_cnt != coalesce(known.order_cnt, 0)
{%- else -%}
where final.order_cnt > 0
{%- endif %}
