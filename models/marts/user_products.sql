select
    users.user_id,
    names.username as user_name,
    names.userlogin as user_login,
    products.product_id,
    counters.product_name,
    counters.order_cnt
from {{ ref('user_product_counters') }} as counters
inner join {{ ref('h_user') }} as users
    on counters.user_id = users.h_user_pk
inner join {{ ref('s_user_names') }} as names
    on counters.user_id = names.h_user_pk and names.end_dt = {{ open_end() }}
inner join {{ ref('h_product') }} as products
    on counters.product_id = products.h_product_pk
