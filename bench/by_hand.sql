-- The vault and the marts of all events, as one would write them by hand for a single load: no windows, no watermarks, and nothing that a
-- later load would need. A key is hashed once its repeats are gone, and what several tables want sorted is sorted once.

set local timezone = 'UTC'; -- a source timestamp without an offset is UTC
set local work_mem = '256MB';
set local maintenance_work_mem = '256MB';
set local jit = off;
set local default_statistics_target = 10; -- of what the planner needs on the way

drop schema if exists by_hand cascade;
create schema by_hand;
set local search_path = by_hand;

create function link_key(left_pk uuid, right_pk uuid) returns uuid
return md5(left_pk::text || right_pk::text)::uuid;

create function version_key(parent_pk uuid, start_dt timestamp) returns uuid
return md5(parent_pk::text || to_char(start_dt, 'YYYY-MM-DD HH24:MI:SS.US'))::uuid;

create function as_source(moment timestamp) returns text
return to_char(moment, 'YYYY-MM-DD HH24:MI:SS' || case when moment = date_trunc('second', moment) then '' else '.US' end);

-- Typed staging: one row for each event, product in an event, status of an order.

create temporary table events on commit drop as
select
    events.event_id, events.object_id as order_id, events.sent_dttm,
    coalesce(document.update_ts::timestamp, events.sent_dttm) as event_dttm,
    document.date::timestamp as order_dt, document.final_status,
    document.cost, document.payment, document.bonus_payment, document.bonus_grant,
    document."user" ->> 'id' as user_id, document."user" ->> 'name' as username, document."user" ->> 'login' as userlogin,
    document.restaurant ->> 'id' as restaurant_id, document.restaurant ->> 'name' as restaurantname,
    document.order_items, events.loaded_at as load_dt, events.kafka_topic as load_src
from stg.order_events as events
cross join jsonb_to_record(events.payload -> 'payload') as document (
    update_ts timestamptz, date timestamptz, final_status text, "user" jsonb, restaurant jsonb, order_items jsonb,
    cost numeric(19, 5), payment numeric(19, 5), bonus_payment numeric(19, 5), bonus_grant numeric(19, 5)
)
where events.object_type = 'order';

create temporary table lines on commit drop as
select
    event_id, order_id, restaurant_id, event_dttm, sent_dttm, load_dt, load_src,
    line.id as product_id, line.name as productname, line.category as category_name, line.price, line.quantity
from events
cross join jsonb_to_recordset(order_items) as line (id text, name text, category text, price numeric(19, 5), quantity integer);

-- Of several lines of a product the quantities add up; of all else the greatest holds.
create temporary table items on commit drop as
select
    event_id, product_id, event_dttm, sent_dttm, load_dt, load_src,
    max(productname collate "C") as productname, max(category_name collate "C") as category_name,
    max(price) as price, sum(quantity) as quantity
from lines
group by event_id, product_id, event_dttm, sent_dttm, load_dt, load_src;

create temporary table statuses on commit drop as
select distinct
    events.object_id as order_id, entry.status, entry.dttm::timestamp as status_dttm,
    events.loaded_at as load_dt, events.kafka_topic as load_src
from stg.order_events as events
cross join jsonb_to_recordset(events.payload -> 'payload' -> 'statuses') as entry (status text, dttm timestamptz)
where events.object_type = 'order';

-- Hubs and links have, of each key, what was loaded first.

create temporary table seen_orders on commit drop as
select distinct on (order_id, user_id, restaurant_id) order_id, user_id, restaurant_id, load_dt, load_src
from events order by order_id, user_id, restaurant_id, load_dt, load_src;

create temporary table seen_products on commit drop as
select distinct product_id, restaurant_id, category_name, load_dt, load_src from lines;

analyze events (event_id, order_id);
analyze items (event_id, product_id);
analyze statuses;

create table h_user as
select distinct on (user_id) md5(user_id)::uuid as h_user_pk, user_id, load_dt, load_src
from seen_orders order by user_id, load_dt, load_src;

