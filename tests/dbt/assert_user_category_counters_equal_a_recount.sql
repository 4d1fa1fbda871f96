with closed as (

    {{ recounted_orders() }}

),

recounted as (

    select
        closed.h_user_pk as user_id,
        closed.h_category_pk as category_id,
        categories.category_name,
        count(distinct closed.h_order_pk) as order_cnt
    from closed
    inner join {{ ref('h_category') }} as categories
        on closed.h_category_pk = categories.h_category_pk
    group by closed.h_user_pk, closed.h_category_pk, categories.category_name

),

differences as (

    {{ differences('recounted', ref('user_category_counters')) }}

)

select
    user_id,
    category_id,
    category_name,
    order_cnt
from differences
where {{ have_loaded_the_same([
    ref('stg_orders'),
    ref('s_order_status'),
    ref('s_order_user'),
    ref('s_order_product'),
    ref('s_product_category'),
    ref('h_category'),
    ref('user_category_counters'),
]) }}
