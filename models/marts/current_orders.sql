select
    history.order_id,
    history.order_dt,
    history.status,
    history.user_id,
    users.user_name,
    history.restaurant_id,
    restaurants.restaurant_name,
    history.cost,
    history.payment,
    history.bonus_payment,
    history.bonus_grant,
    history.start_dt as since_dt
from {{ ref('order_history') }} as history
inner join {{ ref('current_users') }} as users
    on history.user_id = users.user_id
inner join {{ ref('current_restaurants') }} as restaurants
    on history.restaurant_id = restaurants.restaurant_id
where history.end_dt = {{ open_end() }}