create table h_restaurant as
select distinct on (restaurant_id) md5(restaurant_id)::uuid as h_restaurant_pk, restaurant_id, load_dt, load_src
from seen_orders order by restaurant_id, load_dt, load_src;

create table h_product as
select distinct on (product_id) md5(product_id)::uuid as h_product_pk, product_id, load_dt, load_src
from seen_products order by product_id, load_dt, load_src;

create table h_category as
select distinct on (category_name) md5(category_name)::uuid as h_category_pk, category_name, load_dt, load_src
from seen_products order by category_name, load_dt, load_src;

-- The order's date is what its earliest event says.
create table h_order as
select md5(order_id::text)::uuid as h_order_pk, order_id, earliest.order_dt, seen.load_dt, seen.load_src
from (
    select distinct on (order_id) order_id, order_dt
    from events order by order_id asc, event_dttm asc, sent_dttm desc, event_id desc
) as earliest
inner join (
    select distinct on (order_id) order_id, load_dt, load_src
    from seen_orders order by order_id, load_dt, load_src
) as seen using (order_id);

analyze h_order, h_user, h_restaurant, h_product, h_category;

create table l_order_user as
select link_key(h_order_pk, h_user_pk) as hk_order_user_pk, h_order_pk, h_user_pk, seen.load_dt, seen.load_src
from (select distinct on (order_id, user_id) * from seen_orders order by order_id, user_id, load_dt, load_src) as seen
inner join h_order using (order_id)
inner join h_user using (user_id);

create table l_order_restaurant as
select link_key(h_order_pk, h_restaurant_pk) as hk_order_restaurant_pk, h_order_pk, h_restaurant_pk, seen.load_dt, seen.load_src
from (select distinct on (order_id, restaurant_id) * from seen_orders order by order_id, restaurant_id, load_dt, load_src) as seen
inner join h_order using (order_id)
inner join h_restaurant using (restaurant_id);

create table l_order_product as
select link_key(h_order_pk, h_product_pk) as hk_order_product_pk, h_order_pk, h_product_pk, seen.load_dt, seen.load_src
from (
    select distinct on (order_id, product_id) shown.*
    from (select distinct order_id, product_id, load_dt, load_src from lines) as shown
    order by order_id, product_id, load_dt, load_src
) as seen
inner join h_order using (order_id)
inner join h_product using (product_id);

create table l_product_restaurant as
select link_key(h_product_pk, h_restaurant_pk) as hk_product_restaurant_pk, h_product_pk, h_restaurant_pk, seen.load_dt, seen.load_src
from (select distinct on (product_id, restaurant_id) * from seen_products order by product_id, restaurant_id, load_dt, load_src) as seen
inner join h_product using (product_id)
inner join h_restaurant using (restaurant_id);

create table l_product_category as
select link_key(h_product_pk, h_category_pk) as hk_product_category_pk, h_product_pk, h_category_pk, seen.load_dt, seen.load_src
from (select distinct on (product_id, category_name) * from seen_products order by product_id, category_name, load_dt, load_src) as seen
inner join h_product using (product_id)
inner join h_category using (category_name);

-- Satellites of orders. Of an order's events at one time the last sent wins, and says everything.

create temporary table order_versions on commit drop as
select
    event_id, order_id, h_order_pk, user_id, restaurant_id, winner.order_dt, final_status, cost, payment, bonus_payment, bonus_grant,
    event_dttm as start_dt, lead(event_dttm) over in_time is null as is_latest,
    (cost, payment, bonus_payment, bonus_grant)
    is distinct from lag((cost, payment, bonus_payment, bonus_grant)) over in_time as has_new_cost,
    (winner.order_dt, final_status) is distinct from lag((winner.order_dt, final_status)) over in_time as has_new_details,
    user_id is distinct from lag(user_id) over in_time as has_new_user,
    restaurant_id is distinct from lag(restaurant_id) over in_time as has_new_restaurant,
    order_items is distinct from lag(order_items) over in_time as has_new_items,
    winner.load_dt, winner.load_src
