-- A row for each span in which nothing of an order changed: its satellites cut at each other's bounds.

select
    orders.order_id,
    greatest(
        details.start_dt, cost.start_dt, status.start_dt, order_user.start_dt, order_restaurant.start_dt
    ) as start_dt,
    least(details.end_dt, cost.end_dt, status.end_dt, order_user.end_dt, order_restaurant.end_dt) as end_dt,
    details.order_dt,
    status.status,
    details.final_status,
    users.user_id,
    restaurants.restaurant_id,
    cost.cost,
    cost.payment,
    cost.bonus_payment,
    cost.bonus_grant
from {{ ref('h_order') }} as orders
inner join {{ ref('s_order_details') }} as details
    on orders.h_order_pk = details.h_order_pk
inner join {{ ref('s_order_cost') }} as cost
    on
        orders.h_order_pk = cost.h_order_pk
        and details.end_dt > cost.start_dt and details.start_dt < cost.end_dt
inner join {{ ref('s_order_status') }} as status
    on
        orders.h_order_pk = status.h_order_pk
        and status.start_dt < least(details.end_dt, cost.end_dt)
        and status.end_dt > greatest(details.start_dt, cost.start_dt)
inner join {{ ref('l_order_user') }} as user_link
    on orders.h_order_pk = user_link.h_order_pk
inner join {{ ref('s_order_user') }} as order_user
    on
        user_link.hk_order_user_pk = order_user.hk_order_user_pk
        and order_user.start_dt < least(details.end_dt, cost.end_dt, status.end_dt)
        and order_user.end_dt > greatest(details.start_dt, cost.start_dt, status.start_dt)
inner join {{ ref('h_user') }} as users
    on user_link.h_user_pk = users.h_user_pk
inner join {{ ref('l_order_restaurant') }} as restaurant_link
    on orders.h_order_pk = restaurant_link.h_order_pk
inner join {{ ref('s_order_restaurant') }} as order_restaurant
    on
        restaurant_link.hk_order_restaurant_pk = order_restaurant.hk_order_restaurant_pk
        and order_restaurant.start_dt < least(details.end_dt, cost.end_dt, status.end_dt, order_user.end_dt)
        and order_restaurant.end_dt > greatest(
            details.start_dt, cost.start_dt, status.start_dt, order_user.start_dt
        )
inner join {{ ref('h_restaurant') }} as restaurants
    on restaurant_link.h_restaurant_pk = restaurants.h_restaurant_pk
