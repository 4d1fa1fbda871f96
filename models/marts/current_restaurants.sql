select
    restaurants.restaurant_id,
    names.restaurantname as restaurant_name,
    names.start_dt as since_dt
from {{ ref('h_restaurant') }} as restaurants
inner join {{ ref('s_restaurant_names') }} as names
    on restaurants.h_restaurant_pk = names.h_restaurant_pk
where names.end_dt = {{ open_end() }}