from (
    select distinct on (order_id, event_dttm) *
    from events order by order_id, event_dttm, sent_dttm desc, event_id desc
) as winner
inner join h_order using (order_id)
window in_time as (partition by order_id order by event_dttm);

analyze order_versions (event_id, order_id);

create table s_order_cost as
select
    version_key(h_order_pk, start_dt) as hk_order_cost_pk, h_order_pk, cost, payment, bonus_payment, bonus_grant, start_dt,
    lead(start_dt, 1, '4000-01-01') over (partition by order_id order by start_dt) as end_dt, load_dt, load_src
from order_versions where has_new_cost;

create table s_order_details as
select
    version_key(h_order_pk, start_dt) as hk_order_details_pk, h_order_pk, order_dt, final_status, start_dt,
    lead(start_dt, 1, '4000-01-01') over (partition by order_id order by start_dt) as end_dt, load_dt, load_src
from order_versions where has_new_details;

create table s_order_user as
select
    version_key(hk_order_user_pk, start_dt) as hk_order_user_sat_pk, hk_order_user_pk, start_dt,
    lead(start_dt, 1, '4000-01-01') over (partition by order_id order by start_dt) as end_dt, version.load_dt, version.load_src
from order_versions as version
inner join h_user using (user_id)
inner join l_order_user using (h_order_pk, h_user_pk)
where has_new_user;

create table s_order_restaurant as
select
    version_key(hk_order_restaurant_pk, start_dt) as hk_order_restaurant_sat_pk, hk_order_restaurant_pk, start_dt,
    lead(start_dt, 1, '4000-01-01') over (partition by order_id order by start_dt) as end_dt, version.load_dt, version.load_src
from order_versions as version
inner join h_restaurant using (restaurant_id)
inner join l_order_restaurant using (h_order_pk, h_restaurant_pk)
where has_new_restaurant;

-- Of two statuses at one time the later in the life cycle wins.
create table s_order_status as
with winners as (
    select distinct on (order_id, status_dttm) order_id, status, status_dttm, load_dt, load_src
    from statuses
    inner join dds.order_statuses using (status)
    order by order_id, status_dttm, step desc, load_dt, load_src
),
compared as (
    select *, status is distinct from lag(status) over (partition by order_id order by status_dttm) as is_new from winners
)
select
    version_key(h_order_pk, status_dttm) as hk_order_status_pk, h_order_pk, status, status_dttm as start_dt,
    lead(status_dttm, 1, '4000-01-01') over (partition by order_id order by status_dttm) as end_dt, version.load_dt, version.load_src
from compared as version
inner join h_order using (order_id)
where is_new;

-- A set of items holds until the order shows another one. A product goes on through sets that show it alike, and ends with the last one.
create table s_order_product as
with sets as (
    select *, lead(start_dt, 1, '4000-01-01') over (partition by order_id order by start_dt) as end_dt
    from order_versions where has_new_items
),
compared as (
    select
        h_order_pk, h_product_pk, price, quantity, start_dt, sets.load_dt, sets.load_src,
        lag(sets.end_dt) over in_time as end_before, max(sets.end_dt) over (partition by order_id, h_product_pk) as last_end,
        (start_dt, price, quantity) is not distinct from lag((sets.end_dt, price, quantity)) over in_time as continues
    from sets
    inner join items using (event_id)
    inner join h_product using (product_id)
    window in_time as (partition by order_id, h_product_pk order by start_dt)
)
select
    version_key(hk_order_product_pk, start_dt) as hk_order_product_sat_pk, hk_order_product_pk, price, quantity, start_dt,
    lead(end_before, 1, last_end) over (partition by h_order_pk, h_product_pk order by start_dt) as end_dt,
    version.load_dt, version.load_src
from compared as version
inner join l_order_product using (h_order_pk, h_product_pk)
where not continues;

-- Satellites of products, users and restaurants.

create temporary table product_versions on commit drop as
select
    product_id, h_product_pk, productname, category_name, event_dttm as start_dt,
    productname is distinct from lag(productname) over in_time as has_new_name,
    category_name is distinct from lag(category_name) over in_time as has_new_category, winner.load_dt, winner.load_src
