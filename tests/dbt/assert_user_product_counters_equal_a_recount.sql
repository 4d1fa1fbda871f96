with closed as (

    {{ recounted_orders() }}

),

recounted as (

    select
        closed.h_user_pk as user_id,
        closed.h_product_pk as product_id,
        names.productname as product_name,
        count(*) as order_cnt
    from closed
    inner join {{ ref('s_product_names') }} as names
        on closed.h_product_pk = names.h_product_pk and names.end_dt = {{ open_end() }}
    group by closed.h_user_pk, closed.h_product_pk, names.productname

),

differences as (

    {{ differences('recounted', ref('user_product_counters')) }}

)

select
    user_id,
    product_id,
    product_name,
    order_cnt
from differences
where {{ have_loaded_the_same([
    ref('stg_orders'),
    ref('s_order_status'),
    ref('s_order_user'),
    ref('s_order_product'),
    ref('s_product_category'),
    ref('s_product_names'),
    ref('user_product_counters'),
]) }}
