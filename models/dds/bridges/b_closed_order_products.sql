{{ config(
    unique_key=['h_order_pk', 'h_product_pk'],
    meta={'absent_when': 'h_user_pk is null'},
    indexes=[
        {'columns': ['h_user_pk', 'h_product_pk']},
        {'columns': ['h_user_pk', 'h_category_pk']},
    ],
) }}

with touched as (

    {{ touched_orders(ref('stg_orders'), ref('stg_order_items')) }}

),

held as (

    select
        closed.h_order_pk,
        order_product.h_product_pk,
        closed.h_user_pk,
        product_category.h_category_pk
    from touched
    inner join {{ ref('b_closed_orders') }} as closed
        on touched.h_order_pk = closed.h_order_pk
    inner join {{ ref('l_order_product') }} as order_product
        on closed.h_order_pk = order_product.h_order_pk
    inner join {{ ref('s_order_product') }} as product_in_effect
        on
            order_product.hk_order_product_pk = product_in_effect.hk_order_product_pk
            and product_in_effect.end_dt = {{ open_end() }}
    inner join {{ ref('l_product_category') }} as product_category
        on order_product.h_product_pk = product_category.h_product_pk
    inner join {{ ref('s_product_category') }} as category_in_effect
        on
            product_category.hk_product_category_pk = category_in_effect.hk_product_category_pk
            and closed.event_dttm >= category_in_effect.start_dt
            and closed.event_dttm < category_in_effect.end_dt

)

{% if is_incremental() -%}
,

known as (

    select known.*
    from {{ this }} as known
    inner join touched
        on known.h_order_pk = touched.h_order_pk

)

select
    coalesce(held.h_order_pk, known.h_order_pk) as h_order_pk,
    coalesce(held.h_product_pk, known.h_product_pk) as h_product_pk,
    held.h_user_pk,
    held.h_category_pk
from held
full join known
    on held.h_order_pk = known.h_order_pk and held.h_product_pk = known.h_product_pk
where (held.h_user_pk, held.h_category_pk) is distinct from (known.h_user_pk, known.h_category_pk)
{%- else -%}
select * from held
{%- endif %}