from (
    select distinct on (product_id, event_dttm) *
    from items order by product_id, event_dttm, sent_dttm desc, event_id desc
) as winner
inner join h_product using (product_id)
window in_time as (partition by product_id order by event_dttm);

analyze product_versions (product_id, start_dt);

create table s_product_names as
select
    version_key(h_product_pk, start_dt) as hk_product_names_pk, h_product_pk, productname, start_dt,
    lead(start_dt, 1, '4000-01-01') over (partition by product_id order by start_dt) as end_dt, load_dt, load_src
from product_versions where has_new_name;

create table s_product_category as
select
    version_key(hk_product_category_pk, start_dt) as hk_product_category_sat_pk, hk_product_category_pk, start_dt,
    lead(start_dt, 1, '4000-01-01') over (partition by product_id order by start_dt) as end_dt, version.load_dt, version.load_src
from product_versions as version
inner join h_category using (category_name)
inner join l_product_category using (h_product_pk, h_category_pk)
where has_new_category;

create table s_user_names as
with compared as (
    select
        *, (username, userlogin) is distinct from lag((username, userlogin)) over (partition by user_id order by event_dttm) as is_new
    from (
        select distinct on (user_id, event_dttm) user_id, username, userlogin, event_dttm, load_dt, load_src
        from events order by user_id, event_dttm, sent_dttm desc, event_id desc
    ) as winner
)
select
    version_key(h_user_pk, event_dttm) as hk_user_names_pk, h_user_pk, username, userlogin, event_dttm as start_dt,
    lead(event_dttm, 1, '4000-01-01') over (partition by user_id order by event_dttm) as end_dt, version.load_dt, version.load_src
from compared as version
inner join h_user using (user_id)
where is_new;

create table s_restaurant_names as
with compared as (
    select *, restaurantname is distinct from lag(restaurantname) over (partition by restaurant_id order by event_dttm) as is_new
    from (
        select distinct on (restaurant_id, event_dttm) restaurant_id, restaurantname, event_dttm, load_dt, load_src
        from events order by restaurant_id, event_dttm, sent_dttm desc, event_id desc
    ) as winner
)
select
    version_key(h_restaurant_pk, event_dttm) as hk_restaurant_names_pk, h_restaurant_pk, restaurantname, event_dttm as start_dt,
    lead(event_dttm, 1, '4000-01-01') over (partition by restaurant_id order by event_dttm) as end_dt, version.load_dt, version.load_src
from compared as version
inner join h_restaurant using (restaurant_id)
where is_new;

-- What counts: a closed order as its latest event shows it, with the categories of that time.

analyze s_order_status, s_product_names;

create temporary table closed_orders on commit drop as
select event_id, order_id, h_order_pk, user_id, h_user_pk, order_dt, version.start_dt as event_dttm
from order_versions as version
inner join h_user using (user_id)
inner join s_order_status as status using (h_order_pk)
where is_latest and status.end_dt = '4000-01-01' and status.status = 'CLOSED';

create temporary table held_products on commit drop as
select closed.h_order_pk, version.h_product_pk, closed.h_user_pk, h_category_pk, version.product_id, version.category_name
from closed_orders as closed
inner join items using (event_id)
inner join product_versions as version on items.product_id = version.product_id and closed.event_dttm = version.start_dt
inner join h_category on version.category_name = h_category.category_name;

create table b_closed_orders as
select h_order_pk, h_user_pk, order_dt, event_dttm from closed_orders;

create table b_closed_order_products as
select h_order_pk, h_product_pk, h_user_pk, h_category_pk from held_products;

create table user_product_counters as
select h_user_pk as user_id, h_product_pk as product_id, productname as product_name, order_cnt
from (select h_user_pk, h_product_pk, count(*) as order_cnt from held_products group by h_user_pk, h_product_pk) as counted
inner join s_product_names using (h_product_pk)
where end_dt = '4000-01-01';

create table user_category_counters as
select h_user_pk as user_id, h_category_pk as category_id, category_name, count(distinct h_order_pk) as order_cnt
from held_products
group by h_user_pk, h_category_pk, category_name;

