{{ config(
    unique_key=['user_id', 'category_id'],
    meta={'distributed_by': 'user_id', 'absent_when': 'order_cnt = 0'},
) }}

with touched as materialized (

    {{ touched_orders(ref('stg_orders'), ref('stg_order_items'), ref('l_product_category')) }}

),

owners as {{ step() }}(

    select
        touched.h_order_pk,
        order_user.h_user_pk
    from touched
    {{ looked_up(ref('l_order_user'), 'order_user', 'h_order_pk', "touched.h_order_pk") }}

),

-- Whoever has ever had a touched order, and whatever categories its products have ever had.
pairs as {{ step() }}(

    select distinct
        owners.h_user_pk,
        product_category.h_category_pk
    from owners
    {{ looked_up(ref('l_order_product'), 'order_product', 'h_order_pk', "owners.h_order_pk") }}
    {{ looked_up(ref('l_product_category'), 'product_category', 'h_product_pk', "order_product.h_product_pk") }}

),

final as {{ step() }}(

    select
        pairs.h_user_pk as user_id,
        pairs.h_category_pk as category_id,
        categories.category_name,
        coalesce(counted.order_cnt, 0) as order_cnt
    from pairs
    inner join {{ ref('h_category') }} as categories
        on pairs.h_category_pk = categories.h_category_pk
    {{ aggregated(
        'count(distinct found.h_order_pk) as order_cnt', 'counted', ref('b_closed_order_products'), 'pairs',
        ['h_user_pk', 'h_category_pk']
    ) }}

)

select final.*
from final
{% if is_incremental() -%}
{{ looked_up(this, 'known', 'user_id', "final.user_id", "found.category_id = final.category_id", outer=true) }}
where final.order_cnt != coalesce(known.order_cnt, 0)
{%- else -%}
where final.order_cnt > 0
{%- endif %}
