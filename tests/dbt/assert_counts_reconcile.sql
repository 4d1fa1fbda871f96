{% set vault = [ref('stg_orders'), ref('h_order'), ref('l_order_user'), ref('s_order_status')] %}
{% set marts = [
    ref('b_closed_orders'),
    ref('b_closed_order_products'),
    ref('user_product_counters'),
    ref('user_category_counters'),
] %}

with loaded as (

    select
        event_id,
        object_id,
        payload #>> '{payload,user,id}' as user_id
    from {{ source('stg', 'order_events') }}
    where object_type = 'order' and position <= {{ loaded_to(ref('stg_orders')) }}

),

users_of_orders as (

    select distinct
        object_id,
        user_id
    from loaded

),

categories_of_orders as (

    select distinct
        h_order_pk,
        h_category_pk
    from {{ ref('b_closed_order_products') }}

),

counts as (

    select
        'events, in stg and in stg_orders' as counted,
        (select count(*) from loaded) as one_way,
        (select count(*) from {{ ref('stg_orders') }}) as another_way
    union all
    select
        'orders, in stg and in h_order' as counted,
        (select count(distinct object_id) from loaded) as one_way,
        (select count(*) from {{ ref('h_order') }}) as another_way
    union all
    select
        'users of orders, in stg and in l_order_user' as counted,
        (select count(*) from users_of_orders) as one_way,
        (select count(*) from {{ ref('l_order_user') }}) as another_way
    union all
    select
        'closed orders, in s_order_status and in b_closed_orders' as counted,
        (
            select count(*)
            from {{ ref('s_order_status') }}
            where end_dt = {{ open_end() }} and status = 'CLOSED'
        ) as one_way,
        (select count(*) from {{ ref('b_closed_orders') }}) as another_way
    union all
    select
        'products of closed orders, in the bridge and in the mart' as counted,
        (select count(*) from {{ ref('b_closed_order_products') }}) as one_way,
        (select coalesce(sum(order_cnt), 0) from {{ ref('user_product_counters') }}) as another_way
    union all
    select
        'categories of closed orders, in the bridge and in the mart' as counted,
        (select count(*) from categories_of_orders) as one_way,
        (select coalesce(sum(order_cnt), 0) from {{ ref('user_category_counters') }}) as another_way

)

select *
from counts
where one_way != another_way and {{ have_loaded_the_same(vault + marts) }}