create table outbox as
with states as (
    select
        h_order_pk, order_id, event_dttm,
        json_build_object(
            'final_status', 'CLOSED', 'date', as_source(order_dt), 'user_id', user_id,
            'products', coalesce(held.products, '[]'::json)
        ) as payload
    from closed_orders
    left join (
        select
            h_order_pk,
            json_agg(
                json_build_object('product_id', product_id, 'category_name', category_name) order by product_id collate "C"
            ) as products
        from held_products group by h_order_pk
    ) as held using (h_order_pk)
)
select
    row_number() over (order by event_dttm, order_id) as position, h_order_pk, order_id, md5(payload::text)::uuid as state_hash,
    json_build_object(
        'object_id', order_id, 'object_type', 'order', 'sent_dttm', as_source(event_dttm), 'payload', payload
    )::text as message
from states;

-- Keys, indexes and statistics, as dbt's tables have them.

alter table h_order add primary key (h_order_pk);
alter table h_user add primary key (h_user_pk);
alter table h_restaurant add primary key (h_restaurant_pk);
alter table h_product add primary key (h_product_pk);
alter table h_category add primary key (h_category_pk);
alter table l_order_user add primary key (hk_order_user_pk);
alter table l_order_restaurant add primary key (hk_order_restaurant_pk);
alter table l_order_product add primary key (hk_order_product_pk);
alter table l_product_restaurant add primary key (hk_product_restaurant_pk);
alter table l_product_category add primary key (hk_product_category_pk);
alter table s_order_cost add primary key (hk_order_cost_pk);
alter table s_order_details add primary key (hk_order_details_pk);
alter table s_order_status add primary key (hk_order_status_pk);
alter table s_order_user add primary key (hk_order_user_sat_pk);
alter table s_order_restaurant add primary key (hk_order_restaurant_sat_pk);
alter table s_order_product add primary key (hk_order_product_sat_pk);
alter table s_product_names add primary key (hk_product_names_pk);
alter table s_product_category add primary key (hk_product_category_sat_pk);
alter table s_user_names add primary key (hk_user_names_pk);
alter table s_restaurant_names add primary key (hk_restaurant_names_pk);
alter table b_closed_orders add primary key (h_order_pk);
alter table b_closed_order_products add primary key (h_order_pk, h_product_pk);
alter table user_product_counters add primary key (user_id, product_id);
alter table user_category_counters add primary key (user_id, category_id);
alter table outbox add primary key (position);
create unique index on s_order_cost (h_order_pk, start_dt);
create unique index on s_order_details (h_order_pk, start_dt);
create unique index on s_order_status (h_order_pk, start_dt);
create unique index on s_order_user (hk_order_user_pk, start_dt);
create unique index on s_order_restaurant (hk_order_restaurant_pk, start_dt);
create unique index on s_order_product (hk_order_product_pk, start_dt);
create unique index on s_product_names (h_product_pk, start_dt);
create unique index on s_product_category (hk_product_category_pk, start_dt);
create unique index on s_user_names (h_user_pk, start_dt);
create unique index on s_restaurant_names (h_restaurant_pk, start_dt);
create index on l_order_user (h_order_pk);
create index on l_order_restaurant (h_order_pk);
create index on l_order_product (h_order_pk);
create index on l_product_category (h_product_pk);
create index on b_closed_order_products (h_user_pk, h_product_pk);
create index on b_closed_order_products (h_user_pk, h_category_pk);
create index on user_product_counters (product_id, md5(product_name));
create index on outbox (h_order_pk, position);

set local default_statistics_target = 100;
analyze
    h_order, h_user, h_restaurant, h_product, h_category, l_order_user, l_order_restaurant, l_order_product, l_product_restaurant,
    l_product_category, s_order_cost, s_order_details, s_order_status, s_order_user, s_order_restaurant, s_order_product, s_product_names,
    s_product_category, s_user_names, s_restaurant_names, b_closed_orders, b_closed_order_products, user_product_counters,
    user_category_counters, outbox;
