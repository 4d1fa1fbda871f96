select
    users.user_id,
    names.username as user_name,
    names.userlogin as user_login,
    names.start_dt as since_dt
from {{ ref('h_user') }} as users
inner join {{ ref('s_user_names') }} as names
    on users.h_user_pk = names.h_user_pk
where names.end_dt = {{ open_end() }}
