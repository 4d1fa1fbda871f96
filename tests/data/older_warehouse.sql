--
-- PostgreSQL database dump
--

\restrict ordervault

-- Dumped from database version 18.6
-- Dumped by pg_dump version 18.6

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: cdm; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA cdm;


--
-- Name: dds; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA dds;


--
-- Name: marts; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA marts;


--
-- Name: staging; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA staging;


--
-- Name: stg; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA stg;


--
-- Name: cut(); Type: FUNCTION; Schema: stg; Owner: -
--

CREATE FUNCTION stg.cut() RETURNS bigint
    LANGUAGE plpgsql
    AS $$
declare
    highest bigint;
    held bigint;
begin
    if current_setting('transaction_isolation') != 'read committed' then
        raise exception 'stg.cut() needs transactions that are read committed: these are %',
            current_setting('transaction_isolation')
            using hint = 'see default_transaction_isolation of the database and of the role';
    end if;
    select greatest(
        0,
        (select max(position) from stg.order_events),
        (select max(position) from stg.dead_letters),
        (select max(position) from stg.event_reloads)
    ) into highest;
    -- Whoever is not seen here any more has ended, and the rows of those that committed before the
    -- statement above are counted; whoever is not seen here yet draws higher ones.
    select min(classid::bigint << 32 | objid::bigint)
    from pg_locks
    where
        locktype = 'advisory'
        and objsubid = 1
        and database = (select oid from pg_database where datname = current_database())
    into held;
    return least(highest, held);
end
$$;


--
-- Name: end_frozen_writers(interval); Type: FUNCTION; Schema: stg; Owner: -
--

CREATE FUNCTION stg.end_frozen_writers(longest interval) RETURNS bigint
    LANGUAGE sql
    AS $$
    select count(pg_terminate_backend(pid))
    from pg_stat_activity
    where
        datname = current_database()
        and application_name like 'ingest %'
        and clock_timestamp() - xact_start > longest
        and pid in (select pid from pg_locks where locktype = 'advisory' and objsubid = 1)
$$;


--
-- Name: hold_positions(); Type: FUNCTION; Schema: stg; Owner: -
--

CREATE FUNCTION stg.hold_positions() RETURNS void
    LANGUAGE sql
    AS $$
    select pg_advisory_xact_lock_shared(case when is_called then last_value else 0 end)
    from stg.positions
$$;


--
-- Name: unknown_status(text); Type: FUNCTION; Schema: stg; Owner: -
--

CREATE FUNCTION stg.unknown_status(status text) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE
    AS $$
begin
    raise exception 'the status % is not in the seed order_statuses', to_json(status)
        using hint = 'an ingestor of a newer version has stored it: upgrade the models as well, or add it to the seed';
end
$$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: user_category_counters; Type: TABLE; Schema: cdm; Owner: -
--

CREATE TABLE cdm.user_category_counters (
    user_id uuid NOT NULL,
    category_id uuid NOT NULL,
    category_name text NOT NULL,
    order_cnt bigint NOT NULL
);


--
-- Name: user_product_counters; Type: TABLE; Schema: cdm; Owner: -
--

CREATE TABLE cdm.user_product_counters (
    user_id uuid NOT NULL,
    product_id uuid NOT NULL,
    product_name text NOT NULL,
    order_cnt bigint NOT NULL
);


--
-- Name: b_closed_order_products; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.b_closed_order_products (
    h_order_pk uuid NOT NULL,
    h_product_pk uuid NOT NULL,
    h_user_pk uuid NOT NULL,
    h_category_pk uuid NOT NULL
);


--
-- Name: b_closed_orders; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.b_closed_orders (
    h_order_pk uuid NOT NULL,
    h_user_pk uuid NOT NULL,
    order_dt timestamp without time zone NOT NULL,
    event_dttm timestamp without time zone NOT NULL
);


--
-- Name: h_category; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.h_category (
    h_category_pk uuid NOT NULL,
    category_name text NOT NULL,
    load_dt timestamp without time zone NOT NULL,
    load_src text NOT NULL
);


--
-- Name: h_order; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.h_order (
    h_order_pk uuid NOT NULL,
    order_id bigint NOT NULL,
    order_dt timestamp without time zone NOT NULL,
    load_dt timestamp without time zone NOT NULL,
    load_src text NOT NULL
);


--
-- Name: h_product; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.h_product (
    h_product_pk uuid NOT NULL,
    product_id text NOT NULL,
    load_dt timestamp without time zone NOT NULL,
    load_src text NOT NULL
);


--
-- Name: h_restaurant; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.h_restaurant (
    h_restaurant_pk uuid NOT NULL,
    restaurant_id text NOT NULL,
    load_dt timestamp without time zone NOT NULL,
    load_src text NOT NULL
);


--
-- Name: h_user; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.h_user (
    h_user_pk uuid NOT NULL,
    user_id text NOT NULL,
    load_dt timestamp without time zone NOT NULL,
    load_src text NOT NULL
);


--
-- Name: l_order_product; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.l_order_product (
    hk_order_product_pk uuid NOT NULL,
    h_order_pk uuid NOT NULL,
    h_product_pk uuid NOT NULL,
    load_dt timestamp without time zone NOT NULL,
    load_src text NOT NULL
);


--
-- Name: l_order_restaurant; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.l_order_restaurant (
    hk_order_restaurant_pk uuid NOT NULL,
    h_order_pk uuid NOT NULL,
    h_restaurant_pk uuid NOT NULL,
    load_dt timestamp without time zone NOT NULL,
    load_src text NOT NULL
);


--
-- Name: l_order_user; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.l_order_user (
    hk_order_user_pk uuid NOT NULL,
    h_order_pk uuid NOT NULL,
    h_user_pk uuid NOT NULL,
    load_dt timestamp without time zone NOT NULL,
    load_src text NOT NULL
);


--
-- Name: l_product_category; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.l_product_category (
    hk_product_category_pk uuid NOT NULL,
    h_product_pk uuid NOT NULL,
    h_category_pk uuid NOT NULL,
    load_dt timestamp without time zone NOT NULL,
    load_src text NOT NULL
);


--
-- Name: l_product_restaurant; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.l_product_restaurant (
    hk_product_restaurant_pk uuid NOT NULL,
    h_product_pk uuid NOT NULL,
    h_restaurant_pk uuid NOT NULL,
    load_dt timestamp without time zone NOT NULL,
    load_src text NOT NULL
);


--
-- Name: order_statuses; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.order_statuses (
    status text,
    step integer
);


--
-- Name: outbox; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.outbox (
    "position" bigint NOT NULL,
    outbox_id uuid NOT NULL,
    h_order_pk uuid NOT NULL,
    order_id bigint NOT NULL,
    state_hash uuid NOT NULL,
    message text NOT NULL,
    created_at timestamp without time zone NOT NULL
);


--
-- Name: s_order_cost; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.s_order_cost (
    hk_order_cost_pk uuid,
    h_order_pk uuid,
    cost numeric(19,5),
    payment numeric(19,5),
    bonus_payment numeric(19,5),
    bonus_grant numeric(19,5),
    start_dt timestamp without time zone,
    end_dt timestamp without time zone,
    load_dt timestamp without time zone,
    load_src text
);


--
-- Name: s_order_details; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.s_order_details (
    hk_order_details_pk uuid,
    h_order_pk uuid,
    order_dt timestamp without time zone,
    final_status text,
    start_dt timestamp without time zone,
    end_dt timestamp without time zone,
    load_dt timestamp without time zone,
    load_src text
);


--
-- Name: s_order_product; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.s_order_product (
    hk_order_product_sat_pk uuid,
    hk_order_product_pk uuid,
    price numeric(19,5),
    quantity bigint,
    start_dt timestamp without time zone,
    end_dt timestamp without time zone,
    load_dt timestamp without time zone,
    load_src text
);


--
-- Name: s_order_restaurant; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.s_order_restaurant (
    hk_order_restaurant_sat_pk uuid,
    hk_order_restaurant_pk uuid,
    start_dt timestamp without time zone,
    end_dt timestamp without time zone,
    load_dt timestamp without time zone,
    load_src text
);


--
-- Name: s_order_status; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.s_order_status (
    hk_order_status_pk uuid,
    h_order_pk uuid,
    status text,
    start_dt timestamp without time zone,
    end_dt timestamp without time zone,
    load_dt timestamp without time zone,
    load_src text
);


--
-- Name: s_order_user; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.s_order_user (
    hk_order_user_sat_pk uuid,
    hk_order_user_pk uuid,
    start_dt timestamp without time zone,
    end_dt timestamp without time zone,
    load_dt timestamp without time zone,
    load_src text
);


--
-- Name: s_product_category; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.s_product_category (
    hk_product_category_sat_pk uuid,
    hk_product_category_pk uuid,
    start_dt timestamp without time zone,
    end_dt timestamp without time zone,
    load_dt timestamp without time zone,
    load_src text
);


--
-- Name: s_product_names; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.s_product_names (
    hk_product_names_pk uuid,
    h_product_pk uuid,
    productname text,
    start_dt timestamp without time zone,
    end_dt timestamp without time zone,
    load_dt timestamp without time zone,
    load_src text
);


--
-- Name: s_restaurant_names; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.s_restaurant_names (
    hk_restaurant_names_pk uuid,
    h_restaurant_pk uuid,
    restaurantname text,
    start_dt timestamp without time zone,
    end_dt timestamp without time zone,
    load_dt timestamp without time zone,
    load_src text
);


--
-- Name: s_user_names; Type: TABLE; Schema: dds; Owner: -
--

CREATE TABLE dds.s_user_names (
    hk_user_names_pk uuid,
    h_user_pk uuid,
    username text,
    userlogin text,
    start_dt timestamp without time zone,
    end_dt timestamp without time zone,
    load_dt timestamp without time zone,
    load_src text
);


--
-- Name: current_restaurants; Type: VIEW; Schema: marts; Owner: -
--

CREATE VIEW marts.current_restaurants AS
 SELECT restaurants.restaurant_id,
    names.restaurantname AS restaurant_name,
    names.start_dt AS since_dt
   FROM (dds.h_restaurant restaurants
     JOIN dds.s_restaurant_names names ON ((restaurants.h_restaurant_pk = names.h_restaurant_pk)))
  WHERE (names.end_dt = '4000-01-01 00:00:00'::timestamp without time zone);


--
-- Name: current_users; Type: VIEW; Schema: marts; Owner: -
--

CREATE VIEW marts.current_users AS
 SELECT users.user_id,
    names.username AS user_name,
    names.userlogin AS user_login,
    names.start_dt AS since_dt
   FROM (dds.h_user users
     JOIN dds.s_user_names names ON ((users.h_user_pk = names.h_user_pk)))
  WHERE (names.end_dt = '4000-01-01 00:00:00'::timestamp without time zone);


--
-- Name: order_history; Type: VIEW; Schema: marts; Owner: -
--

CREATE VIEW marts.order_history AS
 SELECT orders.order_id,
    GREATEST(details.start_dt, cost.start_dt, status.start_dt, order_user.start_dt, order_restaurant.start_dt) AS start_dt,
    LEAST(details.end_dt, cost.end_dt, status.end_dt, order_user.end_dt, order_restaurant.end_dt) AS end_dt,
    details.order_dt,
    status.status,
    details.final_status,
    users.user_id,
    restaurants.restaurant_id,
    cost.cost,
    cost.payment,
    cost.bonus_payment,
    cost.bonus_grant
   FROM (((((((((dds.h_order orders
     JOIN dds.s_order_details details ON ((orders.h_order_pk = details.h_order_pk)))
     JOIN dds.s_order_cost cost ON (((orders.h_order_pk = cost.h_order_pk) AND (details.end_dt > cost.start_dt) AND (details.start_dt < cost.end_dt))))
     JOIN dds.s_order_status status ON (((orders.h_order_pk = status.h_order_pk) AND (status.start_dt < LEAST(details.end_dt, cost.end_dt)) AND (status.end_dt > GREATEST(details.start_dt, cost.start_dt)))))
     JOIN dds.l_order_user user_link ON ((orders.h_order_pk = user_link.h_order_pk)))
     JOIN dds.s_order_user order_user ON (((user_link.hk_order_user_pk = order_user.hk_order_user_pk) AND (order_user.start_dt < LEAST(details.end_dt, cost.end_dt, status.end_dt)) AND (order_user.end_dt > GREATEST(details.start_dt, cost.start_dt, status.start_dt)))))
     JOIN dds.h_user users ON ((user_link.h_user_pk = users.h_user_pk)))
     JOIN dds.l_order_restaurant restaurant_link ON ((orders.h_order_pk = restaurant_link.h_order_pk)))
     JOIN dds.s_order_restaurant order_restaurant ON (((restaurant_link.hk_order_restaurant_pk = order_restaurant.hk_order_restaurant_pk) AND (order_restaurant.start_dt < LEAST(details.end_dt, cost.end_dt, status.end_dt, order_user.end_dt)) AND (order_restaurant.end_dt > GREATEST(details.start_dt, cost.start_dt, status.start_dt, order_user.start_dt)))))
     JOIN dds.h_restaurant restaurants ON ((restaurant_link.h_restaurant_pk = restaurants.h_restaurant_pk)));


--
-- Name: current_orders; Type: VIEW; Schema: marts; Owner: -
--

CREATE VIEW marts.current_orders AS
 SELECT history.order_id,
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
    history.start_dt AS since_dt
   FROM ((marts.order_history history
     JOIN marts.current_users users ON ((history.user_id = users.user_id)))
     JOIN marts.current_restaurants restaurants ON ((history.restaurant_id = restaurants.restaurant_id)))
  WHERE (history.end_dt = '4000-01-01 00:00:00'::timestamp without time zone);


--
-- Name: current_products; Type: VIEW; Schema: marts; Owner: -
--

CREATE VIEW marts.current_products AS
 SELECT products.product_id,
    names.productname AS product_name,
    categories.category_name,
    names.start_dt AS since_dt
   FROM ((((dds.h_product products
     JOIN dds.s_product_names names ON ((products.h_product_pk = names.h_product_pk)))
     JOIN dds.l_product_category product_category ON ((products.h_product_pk = product_category.h_product_pk)))
     JOIN dds.s_product_category in_effect ON ((product_category.hk_product_category_pk = in_effect.hk_product_category_pk)))
     JOIN dds.h_category categories ON ((product_category.h_category_pk = categories.h_category_pk)))
  WHERE ((names.end_dt = '4000-01-01 00:00:00'::timestamp without time zone) AND (in_effect.end_dt = '4000-01-01 00:00:00'::timestamp without time zone));


--
-- Name: user_categories; Type: VIEW; Schema: marts; Owner: -
--

CREATE VIEW marts.user_categories AS
 SELECT users.user_id,
    names.username AS user_name,
    names.userlogin AS user_login,
    counters.category_name,
    counters.order_cnt
   FROM ((cdm.user_category_counters counters
     JOIN dds.h_user users ON ((counters.user_id = users.h_user_pk)))
     JOIN dds.s_user_names names ON (((counters.user_id = names.h_user_pk) AND (names.end_dt = '4000-01-01 00:00:00'::timestamp without time zone))));


--
-- Name: user_products; Type: VIEW; Schema: marts; Owner: -
--

CREATE VIEW marts.user_products AS
 SELECT users.user_id,
    names.username AS user_name,
    names.userlogin AS user_login,
    products.product_id,
    counters.product_name,
    counters.order_cnt
   FROM (((cdm.user_product_counters counters
     JOIN dds.h_user users ON ((counters.user_id = users.h_user_pk)))
     JOIN dds.s_user_names names ON (((counters.user_id = names.h_user_pk) AND (names.end_dt = '4000-01-01 00:00:00'::timestamp without time zone))))
     JOIN dds.h_product products ON ((counters.product_id = products.h_product_pk)));


--
-- Name: stg_order_items; Type: TABLE; Schema: staging; Owner: -
--

CREATE TABLE staging.stg_order_items (
    event_id uuid NOT NULL,
    "position" bigint NOT NULL,
    event_dttm timestamp without time zone NOT NULL,
    sent_dttm timestamp without time zone NOT NULL,
    product_id text NOT NULL,
    productname text NOT NULL,
    category_name text NOT NULL,
    category_names text[] NOT NULL,
    price numeric(19,5) NOT NULL,
    quantity bigint NOT NULL,
    h_order_pk uuid NOT NULL,
    h_product_pk uuid NOT NULL,
    h_restaurant_pk uuid NOT NULL,
    hk_order_product_pk uuid NOT NULL,
    hk_product_restaurant_pk uuid NOT NULL,
    hk_product_category_pk uuid NOT NULL,
    load_dt timestamp without time zone NOT NULL,
    load_src text NOT NULL
);


--
-- Name: stg_order_statuses; Type: TABLE; Schema: staging; Owner: -
--

CREATE TABLE staging.stg_order_statuses (
    event_id uuid NOT NULL,
    "position" bigint NOT NULL,
    h_order_pk uuid NOT NULL,
    status text NOT NULL,
    status_dttm timestamp without time zone NOT NULL,
    load_dt timestamp without time zone NOT NULL,
    load_src text NOT NULL
);


--
-- Name: stg_orders; Type: TABLE; Schema: staging; Owner: -
--

CREATE TABLE staging.stg_orders (
    event_id uuid NOT NULL,
    "position" bigint NOT NULL,
    event_dttm timestamp without time zone NOT NULL,
    sent_dttm timestamp without time zone NOT NULL,
    order_id bigint NOT NULL,
    order_dt timestamp without time zone NOT NULL,
    final_status text,
    cost numeric(19,5) NOT NULL,
    payment numeric(19,5) NOT NULL,
    bonus_payment numeric(19,5),
    bonus_grant numeric(19,5),
    user_id text NOT NULL,
    username text NOT NULL,
    userlogin text NOT NULL,
    restaurant_id text NOT NULL,
    restaurantname text NOT NULL,
    h_order_pk uuid NOT NULL,
    h_user_pk uuid NOT NULL,
    h_restaurant_pk uuid NOT NULL,
    hk_order_user_pk uuid NOT NULL,
    hk_order_restaurant_pk uuid NOT NULL,
    load_dt timestamp without time zone NOT NULL,
    load_src text NOT NULL
);


--
-- Name: applied_ddl; Type: TABLE; Schema: stg; Owner: -
--

CREATE TABLE stg.applied_ddl (
    file_name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp without time zone DEFAULT (now() AT TIME ZONE 'UTC'::text) NOT NULL
);


--
-- Name: positions; Type: SEQUENCE; Schema: stg; Owner: -
--

CREATE SEQUENCE stg.positions
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: dead_letters; Type: TABLE; Schema: stg; Owner: -
--

CREATE TABLE stg.dead_letters (
    "position" bigint DEFAULT nextval('stg.positions'::regclass) NOT NULL,
    kafka_topic text NOT NULL,
    topic_id text NOT NULL,
    kafka_partition integer NOT NULL,
    kafka_offset bigint NOT NULL,
    kafka_timestamp timestamp without time zone,
    message_key bytea,
    message_value bytea,
    message_headers jsonb DEFAULT '[]'::jsonb NOT NULL,
    object_id bigint,
    first_reason text NOT NULL,
    first_detail text NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL,
    attempts integer DEFAULT 1 NOT NULL,
    first_seen_at timestamp without time zone DEFAULT (now() AT TIME ZONE 'UTC'::text) NOT NULL,
    last_seen_at timestamp without time zone DEFAULT (now() AT TIME ZONE 'UTC'::text) NOT NULL,
    next_attempt_at timestamp without time zone,
    resolved_at timestamp without time zone,
    resolution text
);
ALTER TABLE ONLY stg.dead_letters ALTER COLUMN message_value SET STORAGE EXTERNAL;
ALTER TABLE ONLY stg.dead_letters ALTER COLUMN message_headers SET STORAGE EXTERNAL;


--
-- Name: event_reloads; Type: TABLE; Schema: stg; Owner: -
--

CREATE TABLE stg.event_reloads (
    "position" bigint DEFAULT nextval('stg.positions'::regclass) NOT NULL,
    event_id uuid NOT NULL,
    requested_at timestamp without time zone DEFAULT (now() AT TIME ZONE 'UTC'::text) NOT NULL
);


--
-- Name: load_state; Type: TABLE; Schema: stg; Owner: -
--

CREATE TABLE stg.load_state (
    relation text NOT NULL,
    loaded_to bigint DEFAULT 0 NOT NULL,
    window_from bigint DEFAULT 0 NOT NULL,
    window_to bigint DEFAULT 0 NOT NULL,
    updated_at timestamp without time zone DEFAULT (now() AT TIME ZONE 'UTC'::text) NOT NULL
);


--
-- Name: order_events; Type: TABLE; Schema: stg; Owner: -
--

CREATE TABLE stg.order_events (
    "position" bigint DEFAULT nextval('stg.positions'::regclass) NOT NULL,
    event_id uuid NOT NULL,
    object_id bigint NOT NULL,
    object_type text NOT NULL,
    sent_dttm timestamp without time zone NOT NULL,
    payload jsonb NOT NULL,
    kafka_topic text NOT NULL,
    kafka_partition integer NOT NULL,
    kafka_offset bigint NOT NULL,
    loaded_at timestamp without time zone DEFAULT (now() AT TIME ZONE 'UTC'::text) NOT NULL
);
ALTER TABLE ONLY stg.order_events ALTER COLUMN payload SET STORAGE EXTERNAL;


--
-- Name: publications; Type: TABLE; Schema: stg; Owner: -
--

CREATE TABLE stg.publications (
    topic text NOT NULL,
    table_id uuid DEFAULT gen_random_uuid() NOT NULL,
    promised bigint DEFAULT 0 NOT NULL,
    compared_with timestamp with time zone
);


--
-- Name: source_progress; Type: TABLE; Schema: stg; Owner: -
--

CREATE TABLE stg.source_progress (
    kafka_topic text NOT NULL,
    kafka_partition integer NOT NULL,
    topic_id text NOT NULL,
    next_offset bigint NOT NULL,
    duplicates bigint DEFAULT 0 NOT NULL,
    skipped bigint DEFAULT 0 NOT NULL,
    updated_at timestamp without time zone DEFAULT (now() AT TIME ZONE 'UTC'::text) NOT NULL
);


--
-- Data for Name: user_category_counters; Type: TABLE DATA; Schema: cdm; Owner: -
--

COPY cdm.user_category_counters (user_id, category_id, category_name, order_cnt) FROM stdin;
cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	7c13a253-51e7-19d6-8df0-15d80d0e9a9a	Закуски	1
6a9ba4ea-63b5-56c0-2faf-d5974865eae1	7c13a253-51e7-19d6-8df0-15d80d0e9a9a	Закуски	1
cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	83daaeb5-6711-4059-bc55-08ef95f0ffd5	Супы	1
cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	dcfecd8c-e800-3d44-4565-99182deffb98	Роллы	1
cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	e0e9d5ae-2a64-493a-9346-21dbd9db6a90	Выпечка	1
6a9ba4ea-63b5-56c0-2faf-d5974865eae1	e0e9d5ae-2a64-493a-9346-21dbd9db6a90	Выпечка	1
\.


--
-- Data for Name: user_product_counters; Type: TABLE DATA; Schema: cdm; Owner: -
--

COPY cdm.user_product_counters (user_id, product_id, product_name, order_cnt) FROM stdin;
cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	40a2df54-b696-6149-da68-8dbccae91455	Сырники с грибами	1
cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	51d84fd4-cbc8-0dbd-1287-803fbe049c13	Сырники от шефа	1
cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	af3c05b2-000c-f05f-946d-648effe4065a	Том ям «Ёж»	1
6a9ba4ea-63b5-56c0-2faf-d5974865eae1	b2c3853c-6ad2-27ba-b85e-2f544a75d536	Окрошка XXL	1
cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	c395265d-e4ff-68eb-4814-5b17fd9c67a3	Пельмени постный	1
6a9ba4ea-63b5-56c0-2faf-d5974865eae1	c5dfeca7-cd33-835b-a882-6a8c7520a25a	Хачапури постный	1
\.


--
-- Data for Name: b_closed_order_products; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.b_closed_order_products (h_order_pk, h_product_pk, h_user_pk, h_category_pk) FROM stdin;
a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	c5dfeca7-cd33-835b-a882-6a8c7520a25a	6a9ba4ea-63b5-56c0-2faf-d5974865eae1	e0e9d5ae-2a64-493a-9346-21dbd9db6a90
a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	b2c3853c-6ad2-27ba-b85e-2f544a75d536	6a9ba4ea-63b5-56c0-2faf-d5974865eae1	7c13a253-51e7-19d6-8df0-15d80d0e9a9a
cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	40a2df54-b696-6149-da68-8dbccae91455	cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	dcfecd8c-e800-3d44-4565-99182deffb98
cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	c395265d-e4ff-68eb-4814-5b17fd9c67a3	cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	7c13a253-51e7-19d6-8df0-15d80d0e9a9a
cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	51d84fd4-cbc8-0dbd-1287-803fbe049c13	cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	83daaeb5-6711-4059-bc55-08ef95f0ffd5
cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	af3c05b2-000c-f05f-946d-648effe4065a	cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	e0e9d5ae-2a64-493a-9346-21dbd9db6a90
\.


--
-- Data for Name: b_closed_orders; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.b_closed_orders (h_order_pk, h_user_pk, order_dt, event_dttm) FROM stdin;
a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	6a9ba4ea-63b5-56c0-2faf-d5974865eae1	2024-03-01 08:00:45	2024-03-01 08:36:02
cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	2024-03-01 08:00:24	2024-03-01 08:37:39
\.


--
-- Data for Name: h_category; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.h_category (h_category_pk, category_name, load_dt, load_src) FROM stdin;
636d2370-c523-f2b2-f49a-568b6485f1f5	Напитки	2026-11-29 06:32:17.383695	order-service_orders
7c13a253-51e7-19d6-8df0-15d80d0e9a9a	Закуски	2026-11-29 06:32:17.383695	order-service_orders
83daaeb5-6711-4059-bc55-08ef95f0ffd5	Супы	2026-11-29 06:32:17.383695	order-service_orders
b85990d3-4858-665a-2fb3-874d432db9cb	Завтраки	2026-11-29 06:32:17.383695	order-service_orders
d2ef5419-6571-ac01-ab56-1c0f79a28c64	Горячее	2026-11-29 06:32:17.383695	order-service_orders
dcfecd8c-e800-3d44-4565-99182deffb98	Роллы	2026-11-29 06:32:17.383695	order-service_orders
e0e9d5ae-2a64-493a-9346-21dbd9db6a90	Выпечка	2026-11-29 06:32:17.383695	order-service_orders
\.


--
-- Data for Name: h_order; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.h_order (h_order_pk, order_id, order_dt, load_dt, load_src) FROM stdin;
0feedd00-3f00-35ad-987a-136e6e1c4f42	322525	2024-03-01 08:01:32	2026-11-29 06:32:17.383695	order-service_orders
45c8a078-b88e-b073-462c-957ea33d75c4	322526	2024-03-01 08:02:05	2026-11-29 06:32:17.383695	order-service_orders
6e9bd853-ee7f-a40c-952f-52e7727edd83	322523	2024-03-01 08:00:48	2026-11-29 06:32:17.383695	order-service_orders
a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	322522	2024-03-01 08:00:45	2026-11-29 06:32:17.383695	order-service_orders
be9b05ca-28da-c64a-277d-55d3059fdf25	322527	2024-03-01 08:03:13	2026-11-29 06:32:17.383695	order-service_orders
bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	322519	2024-03-01 08:00:13	2026-11-29 06:32:17.383695	order-service_orders
c78f07b0-284c-45a7-e701-b0b1fa67a498	322524	2024-03-01 08:01:28	2026-11-29 06:32:17.383695	order-service_orders
cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	322520	2024-03-01 08:00:24	2026-11-29 06:32:17.383695	order-service_orders
d8fc18c4-87a5-00d1-7d32-79849c4e0c2f	322521	2024-03-01 08:00:25	2026-11-29 06:32:17.383695	order-service_orders
15b800e9-66a4-5093-6ae4-3c3bea5355fe	322528	2024-03-01 08:04:23	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: h_product; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.h_product (h_product_pk, product_id, load_dt, load_src) FROM stdin;
02e1b112-e375-3203-2edd-0ad687e74cfe	eff83f045caded41d62cbf25	2026-11-29 06:32:17.383695	order-service_orders
40a2df54-b696-6149-da68-8dbccae91455	9f26dab2a8f99dd11f33ebee	2026-11-29 06:32:17.383695	order-service_orders
41afa77f-bf93-de5f-b973-a840deda8166	99c4258bfc98500014b9adb5	2026-11-29 06:32:17.383695	order-service_orders
51d84fd4-cbc8-0dbd-1287-803fbe049c13	4eb78fc5fbf98bb8f1f70efb	2026-11-29 06:32:17.383695	order-service_orders
6011b975-43a6-e504-1059-885a44f05d56	f4de438f5d411b0df9e324de	2026-11-29 06:32:17.383695	order-service_orders
69cf18ce-473a-c9d8-2265-383f9cd0075a	7fd39898efe8b3b5a080c6a5	2026-11-29 06:32:17.383695	order-service_orders
6dc6a3de-a442-ba3c-bd98-71c4fc05beed	8c5050eac832652e83e2c328	2026-11-29 06:32:17.383695	order-service_orders
6ec92921-e038-e384-293c-c372b9bf0878	5d09dd294e424b92c277af32	2026-11-29 06:32:17.383695	order-service_orders
83f76e27-31e5-9128-03b0-583c0b959c97	5c76f18a0585a01c4c7d6df0	2026-11-29 06:32:17.383695	order-service_orders
867b6e71-9429-36d3-9010-b0a9487c481c	c7c66f539de552dd2bfcd686	2026-11-29 06:32:17.383695	order-service_orders
af3c05b2-000c-f05f-946d-648effe4065a	28226f9c24617bfa77ac435f	2026-11-29 06:32:17.383695	order-service_orders
afe45226-ba79-625d-a777-fe2d1e4d1560	7b121dc54e5a3a26d18a669a	2026-11-29 06:32:17.383695	order-service_orders
b2c3853c-6ad2-27ba-b85e-2f544a75d536	f3bd423e67c6b46259bbb436	2026-11-29 06:32:17.383695	order-service_orders
b5944f75-9ee3-f365-d102-c4dddbeff04a	6baf71d7d8407b1a0f0b9752	2026-11-29 06:32:17.383695	order-service_orders
c395265d-e4ff-68eb-4814-5b17fd9c67a3	4b0e9e7f94b59db0f37b7afb	2026-11-29 06:32:17.383695	order-service_orders
c5dfeca7-cd33-835b-a882-6a8c7520a25a	fad18c6a78b9d3d6fc893150	2026-11-29 06:32:17.383695	order-service_orders
e6215382-f4ec-4501-66b5-09e3f61a53a7	e6e053f7675ebe3b78573797	2026-11-29 06:32:17.383695	order-service_orders
e6516e1c-c24f-74b0-f98b-f6b208fa70bd	1404ab1ecc7c6d812d6f2efc	2026-11-29 06:32:17.383695	order-service_orders
f052baf5-dafa-d662-af5e-3130af6c684b	741b324d85ae8770f9dba1db	2026-11-29 06:32:17.383695	order-service_orders
572f8cf5-303c-0f98-7928-f526c6645c59	76832b6246103a2babf0ca69	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: h_restaurant; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.h_restaurant (h_restaurant_pk, restaurant_id, load_dt, load_src) FROM stdin;
a2bad233-7d31-2168-a719-4a4f13b4f8db	5f7cc5d86f3f02402b37d817	2026-11-29 06:32:17.383695	order-service_orders
bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	03614a8b64739895d3a98330	2026-11-29 06:32:17.383695	order-service_orders
e584de72-b47d-4b97-ef25-1214e4815a29	07123c8dfefaf558b86d152d	2026-11-29 06:32:17.383695	order-service_orders
\.


--
-- Data for Name: h_user; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.h_user (h_user_pk, user_id, load_dt, load_src) FROM stdin;
194246a6-630c-19b0-0624-e5e2bd6863fc	1cfb10f62827688de6a16a3b	2026-11-29 06:32:17.383695	order-service_orders
6a9ba4ea-63b5-56c0-2faf-d5974865eae1	f5cae3bf3729c619c60a3cab	2026-11-29 06:32:17.383695	order-service_orders
9d6e703f-0b1f-25f3-ea16-fe6c2f8b2842	0074513021da8978206f5c66	2026-11-29 06:32:17.383695	order-service_orders
b9c4ba0b-0e08-db85-f055-bb3c3273bb31	cb91ce375bc8fbbcbde5c099	2026-11-29 06:32:17.383695	order-service_orders
cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	f6236bf2504b74ba4a0fe75d	2026-11-29 06:32:17.383695	order-service_orders
ff1d03a2-185c-f756-0830-93747a0fd9b4	617959ce3f1f65a8de527100	2026-11-29 06:32:17.383695	order-service_orders
c7ebda97-0581-71e2-5f19-9397394ced86	035b73993fd4235992edcf45	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: l_order_product; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.l_order_product (hk_order_product_pk, h_order_pk, h_product_pk, load_dt, load_src) FROM stdin;
0d56e8c3-155e-06d4-37f6-64698394a836	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	c5dfeca7-cd33-835b-a882-6a8c7520a25a	2026-11-29 06:32:17.383695	order-service_orders
159e078c-637b-32bf-8cc9-d262b26f7f43	c78f07b0-284c-45a7-e701-b0b1fa67a498	f052baf5-dafa-d662-af5e-3130af6c684b	2026-11-29 06:32:17.383695	order-service_orders
45542809-ed85-46b7-a873-e90dcbe84dbf	c78f07b0-284c-45a7-e701-b0b1fa67a498	e6215382-f4ec-4501-66b5-09e3f61a53a7	2026-11-29 06:32:17.383695	order-service_orders
51fb647f-72dc-0b12-c21f-71f9a4c852be	0feedd00-3f00-35ad-987a-136e6e1c4f42	83f76e27-31e5-9128-03b0-583c0b959c97	2026-11-29 06:32:17.383695	order-service_orders
52029d1d-a8cd-7174-074d-c37273e5f557	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	40a2df54-b696-6149-da68-8dbccae91455	2026-11-29 06:32:17.383695	order-service_orders
5a3425f0-addd-52dd-d079-9f1aa547bf9d	6e9bd853-ee7f-a40c-952f-52e7727edd83	867b6e71-9429-36d3-9010-b0a9487c481c	2026-11-29 06:32:17.383695	order-service_orders
5c2ea0ee-aef0-7909-01f6-7f531930aad8	be9b05ca-28da-c64a-277d-55d3059fdf25	b5944f75-9ee3-f365-d102-c4dddbeff04a	2026-11-29 06:32:17.383695	order-service_orders
691b0daa-1ad0-7c9a-230e-9789a16fbba1	6e9bd853-ee7f-a40c-952f-52e7727edd83	6ec92921-e038-e384-293c-c372b9bf0878	2026-11-29 06:32:17.383695	order-service_orders
7a0424d5-2e80-a470-6f65-3a5a2b5da3c2	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	b2c3853c-6ad2-27ba-b85e-2f544a75d536	2026-11-29 06:32:17.383695	order-service_orders
8773632b-f145-4999-751a-6aa3bf0b26a1	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	afe45226-ba79-625d-a777-fe2d1e4d1560	2026-11-29 06:32:17.383695	order-service_orders
88326271-1dd2-0981-bc8e-107c4d217c95	c78f07b0-284c-45a7-e701-b0b1fa67a498	6dc6a3de-a442-ba3c-bd98-71c4fc05beed	2026-11-29 06:32:17.383695	order-service_orders
8934a82a-c9ed-bff7-2182-fa413339be81	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	c395265d-e4ff-68eb-4814-5b17fd9c67a3	2026-11-29 06:32:17.383695	order-service_orders
98b02a49-92cb-2b02-ba42-f80fb065415c	be9b05ca-28da-c64a-277d-55d3059fdf25	867b6e71-9429-36d3-9010-b0a9487c481c	2026-11-29 06:32:17.383695	order-service_orders
9b77827c-b5c3-9e17-211a-98770f919482	be9b05ca-28da-c64a-277d-55d3059fdf25	69cf18ce-473a-c9d8-2265-383f9cd0075a	2026-11-29 06:32:17.383695	order-service_orders
a5f04db0-07fb-b7c4-0cf3-cffe2cec204e	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	51d84fd4-cbc8-0dbd-1287-803fbe049c13	2026-11-29 06:32:17.383695	order-service_orders
a6443e58-21fe-d146-12bc-8c968455cdf0	be9b05ca-28da-c64a-277d-55d3059fdf25	02e1b112-e375-3203-2edd-0ad687e74cfe	2026-11-29 06:32:17.383695	order-service_orders
b7f648c2-0da4-3a63-2b49-0d7a70d588c1	45c8a078-b88e-b073-462c-957ea33d75c4	b5944f75-9ee3-f365-d102-c4dddbeff04a	2026-11-29 06:32:17.383695	order-service_orders
b86c687c-0a71-fffe-bade-9fdab7187ea1	45c8a078-b88e-b073-462c-957ea33d75c4	02e1b112-e375-3203-2edd-0ad687e74cfe	2026-11-29 06:32:17.383695	order-service_orders
ba9c7d0d-bd72-d119-7b37-93366357cd09	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	af3c05b2-000c-f05f-946d-648effe4065a	2026-11-29 06:32:17.383695	order-service_orders
e20440f6-fa8f-cc31-61ce-55e4627474b4	0feedd00-3f00-35ad-987a-136e6e1c4f42	e6516e1c-c24f-74b0-f98b-f6b208fa70bd	2026-11-29 06:32:17.383695	order-service_orders
e2c5f603-f4cd-c5e5-5700-d6d207dc7cc0	6e9bd853-ee7f-a40c-952f-52e7727edd83	6011b975-43a6-e504-1059-885a44f05d56	2026-11-29 06:32:17.383695	order-service_orders
f6b7fc00-a9b2-9e1f-a213-8ef4f799c80c	d8fc18c4-87a5-00d1-7d32-79849c4e0c2f	41afa77f-bf93-de5f-b973-a840deda8166	2026-11-29 06:32:17.383695	order-service_orders
0d70ec86-516c-ddf5-56f5-4e8c4ebc920f	45c8a078-b88e-b073-462c-957ea33d75c4	572f8cf5-303c-0f98-7928-f526c6645c59	2026-11-29 06:35:20.102705	order-service_orders
6aeb620d-828c-547a-e926-ef96f5933514	15b800e9-66a4-5093-6ae4-3c3bea5355fe	69cf18ce-473a-c9d8-2265-383f9cd0075a	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: l_order_restaurant; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.l_order_restaurant (hk_order_restaurant_pk, h_order_pk, h_restaurant_pk, load_dt, load_src) FROM stdin;
01906ec8-1a3b-1ad1-c335-f86de3c26a4e	0feedd00-3f00-35ad-987a-136e6e1c4f42	a2bad233-7d31-2168-a719-4a4f13b4f8db	2026-11-29 06:32:17.383695	order-service_orders
37a1054b-0426-f0ab-33d4-2a01fe207da8	c78f07b0-284c-45a7-e701-b0b1fa67a498	e584de72-b47d-4b97-ef25-1214e4815a29	2026-11-29 06:32:17.383695	order-service_orders
42dc7adf-4981-6e06-4de5-ae42c39839c9	be9b05ca-28da-c64a-277d-55d3059fdf25	e584de72-b47d-4b97-ef25-1214e4815a29	2026-11-29 06:32:17.383695	order-service_orders
56a5c136-12ad-c88f-d8c7-e0f7db312fb6	6e9bd853-ee7f-a40c-952f-52e7727edd83	e584de72-b47d-4b97-ef25-1214e4815a29	2026-11-29 06:32:17.383695	order-service_orders
64a49e91-11bb-57f5-de0a-d20e4a55b199	45c8a078-b88e-b073-462c-957ea33d75c4	e584de72-b47d-4b97-ef25-1214e4815a29	2026-11-29 06:32:17.383695	order-service_orders
6742b06b-6e85-f15d-43b5-dbe788055eb0	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	2026-11-29 06:32:17.383695	order-service_orders
c9cedbfc-f290-b25b-2fef-b2fca96c0c11	d8fc18c4-87a5-00d1-7d32-79849c4e0c2f	a2bad233-7d31-2168-a719-4a4f13b4f8db	2026-11-29 06:32:17.383695	order-service_orders
caa572bf-9c98-6934-e8f4-7a9864386d9d	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	2026-11-29 06:32:17.383695	order-service_orders
cf1f170c-6c51-6be5-0357-405a2f45347d	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	a2bad233-7d31-2168-a719-4a4f13b4f8db	2026-11-29 06:32:17.383695	order-service_orders
abfcdcbf-c848-95f7-4886-0ebf30b6fcf6	15b800e9-66a4-5093-6ae4-3c3bea5355fe	e584de72-b47d-4b97-ef25-1214e4815a29	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: l_order_user; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.l_order_user (hk_order_user_pk, h_order_pk, h_user_pk, load_dt, load_src) FROM stdin;
01bc51d0-0165-72fd-cac4-19985180e68c	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	6a9ba4ea-63b5-56c0-2faf-d5974865eae1	2026-11-29 06:32:17.383695	order-service_orders
03d265e4-5c85-4833-792f-e368bf9b7780	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	2026-11-29 06:32:17.383695	order-service_orders
04e4076e-90dc-282c-c634-6c1d3acb0697	6e9bd853-ee7f-a40c-952f-52e7727edd83	ff1d03a2-185c-f756-0830-93747a0fd9b4	2026-11-29 06:32:17.383695	order-service_orders
0cc9366b-8f96-d475-a5c5-4f854ded90e9	d8fc18c4-87a5-00d1-7d32-79849c4e0c2f	cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	2026-11-29 06:32:17.383695	order-service_orders
0e858b0e-1c06-fdc2-fa4a-737e503aafcb	c78f07b0-284c-45a7-e701-b0b1fa67a498	194246a6-630c-19b0-0624-e5e2bd6863fc	2026-11-29 06:32:17.383695	order-service_orders
29bb67ca-9a3a-5b37-8f85-3eb22ae77498	be9b05ca-28da-c64a-277d-55d3059fdf25	b9c4ba0b-0e08-db85-f055-bb3c3273bb31	2026-11-29 06:32:17.383695	order-service_orders
3f6a5ecd-80c6-cd79-a9db-e89cb5bdbc3f	0feedd00-3f00-35ad-987a-136e6e1c4f42	cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	2026-11-29 06:32:17.383695	order-service_orders
bb230858-68a4-ce4b-7990-52f94889484d	45c8a078-b88e-b073-462c-957ea33d75c4	b9c4ba0b-0e08-db85-f055-bb3c3273bb31	2026-11-29 06:32:17.383695	order-service_orders
d7b6b922-f81c-b28c-d2a0-fdbfe484917d	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	9d6e703f-0b1f-25f3-ea16-fe6c2f8b2842	2026-11-29 06:32:17.383695	order-service_orders
78b0fcbc-e1e1-0084-8965-052e59bb8fa6	15b800e9-66a4-5093-6ae4-3c3bea5355fe	c7ebda97-0581-71e2-5f19-9397394ced86	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: l_product_category; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.l_product_category (hk_product_category_pk, h_product_pk, h_category_pk, load_dt, load_src) FROM stdin;
1656c3e2-2857-e8ea-9820-6b3d59caf2d3	afe45226-ba79-625d-a777-fe2d1e4d1560	dcfecd8c-e800-3d44-4565-99182deffb98	2026-11-29 06:32:17.383695	order-service_orders
1aad73a6-3f27-1dd7-22e5-47f535506005	83f76e27-31e5-9128-03b0-583c0b959c97	e0e9d5ae-2a64-493a-9346-21dbd9db6a90	2026-11-29 06:32:17.383695	order-service_orders
3c60ada2-3404-b498-1117-6bf7dc70b612	b5944f75-9ee3-f365-d102-c4dddbeff04a	dcfecd8c-e800-3d44-4565-99182deffb98	2026-11-29 06:32:17.383695	order-service_orders
4e6053e6-121b-1afd-49aa-bab42d01c7cd	6011b975-43a6-e504-1059-885a44f05d56	d2ef5419-6571-ac01-ab56-1c0f79a28c64	2026-11-29 06:32:17.383695	order-service_orders
531ebe07-c3dd-874a-7f92-f17e6490c7f6	6dc6a3de-a442-ba3c-bd98-71c4fc05beed	83daaeb5-6711-4059-bc55-08ef95f0ffd5	2026-11-29 06:32:17.383695	order-service_orders
552b402e-9d25-b40f-841a-9381f798864d	c395265d-e4ff-68eb-4814-5b17fd9c67a3	7c13a253-51e7-19d6-8df0-15d80d0e9a9a	2026-11-29 06:32:17.383695	order-service_orders
60b7c601-36c2-6b6c-59be-2d59f11e8ff0	af3c05b2-000c-f05f-946d-648effe4065a	e0e9d5ae-2a64-493a-9346-21dbd9db6a90	2026-11-29 06:32:17.383695	order-service_orders
71d89d63-d8e7-cdc9-77bd-762eb80daea9	51d84fd4-cbc8-0dbd-1287-803fbe049c13	83daaeb5-6711-4059-bc55-08ef95f0ffd5	2026-11-29 06:32:17.383695	order-service_orders
8294e078-80ce-e3cc-7910-d0cafe860e7a	40a2df54-b696-6149-da68-8dbccae91455	dcfecd8c-e800-3d44-4565-99182deffb98	2026-11-29 06:32:17.383695	order-service_orders
a2ffabd5-0faf-1fd8-b68c-ca07ca6fe618	41afa77f-bf93-de5f-b973-a840deda8166	7c13a253-51e7-19d6-8df0-15d80d0e9a9a	2026-11-29 06:32:17.383695	order-service_orders
a5952f5b-14e4-3c81-6d36-9db0e2613d8c	f052baf5-dafa-d662-af5e-3130af6c684b	b85990d3-4858-665a-2fb3-874d432db9cb	2026-11-29 06:32:17.383695	order-service_orders
ae3773b2-3ee6-1e78-14ba-e568b64422fb	867b6e71-9429-36d3-9010-b0a9487c481c	b85990d3-4858-665a-2fb3-874d432db9cb	2026-11-29 06:32:17.383695	order-service_orders
b98eacf4-208c-3bab-0ce0-e6e164bf6f29	e6516e1c-c24f-74b0-f98b-f6b208fa70bd	83daaeb5-6711-4059-bc55-08ef95f0ffd5	2026-11-29 06:32:17.383695	order-service_orders
cc0c2ae6-2aba-6021-1796-5af7ec7ee4ec	e6215382-f4ec-4501-66b5-09e3f61a53a7	dcfecd8c-e800-3d44-4565-99182deffb98	2026-11-29 06:32:17.383695	order-service_orders
d412893e-815d-0761-4425-69184a017ff4	6ec92921-e038-e384-293c-c372b9bf0878	7c13a253-51e7-19d6-8df0-15d80d0e9a9a	2026-11-29 06:32:17.383695	order-service_orders
da1cbcaa-8db6-9e44-4251-4fbf8b10fd08	02e1b112-e375-3203-2edd-0ad687e74cfe	636d2370-c523-f2b2-f49a-568b6485f1f5	2026-11-29 06:32:17.383695	order-service_orders
dc8ea67b-5043-d872-17b5-186909d3f25b	c5dfeca7-cd33-835b-a882-6a8c7520a25a	e0e9d5ae-2a64-493a-9346-21dbd9db6a90	2026-11-29 06:32:17.383695	order-service_orders
f0967bef-08b5-2278-4bea-81043adad621	69cf18ce-473a-c9d8-2265-383f9cd0075a	b85990d3-4858-665a-2fb3-874d432db9cb	2026-11-29 06:32:17.383695	order-service_orders
f19e50fa-7cf5-65fe-3c74-2527fbdc3505	b2c3853c-6ad2-27ba-b85e-2f544a75d536	7c13a253-51e7-19d6-8df0-15d80d0e9a9a	2026-11-29 06:32:17.383695	order-service_orders
9e6af202-dadb-84b4-d2e0-e00c5f21b1f7	572f8cf5-303c-0f98-7928-f526c6645c59	7c13a253-51e7-19d6-8df0-15d80d0e9a9a	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: l_product_restaurant; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.l_product_restaurant (hk_product_restaurant_pk, h_product_pk, h_restaurant_pk, load_dt, load_src) FROM stdin;
144483cc-3b52-fbc4-e024-e773cea2bcd2	6011b975-43a6-e504-1059-885a44f05d56	e584de72-b47d-4b97-ef25-1214e4815a29	2026-11-29 06:32:17.383695	order-service_orders
1f896746-c5f0-5ea3-de92-823c9c442d7c	f052baf5-dafa-d662-af5e-3130af6c684b	e584de72-b47d-4b97-ef25-1214e4815a29	2026-11-29 06:32:17.383695	order-service_orders
22991f61-05b4-e1e8-eba8-7199184545d0	6ec92921-e038-e384-293c-c372b9bf0878	e584de72-b47d-4b97-ef25-1214e4815a29	2026-11-29 06:32:17.383695	order-service_orders
2bed1151-865a-b4d9-16f0-5e05b98b3b47	af3c05b2-000c-f05f-946d-648effe4065a	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	2026-11-29 06:32:17.383695	order-service_orders
2c07a256-9acd-8a23-ef89-d1f780cfe4ce	83f76e27-31e5-9128-03b0-583c0b959c97	a2bad233-7d31-2168-a719-4a4f13b4f8db	2026-11-29 06:32:17.383695	order-service_orders
41a35e71-7412-cd93-99ca-c412c7b361cd	02e1b112-e375-3203-2edd-0ad687e74cfe	e584de72-b47d-4b97-ef25-1214e4815a29	2026-11-29 06:32:17.383695	order-service_orders
48046c06-9f9d-5bd0-d647-927d033013e8	b5944f75-9ee3-f365-d102-c4dddbeff04a	e584de72-b47d-4b97-ef25-1214e4815a29	2026-11-29 06:32:17.383695	order-service_orders
69f16c9f-9a9f-e423-7d55-d41b26748ab1	867b6e71-9429-36d3-9010-b0a9487c481c	e584de72-b47d-4b97-ef25-1214e4815a29	2026-11-29 06:32:17.383695	order-service_orders
6df4cd91-8c36-359d-4700-ef884b479c51	c395265d-e4ff-68eb-4814-5b17fd9c67a3	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	2026-11-29 06:32:17.383695	order-service_orders
72004ae8-f16f-f6c4-1dac-3dfd9d79df03	b2c3853c-6ad2-27ba-b85e-2f544a75d536	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	2026-11-29 06:32:17.383695	order-service_orders
801d8149-2b67-97b5-4466-29af17ea9738	c5dfeca7-cd33-835b-a882-6a8c7520a25a	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	2026-11-29 06:32:17.383695	order-service_orders
886951b3-2bc9-affb-0e4b-0a1133e2fac9	41afa77f-bf93-de5f-b973-a840deda8166	a2bad233-7d31-2168-a719-4a4f13b4f8db	2026-11-29 06:32:17.383695	order-service_orders
95f1b492-72a1-75d5-e716-36a311201c0f	afe45226-ba79-625d-a777-fe2d1e4d1560	a2bad233-7d31-2168-a719-4a4f13b4f8db	2026-11-29 06:32:17.383695	order-service_orders
a1b2206f-60cf-d371-9b96-08b18e8fc4d7	6dc6a3de-a442-ba3c-bd98-71c4fc05beed	e584de72-b47d-4b97-ef25-1214e4815a29	2026-11-29 06:32:17.383695	order-service_orders
a40bce41-6282-9284-7b3d-7a66ad4273c5	51d84fd4-cbc8-0dbd-1287-803fbe049c13	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	2026-11-29 06:32:17.383695	order-service_orders
a5eef6eb-c411-0647-fa64-bf691b81da68	40a2df54-b696-6149-da68-8dbccae91455	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	2026-11-29 06:32:17.383695	order-service_orders
a77a3ad7-a7d4-d977-bb91-e03898339eb1	e6516e1c-c24f-74b0-f98b-f6b208fa70bd	a2bad233-7d31-2168-a719-4a4f13b4f8db	2026-11-29 06:32:17.383695	order-service_orders
c9cdde79-743f-1b34-2390-8e36c8b43c64	69cf18ce-473a-c9d8-2265-383f9cd0075a	e584de72-b47d-4b97-ef25-1214e4815a29	2026-11-29 06:32:17.383695	order-service_orders
f1192037-677e-9589-f44b-c38922e2b388	e6215382-f4ec-4501-66b5-09e3f61a53a7	e584de72-b47d-4b97-ef25-1214e4815a29	2026-11-29 06:32:17.383695	order-service_orders
8dc351b5-1e3e-e54f-3de2-f9776693e9dc	572f8cf5-303c-0f98-7928-f526c6645c59	e584de72-b47d-4b97-ef25-1214e4815a29	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: order_statuses; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.order_statuses (status, step) FROM stdin;
OPEN	1
COOKING	2
DELIVERING	3
CLOSED	4
CANCELLED	5
\.


--
-- Data for Name: outbox; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.outbox ("position", outbox_id, h_order_pk, order_id, state_hash, message, created_at) FROM stdin;
1	e6fcf9ae-f8dd-48fb-b9a3-2bb93ce89e9a	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	322522	8fad7ba7-2ef1-4fad-3be5-89d1d05a0585	{"object_id" : 322522, "object_type" : "order", "sent_dttm" : "2024-03-01 08:36:02", "payload" : {"final_status" : "CLOSED", "date" : "2024-03-01 08:00:45", "user_id" : "f5cae3bf3729c619c60a3cab", "products" : [{"product_id" : "f3bd423e67c6b46259bbb436", "category_name" : "Закуски"}, {"product_id" : "fad18c6a78b9d3d6fc893150", "category_name" : "Выпечка"}]}}	2026-11-29 06:36:16.54155
2	e6fcf9ae-f8dd-48fb-b9a3-2bb93ce89e9a	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	322520	d4b9020c-866c-dd42-bef6-48231ea1c7f3	{"object_id" : 322520, "object_type" : "order", "sent_dttm" : "2024-03-01 08:37:39", "payload" : {"final_status" : "CLOSED", "date" : "2024-03-01 08:00:24", "user_id" : "f6236bf2504b74ba4a0fe75d", "products" : [{"product_id" : "28226f9c24617bfa77ac435f", "category_name" : "Выпечка"}, {"product_id" : "4b0e9e7f94b59db0f37b7afb", "category_name" : "Закуски"}, {"product_id" : "4eb78fc5fbf98bb8f1f70efb", "category_name" : "Супы"}, {"product_id" : "9f26dab2a8f99dd11f33ebee", "category_name" : "Роллы"}]}}	2026-11-29 06:36:16.54155
\.


--
-- Data for Name: s_order_cost; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.s_order_cost (hk_order_cost_pk, h_order_pk, cost, payment, bonus_payment, bonus_grant, start_dt, end_dt, load_dt, load_src) FROM stdin;
e2f55ad7-f787-488f-53b6-7be9b6faebea	0feedd00-3f00-35ad-987a-136e6e1c4f42	1280.00000	1280.00000	0.00000	12.00000	2024-03-01 08:01:32	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
c0d2de7a-e2c9-8123-552b-b511b5cff3f1	45c8a078-b88e-b073-462c-957ea33d75c4	1620.50000	1620.50000	0.00000	16.00000	2024-03-01 08:02:05	2024-03-01 08:03:14	2026-11-29 06:32:17.383695	order-service_orders
0c96fc97-3aea-4d05-1a18-3d2117d392a2	6e9bd853-ee7f-a40c-952f-52e7727edd83	1570.25000	1570.25000	0.00000	15.00000	2024-03-01 08:00:48	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
e9ffbe99-7f73-50dc-bdf8-6e937d09a84f	be9b05ca-28da-c64a-277d-55d3059fdf25	1851.75000	1666.75000	185.00000	18.00000	2024-03-01 08:03:13	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
0c68547f-c5ed-bc44-3a13-37f7003c3d25	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	681.00000	681.00000	0.00000	6.00000	2024-03-01 08:00:13	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
5ab56320-ca0c-4322-972c-60db13fb33ce	c78f07b0-284c-45a7-e701-b0b1fa67a498	2580.25000	2322.25000	258.00000	25.00000	2024-03-01 08:01:28	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
92a18580-d89b-9baf-7b7f-4f57eb78e971	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	1982.50000	1982.50000	0.00000	19.00000	2024-03-01 08:00:24	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
0a80f694-ad4d-77d6-8587-7aa9f3738300	d8fc18c4-87a5-00d1-7d32-79849c4e0c2f	190.25000	171.25000	19.00000	1.00000	2024-03-01 08:00:25	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
453a671c-d0ac-f3ad-7133-eb2480f70052	15b800e9-66a4-5093-6ae4-3c3bea5355fe	271.50000	271.50000	0.00000	2.00000	2024-03-01 08:04:23	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
8e5f2b15-abf6-bfb5-0269-768eb19a5488	45c8a078-b88e-b073-462c-957ea33d75c4	660.50000	660.50000	0.00000	6.00000	2024-03-01 08:03:14	2024-03-01 08:19:54	2026-11-29 06:32:17.383695	order-service_orders
13eb83e0-670e-22bd-ec73-da0442f83b5d	45c8a078-b88e-b073-462c-957ea33d75c4	1180.50000	1180.50000	0.00000	11.00000	2024-03-01 08:19:54	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
dc837fc2-b6f7-c93c-78e6-7916e914f0dd	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	1840.00000	1840.00000	0.00000	18.00000	2024-03-01 08:00:45	2024-03-01 08:11:03	2026-11-29 06:32:17.383695	order-service_orders
da677512-1174-589f-ec7d-8fddd53cd6f9	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	2430.00000	2430.00000	0.00000	24.00000	2024-03-01 08:11:03	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: s_order_details; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.s_order_details (hk_order_details_pk, h_order_pk, order_dt, final_status, start_dt, end_dt, load_dt, load_src) FROM stdin;
e2f55ad7-f787-488f-53b6-7be9b6faebea	0feedd00-3f00-35ad-987a-136e6e1c4f42	2024-03-01 08:01:32	OPEN	2024-03-01 08:01:32	2024-03-01 08:20:50	2026-11-29 06:32:17.383695	order-service_orders
c1de3c78-853a-1310-eb15-f1ef4ed36d81	0feedd00-3f00-35ad-987a-136e6e1c4f42	2024-03-01 08:01:32	COOKING	2024-03-01 08:20:50	2024-03-01 08:33:24	2026-11-29 06:35:20.102705	order-service_orders
0f3a78e9-ed8e-6b07-ec99-2042872670b2	0feedd00-3f00-35ad-987a-136e6e1c4f42	2024-03-01 08:01:32	DELIVERING	2024-03-01 08:33:24	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
453a671c-d0ac-f3ad-7133-eb2480f70052	15b800e9-66a4-5093-6ae4-3c3bea5355fe	2024-03-01 08:04:23	OPEN	2024-03-01 08:04:23	2024-03-01 08:10:58	2026-11-29 06:35:20.102705	order-service_orders
ad3a9d46-4db0-e17d-1ac4-2cfcf506439e	15b800e9-66a4-5093-6ae4-3c3bea5355fe	2024-03-01 08:04:23	COOKING	2024-03-01 08:10:58	2024-03-01 08:28:57	2026-11-29 06:35:20.102705	order-service_orders
e18d8772-0ba2-e89c-dae7-a7ff0625febf	15b800e9-66a4-5093-6ae4-3c3bea5355fe	2024-03-01 08:04:23	DELIVERING	2024-03-01 08:28:57	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
c0d2de7a-e2c9-8123-552b-b511b5cff3f1	45c8a078-b88e-b073-462c-957ea33d75c4	2024-03-01 08:02:05	OPEN	2024-03-01 08:02:05	2024-03-01 08:19:54	2026-11-29 06:32:17.383695	order-service_orders
13eb83e0-670e-22bd-ec73-da0442f83b5d	45c8a078-b88e-b073-462c-957ea33d75c4	2024-03-01 08:02:05	COOKING	2024-03-01 08:19:54	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
0c96fc97-3aea-4d05-1a18-3d2117d392a2	6e9bd853-ee7f-a40c-952f-52e7727edd83	2024-03-01 08:00:48	OPEN	2024-03-01 08:00:48	2024-03-01 08:24:21	2026-11-29 06:32:17.383695	order-service_orders
58a50557-023c-5fa3-82de-6aa40ad5ee1b	6e9bd853-ee7f-a40c-952f-52e7727edd83	2024-03-01 08:00:48	COOKING	2024-03-01 08:24:21	2024-03-01 08:29:01	2026-11-29 06:35:20.102705	order-service_orders
c0439c9e-602a-b10a-6caa-88a1dde4ad55	6e9bd853-ee7f-a40c-952f-52e7727edd83	2024-03-01 08:00:48	DELIVERING	2024-03-01 08:29:01	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
dc837fc2-b6f7-c93c-78e6-7916e914f0dd	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	2024-03-01 08:00:45	OPEN	2024-03-01 08:00:45	2024-03-01 08:10:12	2026-11-29 06:32:17.383695	order-service_orders
6ddeedb7-a14d-2d8a-ec57-81da6816e181	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	2024-03-01 08:00:45	COOKING	2024-03-01 08:10:12	2024-03-01 08:36:02	2026-11-29 06:35:20.102705	order-service_orders
a0de880c-61b3-2156-c1fc-3935ba26b5ce	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	2024-03-01 08:00:45	CLOSED	2024-03-01 08:36:02	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
e9ffbe99-7f73-50dc-bdf8-6e937d09a84f	be9b05ca-28da-c64a-277d-55d3059fdf25	2024-03-01 08:03:13	OPEN	2024-03-01 08:03:13	2024-03-01 08:26:10	2026-11-29 06:32:17.383695	order-service_orders
25294b0d-823b-98cc-d73b-56800ae0aa15	be9b05ca-28da-c64a-277d-55d3059fdf25	2024-03-01 08:03:13	COOKING	2024-03-01 08:26:10	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
0c68547f-c5ed-bc44-3a13-37f7003c3d25	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	2024-03-01 08:00:13	OPEN	2024-03-01 08:00:13	2024-03-01 08:24:09	2026-11-29 06:32:17.383695	order-service_orders
a3fbcb1a-e4e3-fd01-7585-34296c1034eb	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	2024-03-01 08:00:13	COOKING	2024-03-01 08:24:09	2024-03-01 08:37:36	2026-11-29 06:35:20.102705	order-service_orders
612a40ec-ee9c-d0bb-35fc-8df1765839b3	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	2024-03-01 08:00:13	DELIVERING	2024-03-01 08:37:36	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
5ab56320-ca0c-4322-972c-60db13fb33ce	c78f07b0-284c-45a7-e701-b0b1fa67a498	2024-03-01 08:01:28	OPEN	2024-03-01 08:01:28	2024-03-01 08:20:54	2026-11-29 06:32:17.383695	order-service_orders
62f8f4c5-1949-a211-a17a-771ac115acf0	c78f07b0-284c-45a7-e701-b0b1fa67a498	2024-03-01 08:01:28	CANCELLED	2024-03-01 08:20:54	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
92a18580-d89b-9baf-7b7f-4f57eb78e971	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	2024-03-01 08:00:24	OPEN	2024-03-01 08:00:24	2024-03-01 08:14:20	2026-11-29 06:32:17.383695	order-service_orders
2d7a3972-dfcc-8af3-c2b9-b42e9813323a	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	2024-03-01 08:00:24	COOKING	2024-03-01 08:14:20	2024-03-01 08:32:11	2026-11-29 06:35:20.102705	order-service_orders
f9e8a69a-1a5d-b81b-2f14-76777429246c	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	2024-03-01 08:00:24	DELIVERING	2024-03-01 08:32:11	2024-03-01 08:37:39	2026-11-29 06:35:20.102705	order-service_orders
801e9da4-734c-580e-76bd-6e8562b2fe23	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	2024-03-01 08:00:24	CLOSED	2024-03-01 08:37:39	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
0a80f694-ad4d-77d6-8587-7aa9f3738300	d8fc18c4-87a5-00d1-7d32-79849c4e0c2f	2024-03-01 08:00:25	OPEN	2024-03-01 08:00:25	2024-03-01 08:32:21	2026-11-29 06:32:17.383695	order-service_orders
8d463e4e-b3eb-845e-8eef-2d60e643f727	d8fc18c4-87a5-00d1-7d32-79849c4e0c2f	2024-03-01 08:00:25	DELIVERING	2024-03-01 08:32:21	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: s_order_product; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.s_order_product (hk_order_product_sat_pk, hk_order_product_pk, price, quantity, start_dt, end_dt, load_dt, load_src) FROM stdin;
1d257914-0f7f-f2e5-f263-84cbb008540d	0d56e8c3-155e-06d4-37f6-64698394a836	70.00000	1	2024-03-01 08:00:45	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
6e7e12c1-7530-af59-7ce7-926d112c11a9	159e078c-637b-32bf-8cc9-d262b26f7f43	340.00000	2	2024-03-01 08:01:28	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
5131dc9b-ed45-47f1-f285-57a008eb66f7	45542809-ed85-46b7-a873-e90dcbe84dbf	280.25000	1	2024-03-01 08:01:28	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
18bada98-aa23-3ec0-f68f-f64a99362c56	51fb647f-72dc-0b12-c21f-71f9a4c852be	130.00000	2	2024-03-01 08:01:32	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
2cf40c29-eabb-727b-dfee-d1d3b2ea1bf6	52029d1d-a8cd-7174-074d-c37273e5f557	220.00000	3	2024-03-01 08:00:24	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
7294ab71-614e-e76c-4c65-801f37491dc3	5a3425f0-addd-52dd-d079-9f1aa547bf9d	430.25000	1	2024-03-01 08:00:48	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
0b559969-ecb5-67f8-50a8-cccc4a46b74b	5c2ea0ee-aef0-7909-01f6-7f531930aad8	330.25000	1	2024-03-01 08:03:13	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
4b614d31-c1c0-e85d-420c-d3dd915b1406	691b0daa-1ad0-7c9a-230e-9789a16fbba1	200.00000	2	2024-03-01 08:00:48	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
2919f165-c426-2d87-dba8-309194a5812a	8773632b-f145-4999-751a-6aa3bf0b26a1	340.50000	2	2024-03-01 08:00:13	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
ba3b4f72-1b2c-6c9d-40e7-63e6d649ef8c	88326271-1dd2-0981-bc8e-107c4d217c95	540.00000	3	2024-03-01 08:01:28	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
49ecd31d-2006-38f4-a930-dbbdd6efc21f	8934a82a-c9ed-bff7-2182-fa413339be81	300.50000	3	2024-03-01 08:00:24	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
fd570fef-8d3d-d596-395c-d9fc1f117333	98b02a49-92cb-2b02-ba42-f80fb065415c	430.25000	2	2024-03-01 08:03:13	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
14c9b2f0-5df4-3570-34c7-7e2db540fc8d	9b77827c-b5c3-9e17-211a-98770f919482	90.50000	2	2024-03-01 08:03:13	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
07d59c55-f115-ec4a-249a-4b1ed6ba606a	a5f04db0-07fb-b7c4-0cf3-cffe2cec204e	130.50000	2	2024-03-01 08:00:24	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
70766ee3-fc45-5327-2c6d-acba2d46ef13	a6443e58-21fe-d146-12bc-8c968455cdf0	480.00000	1	2024-03-01 08:03:13	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
3411baac-5a3b-d750-926b-1b145ed1938e	b7f648c2-0da4-3a63-2b49-0d7a70d588c1	330.25000	2	2024-03-01 08:02:05	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
5ee3b930-a9fd-8eb9-4319-5a2054fe32e6	b86c687c-0a71-fffe-bade-9fdab7187ea1	480.00000	2	2024-03-01 08:02:05	2024-03-01 08:03:14	2026-11-29 06:32:17.383695	order-service_orders
3fc5065a-4e6d-64a4-26a6-8fa332d04c41	ba9c7d0d-bd72-d119-7b37-93366357cd09	160.00000	1	2024-03-01 08:00:24	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
f511634c-71c4-2a97-990a-d45548d243fe	e20440f6-fa8f-cc31-61ce-55e4627474b4	340.00000	3	2024-03-01 08:01:32	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
b4b6db10-24d0-0e27-1a3a-5165a3faa4ba	e2c5f603-f4cd-c5e5-5700-d6d207dc7cc0	370.00000	2	2024-03-01 08:00:48	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
053671b9-bd0a-8a9a-87c6-8c6491fb868d	f6b7fc00-a9b2-9e1f-a213-8ef4f799c80c	190.25000	1	2024-03-01 08:00:25	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
f2a08151-acb2-3958-c302-cd15317a6c2f	0d70ec86-516c-ddf5-56f5-4e8c4ebc920f	260.00000	2	2024-03-01 08:19:54	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
fbd7b9a2-9207-d24f-1374-b5d6c7b0cd2f	6aeb620d-828c-547a-e926-ef96f5933514	90.50000	3	2024-03-01 08:04:23	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
dc851de8-de90-a593-444a-890a83271df3	7a0424d5-2e80-a470-6f65-3a5a2b5da3c2	590.00000	3	2024-03-01 08:00:45	2024-03-01 08:11:03	2026-11-29 06:32:17.383695	order-service_orders
99baccfb-f929-e561-9af6-a7353af56869	7a0424d5-2e80-a470-6f65-3a5a2b5da3c2	590.00000	4	2024-03-01 08:11:03	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: s_order_restaurant; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.s_order_restaurant (hk_order_restaurant_sat_pk, hk_order_restaurant_pk, start_dt, end_dt, load_dt, load_src) FROM stdin;
4d03de70-bc05-d515-1f73-f2b0bfccaf4b	01906ec8-1a3b-1ad1-c335-f86de3c26a4e	2024-03-01 08:01:32	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
e8f7fdc3-dd1e-9b04-8b84-0e40725024a5	37a1054b-0426-f0ab-33d4-2a01fe207da8	2024-03-01 08:01:28	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
d80286ee-710a-91fa-26c9-2ba0dec32530	42dc7adf-4981-6e06-4de5-ae42c39839c9	2024-03-01 08:03:13	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
9fb0f9f8-16a0-350d-340b-5409856dd3fd	56a5c136-12ad-c88f-d8c7-e0f7db312fb6	2024-03-01 08:00:48	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
a4f9a92e-7452-1880-f7b4-4900d14c00cb	64a49e91-11bb-57f5-de0a-d20e4a55b199	2024-03-01 08:02:05	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
7e57c249-44a2-f77b-e7ae-3cca21aeba6d	6742b06b-6e85-f15d-43b5-dbe788055eb0	2024-03-01 08:00:24	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
d8d9b4c1-7be9-56df-8580-98081e139f3e	c9cedbfc-f290-b25b-2fef-b2fca96c0c11	2024-03-01 08:00:25	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
e6c64ecc-53aa-d83d-5529-36b691e5d954	caa572bf-9c98-6934-e8f4-7a9864386d9d	2024-03-01 08:00:45	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
61d90328-dc28-38b3-e572-c414eda33d27	cf1f170c-6c51-6be5-0357-405a2f45347d	2024-03-01 08:00:13	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
2a81415d-b31a-7f9e-906c-1bbcf4f011f0	abfcdcbf-c848-95f7-4886-0ebf30b6fcf6	2024-03-01 08:04:23	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: s_order_status; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.s_order_status (hk_order_status_pk, h_order_pk, status, start_dt, end_dt, load_dt, load_src) FROM stdin;
e2f55ad7-f787-488f-53b6-7be9b6faebea	0feedd00-3f00-35ad-987a-136e6e1c4f42	OPEN	2024-03-01 08:01:32	2024-03-01 08:20:50	2026-11-29 06:32:17.383695	order-service_orders
c1de3c78-853a-1310-eb15-f1ef4ed36d81	0feedd00-3f00-35ad-987a-136e6e1c4f42	COOKING	2024-03-01 08:20:50	2024-03-01 08:33:24	2026-11-29 06:35:20.102705	order-service_orders
0f3a78e9-ed8e-6b07-ec99-2042872670b2	0feedd00-3f00-35ad-987a-136e6e1c4f42	DELIVERING	2024-03-01 08:33:24	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
453a671c-d0ac-f3ad-7133-eb2480f70052	15b800e9-66a4-5093-6ae4-3c3bea5355fe	OPEN	2024-03-01 08:04:23	2024-03-01 08:10:58	2026-11-29 06:35:20.102705	order-service_orders
ad3a9d46-4db0-e17d-1ac4-2cfcf506439e	15b800e9-66a4-5093-6ae4-3c3bea5355fe	COOKING	2024-03-01 08:10:58	2024-03-01 08:28:57	2026-11-29 06:35:20.102705	order-service_orders
e18d8772-0ba2-e89c-dae7-a7ff0625febf	15b800e9-66a4-5093-6ae4-3c3bea5355fe	DELIVERING	2024-03-01 08:28:57	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
c0d2de7a-e2c9-8123-552b-b511b5cff3f1	45c8a078-b88e-b073-462c-957ea33d75c4	OPEN	2024-03-01 08:02:05	2024-03-01 08:17:16	2026-11-29 06:32:17.383695	order-service_orders
66407b7f-765d-f5e3-bfed-048738bc4ff2	45c8a078-b88e-b073-462c-957ea33d75c4	COOKING	2024-03-01 08:17:16	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
0c96fc97-3aea-4d05-1a18-3d2117d392a2	6e9bd853-ee7f-a40c-952f-52e7727edd83	OPEN	2024-03-01 08:00:48	2024-03-01 08:24:21	2026-11-29 06:32:17.383695	order-service_orders
58a50557-023c-5fa3-82de-6aa40ad5ee1b	6e9bd853-ee7f-a40c-952f-52e7727edd83	COOKING	2024-03-01 08:24:21	2024-03-01 08:29:01	2026-11-29 06:35:20.102705	order-service_orders
c0439c9e-602a-b10a-6caa-88a1dde4ad55	6e9bd853-ee7f-a40c-952f-52e7727edd83	DELIVERING	2024-03-01 08:29:01	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
dc837fc2-b6f7-c93c-78e6-7916e914f0dd	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	OPEN	2024-03-01 08:00:45	2024-03-01 08:10:12	2026-11-29 06:32:17.383695	order-service_orders
6ddeedb7-a14d-2d8a-ec57-81da6816e181	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	COOKING	2024-03-01 08:10:12	2024-03-01 08:18:03	2026-11-29 06:35:20.102705	order-service_orders
d8ceec01-1b28-6a1a-0461-58ad12f22717	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	DELIVERING	2024-03-01 08:18:03	2024-03-01 08:36:02	2026-11-29 06:35:20.102705	order-service_orders
a0de880c-61b3-2156-c1fc-3935ba26b5ce	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	CLOSED	2024-03-01 08:36:02	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
e9ffbe99-7f73-50dc-bdf8-6e937d09a84f	be9b05ca-28da-c64a-277d-55d3059fdf25	OPEN	2024-03-01 08:03:13	2024-03-01 08:26:10	2026-11-29 06:32:17.383695	order-service_orders
25294b0d-823b-98cc-d73b-56800ae0aa15	be9b05ca-28da-c64a-277d-55d3059fdf25	COOKING	2024-03-01 08:26:10	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
0c68547f-c5ed-bc44-3a13-37f7003c3d25	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	OPEN	2024-03-01 08:00:13	2024-03-01 08:24:09	2026-11-29 06:32:17.383695	order-service_orders
a3fbcb1a-e4e3-fd01-7585-34296c1034eb	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	COOKING	2024-03-01 08:24:09	2024-03-01 08:37:36	2026-11-29 06:35:20.102705	order-service_orders
612a40ec-ee9c-d0bb-35fc-8df1765839b3	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	DELIVERING	2024-03-01 08:37:36	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
5ab56320-ca0c-4322-972c-60db13fb33ce	c78f07b0-284c-45a7-e701-b0b1fa67a498	OPEN	2024-03-01 08:01:28	2024-03-01 08:20:54	2026-11-29 06:32:17.383695	order-service_orders
62f8f4c5-1949-a211-a17a-771ac115acf0	c78f07b0-284c-45a7-e701-b0b1fa67a498	CANCELLED	2024-03-01 08:20:54	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
92a18580-d89b-9baf-7b7f-4f57eb78e971	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	OPEN	2024-03-01 08:00:24	2024-03-01 08:14:20	2026-11-29 06:32:17.383695	order-service_orders
2d7a3972-dfcc-8af3-c2b9-b42e9813323a	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	COOKING	2024-03-01 08:14:20	2024-03-01 08:32:11	2026-11-29 06:35:20.102705	order-service_orders
f9e8a69a-1a5d-b81b-2f14-76777429246c	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	DELIVERING	2024-03-01 08:32:11	2024-03-01 08:37:39	2026-11-29 06:35:20.102705	order-service_orders
801e9da4-734c-580e-76bd-6e8562b2fe23	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	CLOSED	2024-03-01 08:37:39	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
0a80f694-ad4d-77d6-8587-7aa9f3738300	d8fc18c4-87a5-00d1-7d32-79849c4e0c2f	OPEN	2024-03-01 08:00:25	2024-03-01 08:24:59	2026-11-29 06:32:17.383695	order-service_orders
867775db-7adb-5ad6-5673-d78b59abfabc	d8fc18c4-87a5-00d1-7d32-79849c4e0c2f	COOKING	2024-03-01 08:24:59	2024-03-01 08:32:21	2026-11-29 06:35:20.102705	order-service_orders
8d463e4e-b3eb-845e-8eef-2d60e643f727	d8fc18c4-87a5-00d1-7d32-79849c4e0c2f	DELIVERING	2024-03-01 08:32:21	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: s_order_user; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.s_order_user (hk_order_user_sat_pk, hk_order_user_pk, start_dt, end_dt, load_dt, load_src) FROM stdin;
29a2269f-0a8e-4fec-40cf-9aad192a356a	01bc51d0-0165-72fd-cac4-19985180e68c	2024-03-01 08:00:45	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
b2cdada9-2b5c-e0d0-e1b8-b4340c3adff3	03d265e4-5c85-4833-792f-e368bf9b7780	2024-03-01 08:00:24	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
13d46597-108f-87eb-fd4d-cb8c9390fc70	04e4076e-90dc-282c-c634-6c1d3acb0697	2024-03-01 08:00:48	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
0ef5f1b4-56c1-74a6-a20b-d1dbf2222ae4	0cc9366b-8f96-d475-a5c5-4f854ded90e9	2024-03-01 08:00:25	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
63dc4968-cb98-20b0-b270-e833e64c6ca4	0e858b0e-1c06-fdc2-fa4a-737e503aafcb	2024-03-01 08:01:28	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
bf7ec056-e9f8-ed80-f4bd-bfe0400e5a1f	29bb67ca-9a3a-5b37-8f85-3eb22ae77498	2024-03-01 08:03:13	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
f1d5d11c-f96e-2985-c1e9-32d2bd5add9e	3f6a5ecd-80c6-cd79-a9db-e89cb5bdbc3f	2024-03-01 08:01:32	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
4ce89a86-e6a8-1cca-c168-26915ad1d144	bb230858-68a4-ce4b-7990-52f94889484d	2024-03-01 08:02:05	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
bb827779-26eb-fb0d-f941-7dbed8e197b4	d7b6b922-f81c-b28c-d2a0-fdbfe484917d	2024-03-01 08:00:13	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
13f3f56d-0935-589c-4e4f-ad6de182a94a	78b0fcbc-e1e1-0084-8965-052e59bb8fa6	2024-03-01 08:04:23	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: s_product_category; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.s_product_category (hk_product_category_sat_pk, hk_product_category_pk, start_dt, end_dt, load_dt, load_src) FROM stdin;
c3901b5c-ecdd-aaef-d01d-bbacb49b870e	1656c3e2-2857-e8ea-9820-6b3d59caf2d3	2024-03-01 08:00:13	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
2b50c6b6-7f7c-9e05-66e5-337ad087d7e9	1aad73a6-3f27-1dd7-22e5-47f535506005	2024-03-01 08:01:32	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
5c0cd7d6-0778-b864-2125-0977e78ebd87	3c60ada2-3404-b498-1117-6bf7dc70b612	2024-03-01 08:02:05	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
9cad4820-0289-699b-53af-e2548a73f08d	4e6053e6-121b-1afd-49aa-bab42d01c7cd	2024-03-01 08:00:48	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
552fc386-c2f7-11da-87f1-ae63bca2986f	531ebe07-c3dd-874a-7f92-f17e6490c7f6	2024-03-01 08:01:28	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
8a888aeb-1bd3-5327-ef96-a8df0b99a382	552b402e-9d25-b40f-841a-9381f798864d	2024-03-01 08:00:24	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
d14240b8-aa0f-d9a7-a582-773c0320888b	60b7c601-36c2-6b6c-59be-2d59f11e8ff0	2024-03-01 08:00:24	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
b59a9599-b31b-cb9a-e4f8-ec8d2e019f3e	71d89d63-d8e7-cdc9-77bd-762eb80daea9	2024-03-01 08:00:24	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
27ab9821-8d62-2493-7594-76d14ccd229f	8294e078-80ce-e3cc-7910-d0cafe860e7a	2024-03-01 08:00:24	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
dec55f0d-c246-f002-7f5d-068d3afd996d	a2ffabd5-0faf-1fd8-b68c-ca07ca6fe618	2024-03-01 08:00:25	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
54c3052d-b773-d94b-ced0-d7391c85f4a8	a5952f5b-14e4-3c81-6d36-9db0e2613d8c	2024-03-01 08:01:28	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
ac0b58ee-e0df-cc62-4934-a8fbf4ec48b9	ae3773b2-3ee6-1e78-14ba-e568b64422fb	2024-03-01 08:00:48	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
0b4b279b-f652-2411-9457-fcc60298ba23	b98eacf4-208c-3bab-0ce0-e6e164bf6f29	2024-03-01 08:01:32	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
653f5e4d-fbc7-8358-435a-d18c128cc3a9	cc0c2ae6-2aba-6021-1796-5af7ec7ee4ec	2024-03-01 08:01:28	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
51826d86-0bf1-d328-b4c4-f4e76a27bf8c	d412893e-815d-0761-4425-69184a017ff4	2024-03-01 08:00:48	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
46173078-62e3-47e0-b69a-d54881c355ca	da1cbcaa-8db6-9e44-4251-4fbf8b10fd08	2024-03-01 08:02:05	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
7c6f22ef-a1c6-5bc0-6257-0d9d60d30ef9	dc8ea67b-5043-d872-17b5-186909d3f25b	2024-03-01 08:00:45	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
65b765a6-444f-bb23-e312-7b037eb8a39c	f0967bef-08b5-2278-4bea-81043adad621	2024-03-01 08:03:13	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
295ee78c-f804-5d87-38df-716da224fd6f	f19e50fa-7cf5-65fe-3c74-2527fbdc3505	2024-03-01 08:00:45	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
489e2db2-fb25-c375-69f3-329434875970	9e6af202-dadb-84b4-d2e0-e00c5f21b1f7	2024-03-01 08:19:54	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: s_product_names; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.s_product_names (hk_product_names_pk, h_product_pk, productname, start_dt, end_dt, load_dt, load_src) FROM stdin;
969fada7-3d51-4069-5946-4f28184523fa	02e1b112-e375-3203-2edd-0ad687e74cfe	Сырники от шефа	2024-03-01 08:02:05	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
dbc3340f-dce4-9a5a-80b3-765b7a6c72da	40a2df54-b696-6149-da68-8dbccae91455	Сырники с грибами	2024-03-01 08:00:24	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
c2a3d7ae-d265-fe39-bb3b-1488acbbcfc4	41afa77f-bf93-de5f-b973-a840deda8166	Том ям домашний	2024-03-01 08:00:25	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
f9e101d7-35d1-c70a-4f67-765bb075fb29	51d84fd4-cbc8-0dbd-1287-803fbe049c13	Сырники от шефа	2024-03-01 08:00:24	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
f548100d-bc04-514d-d727-4ccd01cad0b6	6011b975-43a6-e504-1059-885a44f05d56	Пельмени постный	2024-03-01 08:00:48	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
b2fdcc03-1f02-254d-eef2-c64059f8d450	69cf18ce-473a-c9d8-2265-383f9cd0075a	Пельмени постный	2024-03-01 08:03:13	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
ec1a4c80-6aa5-9864-cbb0-33a1c9b2aa4e	6dc6a3de-a442-ba3c-bd98-71c4fc05beed	Пельмени острый	2024-03-01 08:01:28	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
a3f0380a-da13-a219-847c-0fe84ee5bd6d	6ec92921-e038-e384-293c-c372b9bf0878	Окрошка «Ёж»	2024-03-01 08:00:48	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
0030add3-1bcb-748c-5c5e-248ae3029cd5	83f76e27-31e5-9128-03b0-583c0b959c97	Том ям постный	2024-03-01 08:01:32	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
02210bf0-8672-0d75-ccc6-bdc51e0b3686	867b6e71-9429-36d3-9010-b0a9487c481c	Том ям от шефа	2024-03-01 08:00:48	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
6154bff0-33b0-0024-62f3-17c698a164b4	af3c05b2-000c-f05f-946d-648effe4065a	Том ям «Ёж»	2024-03-01 08:00:24	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
b7983d66-5efc-ec0e-b6d6-70b2cdacc907	afe45226-ba79-625d-a777-fe2d1e4d1560	Пельмени постный	2024-03-01 08:00:13	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
aad47f77-1751-0868-3401-aeac468165e2	b2c3853c-6ad2-27ba-b85e-2f544a75d536	Окрошка XXL	2024-03-01 08:00:45	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
c68f9670-a096-edc2-1c59-a3b00df482a2	b5944f75-9ee3-f365-d102-c4dddbeff04a	Окрошка постный	2024-03-01 08:02:05	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
43064dcd-0697-0a27-3b9b-978835fbc56f	c395265d-e4ff-68eb-4814-5b17fd9c67a3	Пельмени постный	2024-03-01 08:00:24	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
a33a55f9-3c6c-9902-b88f-ed8ed75eaed2	c5dfeca7-cd33-835b-a882-6a8c7520a25a	Хачапури постный	2024-03-01 08:00:45	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
4bee1179-2b2a-14d7-a369-89ab3234da95	e6215382-f4ec-4501-66b5-09e3f61a53a7	Ролл с тофу острый	2024-03-01 08:01:28	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
3d752460-5ced-810c-6cc0-5e7fcdef87d3	e6516e1c-c24f-74b0-f98b-f6b208fa70bd	Ролл с тофу от шефа	2024-03-01 08:01:32	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
aeaa29d3-626f-facc-793d-3a1c9edcd8c2	f052baf5-dafa-d662-af5e-3130af6c684b	Сырники детский	2024-03-01 08:01:28	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
c40758c5-3524-b7e7-017e-33cf3b9b7e67	572f8cf5-303c-0f98-7928-f526c6645c59	Окрошка детский	2024-03-01 08:19:54	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: s_restaurant_names; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.s_restaurant_names (hk_restaurant_names_pk, h_restaurant_pk, restaurantname, start_dt, end_dt, load_dt, load_src) FROM stdin;
9080429a-4b65-a643-ae9e-7e6ca41f6429	a2bad233-7d31-2168-a719-4a4f13b4f8db	Вкус Индии №1	2024-03-01 08:00:13	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
9eb37573-9c16-377e-fbfb-1bf7d6b90d93	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	Суши на углу №3	2024-03-01 08:00:24	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
7391e40d-1a82-f119-441c-726e9cbb9908	e584de72-b47d-4b97-ef25-1214e4815a29	Тёплый хлеб №2	2024-03-01 08:00:48	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
\.


--
-- Data for Name: s_user_names; Type: TABLE DATA; Schema: dds; Owner: -
--

COPY dds.s_user_names (hk_user_names_pk, h_user_pk, username, userlogin, start_dt, end_dt, load_dt, load_src) FROM stdin;
fd5fac7e-8419-5c4a-02c5-2212a0f60d52	194246a6-630c-19b0-0624-e5e2bd6863fc	Глеб Ковалёва	user2	2024-03-01 08:01:28	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
9cd84749-933c-ae81-0a16-456140777e8d	6a9ba4ea-63b5-56c0-2faf-d5974865eae1	Анна Нечай	user8	2024-03-01 08:00:45	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
486c1b06-3b57-b9f9-8afa-dcfedf6f490b	9d6e703f-0b1f-25f3-ea16-fe6c2f8b2842	Вера Соколик	user7	2024-03-01 08:00:13	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
396eaafb-c55f-bbcc-c96f-46b218eac05b	b9c4ba0b-0e08-db85-f055-bb3c3273bb31	Юлия Орлик	user0	2024-03-01 08:02:05	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
ff848842-c400-bf2f-2b2c-505ee17c5a8d	cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	Вера Мороз	user9	2024-03-01 08:00:24	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
f404952c-2698-12df-44b5-1aff355b158a	ff1d03a2-185c-f756-0830-93747a0fd9b4	Егор Соколик	user3	2024-03-01 08:00:48	4000-01-01 00:00:00	2026-11-29 06:32:17.383695	order-service_orders
ec5a5133-afb9-4019-77eb-02514a9fd138	c7ebda97-0581-71e2-5f19-9397394ced86	Инна Лебедь	user4	2024-03-01 08:04:23	4000-01-01 00:00:00	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: stg_order_items; Type: TABLE DATA; Schema: staging; Owner: -
--

COPY staging.stg_order_items (event_id, "position", event_dttm, sent_dttm, product_id, productname, category_name, category_names, price, quantity, h_order_pk, h_product_pk, h_restaurant_pk, hk_order_product_pk, hk_product_restaurant_pk, hk_product_category_pk, load_dt, load_src) FROM stdin;
018df908-6730-8f54-90c7-2fba47143b6d	1	2024-03-01 08:01:32	2024-03-01 08:01:34	1404ab1ecc7c6d812d6f2efc	Ролл с тофу от шефа	Супы	{Супы}	340.00000	3	0feedd00-3f00-35ad-987a-136e6e1c4f42	e6516e1c-c24f-74b0-f98b-f6b208fa70bd	a2bad233-7d31-2168-a719-4a4f13b4f8db	e20440f6-fa8f-cc31-61ce-55e4627474b4	a77a3ad7-a7d4-d977-bb91-e03898339eb1	b98eacf4-208c-3bab-0ce0-e6e164bf6f29	2026-11-29 06:32:17.383695	order-service_orders
018df908-6730-8f54-90c7-2fba47143b6d	1	2024-03-01 08:01:32	2024-03-01 08:01:34	5c76f18a0585a01c4c7d6df0	Том ям постный	Выпечка	{Выпечка}	130.00000	2	0feedd00-3f00-35ad-987a-136e6e1c4f42	83f76e27-31e5-9128-03b0-583c0b959c97	a2bad233-7d31-2168-a719-4a4f13b4f8db	51fb647f-72dc-0b12-c21f-71f9a4c852be	2c07a256-9acd-8a23-ef89-d1f780cfe4ce	1aad73a6-3f27-1dd7-22e5-47f535506005	2026-11-29 06:32:17.383695	order-service_orders
018df908-e048-8105-b9e9-2a2d63fb8757	2	2024-03-01 08:02:05	2024-03-01 08:02:05	6baf71d7d8407b1a0f0b9752	Окрошка постный	Роллы	{Роллы}	330.25000	2	45c8a078-b88e-b073-462c-957ea33d75c4	b5944f75-9ee3-f365-d102-c4dddbeff04a	e584de72-b47d-4b97-ef25-1214e4815a29	b7f648c2-0da4-3a63-2b49-0d7a70d588c1	48046c06-9f9d-5bd0-d647-927d033013e8	3c60ada2-3404-b498-1117-6bf7dc70b612	2026-11-29 06:32:17.383695	order-service_orders
018df908-e048-8105-b9e9-2a2d63fb8757	2	2024-03-01 08:02:05	2024-03-01 08:02:05	eff83f045caded41d62cbf25	Сырники от шефа	Напитки	{Напитки}	480.00000	2	45c8a078-b88e-b073-462c-957ea33d75c4	02e1b112-e375-3203-2edd-0ad687e74cfe	e584de72-b47d-4b97-ef25-1214e4815a29	b86c687c-0a71-fffe-bade-9fdab7187ea1	41a35e71-7412-cd93-99ca-c412c7b361cd	da1cbcaa-8db6-9e44-4251-4fbf8b10fd08	2026-11-29 06:32:17.383695	order-service_orders
018df909-edd0-88ce-a237-9d8792d97473	3	2024-03-01 08:03:13	2024-03-01 08:03:14	6baf71d7d8407b1a0f0b9752	Окрошка постный	Роллы	{Роллы}	330.25000	1	be9b05ca-28da-c64a-277d-55d3059fdf25	b5944f75-9ee3-f365-d102-c4dddbeff04a	e584de72-b47d-4b97-ef25-1214e4815a29	5c2ea0ee-aef0-7909-01f6-7f531930aad8	48046c06-9f9d-5bd0-d647-927d033013e8	3c60ada2-3404-b498-1117-6bf7dc70b612	2026-11-29 06:32:17.383695	order-service_orders
018df909-edd0-88ce-a237-9d8792d97473	3	2024-03-01 08:03:13	2024-03-01 08:03:14	7fd39898efe8b3b5a080c6a5	Пельмени постный	Завтраки	{Завтраки}	90.50000	2	be9b05ca-28da-c64a-277d-55d3059fdf25	69cf18ce-473a-c9d8-2265-383f9cd0075a	e584de72-b47d-4b97-ef25-1214e4815a29	9b77827c-b5c3-9e17-211a-98770f919482	c9cdde79-743f-1b34-2390-8e36c8b43c64	f0967bef-08b5-2278-4bea-81043adad621	2026-11-29 06:32:17.383695	order-service_orders
018df909-edd0-88ce-a237-9d8792d97473	3	2024-03-01 08:03:13	2024-03-01 08:03:14	c7c66f539de552dd2bfcd686	Том ям от шефа	Завтраки	{Завтраки}	430.25000	2	be9b05ca-28da-c64a-277d-55d3059fdf25	867b6e71-9429-36d3-9010-b0a9487c481c	e584de72-b47d-4b97-ef25-1214e4815a29	98b02a49-92cb-2b02-ba42-f80fb065415c	69f16c9f-9a9f-e423-7d55-d41b26748ab1	ae3773b2-3ee6-1e78-14ba-e568b64422fb	2026-11-29 06:32:17.383695	order-service_orders
018df909-edd0-88ce-a237-9d8792d97473	3	2024-03-01 08:03:13	2024-03-01 08:03:14	eff83f045caded41d62cbf25	Сырники от шефа	Напитки	{Напитки}	480.00000	1	be9b05ca-28da-c64a-277d-55d3059fdf25	02e1b112-e375-3203-2edd-0ad687e74cfe	e584de72-b47d-4b97-ef25-1214e4815a29	a6443e58-21fe-d146-12bc-8c968455cdf0	41a35e71-7412-cd93-99ca-c412c7b361cd	da1cbcaa-8db6-9e44-4251-4fbf8b10fd08	2026-11-29 06:32:17.383695	order-service_orders
018df909-f5a0-88de-8cc6-51090142388b	4	2024-03-01 08:03:14	2024-03-01 08:03:16	6baf71d7d8407b1a0f0b9752	Окрошка постный	Роллы	{Роллы}	330.25000	2	45c8a078-b88e-b073-462c-957ea33d75c4	b5944f75-9ee3-f365-d102-c4dddbeff04a	e584de72-b47d-4b97-ef25-1214e4815a29	b7f648c2-0da4-3a63-2b49-0d7a70d588c1	48046c06-9f9d-5bd0-d647-927d033013e8	3c60ada2-3404-b498-1117-6bf7dc70b612	2026-11-29 06:32:17.383695	order-service_orders
018df907-55c0-8373-aa85-a776e2f3d371	5	2024-03-01 08:00:24	2024-03-01 08:00:24	28226f9c24617bfa77ac435f	Том ям «Ёж»	Выпечка	{Выпечка}	160.00000	1	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	af3c05b2-000c-f05f-946d-648effe4065a	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	ba9c7d0d-bd72-d119-7b37-93366357cd09	2bed1151-865a-b4d9-16f0-5e05b98b3b47	60b7c601-36c2-6b6c-59be-2d59f11e8ff0	2026-11-29 06:32:17.383695	order-service_orders
018df907-55c0-8373-aa85-a776e2f3d371	5	2024-03-01 08:00:24	2024-03-01 08:00:24	4b0e9e7f94b59db0f37b7afb	Пельмени постный	Закуски	{Закуски}	300.50000	3	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	c395265d-e4ff-68eb-4814-5b17fd9c67a3	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	8934a82a-c9ed-bff7-2182-fa413339be81	6df4cd91-8c36-359d-4700-ef884b479c51	552b402e-9d25-b40f-841a-9381f798864d	2026-11-29 06:32:17.383695	order-service_orders
018df907-55c0-8373-aa85-a776e2f3d371	5	2024-03-01 08:00:24	2024-03-01 08:00:24	4eb78fc5fbf98bb8f1f70efb	Сырники от шефа	Супы	{Супы}	130.50000	2	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	51d84fd4-cbc8-0dbd-1287-803fbe049c13	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	a5f04db0-07fb-b7c4-0cf3-cffe2cec204e	a40bce41-6282-9284-7b3d-7a66ad4273c5	71d89d63-d8e7-cdc9-77bd-762eb80daea9	2026-11-29 06:32:17.383695	order-service_orders
018df907-55c0-8373-aa85-a776e2f3d371	5	2024-03-01 08:00:24	2024-03-01 08:00:24	9f26dab2a8f99dd11f33ebee	Сырники с грибами	Роллы	{Роллы}	220.00000	3	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	40a2df54-b696-6149-da68-8dbccae91455	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	52029d1d-a8cd-7174-074d-c37273e5f557	a5eef6eb-c411-0647-fa64-bf691b81da68	8294e078-80ce-e3cc-7910-d0cafe860e7a	2026-11-29 06:32:17.383695	order-service_orders
018df907-6178-87fa-9b34-4d1fc58a2ddc	6	2024-03-01 08:00:25	2024-03-01 08:00:27	99c4258bfc98500014b9adb5	Том ям домашний	Закуски	{Закуски}	190.25000	1	d8fc18c4-87a5-00d1-7d32-79849c4e0c2f	41afa77f-bf93-de5f-b973-a840deda8166	a2bad233-7d31-2168-a719-4a4f13b4f8db	f6b7fc00-a9b2-9e1f-a213-8ef4f799c80c	886951b3-2bc9-affb-0e4b-0a1133e2fac9	a2ffabd5-0faf-1fd8-b68c-ca07ca6fe618	2026-11-29 06:32:17.383695	order-service_orders
018df907-2ac8-8f3c-a6a1-e0f4e30f3b47	7	2024-03-01 08:00:13	2024-03-01 08:00:13	7b121dc54e5a3a26d18a669a	Пельмени постный	Роллы	{Роллы}	340.50000	2	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	afe45226-ba79-625d-a777-fe2d1e4d1560	a2bad233-7d31-2168-a719-4a4f13b4f8db	8773632b-f145-4999-751a-6aa3bf0b26a1	95f1b492-72a1-75d5-e716-36a311201c0f	1656c3e2-2857-e8ea-9820-6b3d59caf2d3	2026-11-29 06:32:17.383695	order-service_orders
018df907-abb0-892c-b59d-773753a1b856	8	2024-03-01 08:00:45	2024-03-01 08:00:46	f3bd423e67c6b46259bbb436	Окрошка XXL	Закуски	{Закуски}	590.00000	3	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	b2c3853c-6ad2-27ba-b85e-2f544a75d536	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	7a0424d5-2e80-a470-6f65-3a5a2b5da3c2	72004ae8-f16f-f6c4-1dac-3dfd9d79df03	f19e50fa-7cf5-65fe-3c74-2527fbdc3505	2026-11-29 06:32:17.383695	order-service_orders
018df907-abb0-892c-b59d-773753a1b856	8	2024-03-01 08:00:45	2024-03-01 08:00:46	fad18c6a78b9d3d6fc893150	Хачапури постный	Выпечка	{Выпечка}	70.00000	1	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	c5dfeca7-cd33-835b-a882-6a8c7520a25a	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	0d56e8c3-155e-06d4-37f6-64698394a836	801d8149-2b67-97b5-4466-29af17ea9738	dc8ea67b-5043-d872-17b5-186909d3f25b	2026-11-29 06:32:17.383695	order-service_orders
018df907-b768-8a36-9e2e-c53fc746badf	9	2024-03-01 08:00:48	2024-03-01 08:00:49	5d09dd294e424b92c277af32	Окрошка «Ёж»	Закуски	{Закуски}	200.00000	2	6e9bd853-ee7f-a40c-952f-52e7727edd83	6ec92921-e038-e384-293c-c372b9bf0878	e584de72-b47d-4b97-ef25-1214e4815a29	691b0daa-1ad0-7c9a-230e-9789a16fbba1	22991f61-05b4-e1e8-eba8-7199184545d0	d412893e-815d-0761-4425-69184a017ff4	2026-11-29 06:32:17.383695	order-service_orders
018df907-b768-8a36-9e2e-c53fc746badf	9	2024-03-01 08:00:48	2024-03-01 08:00:49	c7c66f539de552dd2bfcd686	Том ям от шефа	Завтраки	{Завтраки}	430.25000	1	6e9bd853-ee7f-a40c-952f-52e7727edd83	867b6e71-9429-36d3-9010-b0a9487c481c	e584de72-b47d-4b97-ef25-1214e4815a29	5a3425f0-addd-52dd-d079-9f1aa547bf9d	69f16c9f-9a9f-e423-7d55-d41b26748ab1	ae3773b2-3ee6-1e78-14ba-e568b64422fb	2026-11-29 06:32:17.383695	order-service_orders
018df907-b768-8a36-9e2e-c53fc746badf	9	2024-03-01 08:00:48	2024-03-01 08:00:49	f4de438f5d411b0df9e324de	Пельмени постный	Горячее	{Горячее}	370.00000	2	6e9bd853-ee7f-a40c-952f-52e7727edd83	6011b975-43a6-e504-1059-885a44f05d56	e584de72-b47d-4b97-ef25-1214e4815a29	e2c5f603-f4cd-c5e5-5700-d6d207dc7cc0	144483cc-3b52-fbc4-e024-e773cea2bcd2	4e6053e6-121b-1afd-49aa-bab42d01c7cd	2026-11-29 06:32:17.383695	order-service_orders
018df908-53a8-8616-ab31-a53de2551518	10	2024-03-01 08:01:28	2024-03-01 08:01:29	741b324d85ae8770f9dba1db	Сырники детский	Завтраки	{Завтраки}	340.00000	2	c78f07b0-284c-45a7-e701-b0b1fa67a498	f052baf5-dafa-d662-af5e-3130af6c684b	e584de72-b47d-4b97-ef25-1214e4815a29	159e078c-637b-32bf-8cc9-d262b26f7f43	1f896746-c5f0-5ea3-de92-823c9c442d7c	a5952f5b-14e4-3c81-6d36-9db0e2613d8c	2026-11-29 06:32:17.383695	order-service_orders
018df908-53a8-8616-ab31-a53de2551518	10	2024-03-01 08:01:28	2024-03-01 08:01:29	8c5050eac832652e83e2c328	Пельмени острый	Супы	{Супы}	540.00000	3	c78f07b0-284c-45a7-e701-b0b1fa67a498	6dc6a3de-a442-ba3c-bd98-71c4fc05beed	e584de72-b47d-4b97-ef25-1214e4815a29	88326271-1dd2-0981-bc8e-107c4d217c95	a1b2206f-60cf-d371-9b96-08b18e8fc4d7	531ebe07-c3dd-874a-7f92-f17e6490c7f6	2026-11-29 06:32:17.383695	order-service_orders
018df908-53a8-8616-ab31-a53de2551518	10	2024-03-01 08:01:28	2024-03-01 08:01:29	e6e053f7675ebe3b78573797	Ролл с тофу острый	Роллы	{Роллы}	280.25000	1	c78f07b0-284c-45a7-e701-b0b1fa67a498	e6215382-f4ec-4501-66b5-09e3f61a53a7	e584de72-b47d-4b97-ef25-1214e4815a29	45542809-ed85-46b7-a873-e90dcbe84dbf	f1192037-677e-9589-f44b-c38922e2b388	cc0c2ae6-2aba-6021-1796-5af7ec7ee4ec	2026-11-29 06:32:17.383695	order-service_orders
018df919-37e0-89a3-aaac-7c164f151d74	11	2024-03-01 08:19:54	2024-03-01 08:19:56	6baf71d7d8407b1a0f0b9752	Окрошка постный	Роллы	{Роллы}	330.25000	2	45c8a078-b88e-b073-462c-957ea33d75c4	b5944f75-9ee3-f365-d102-c4dddbeff04a	e584de72-b47d-4b97-ef25-1214e4815a29	b7f648c2-0da4-3a63-2b49-0d7a70d588c1	48046c06-9f9d-5bd0-d647-927d033013e8	3c60ada2-3404-b498-1117-6bf7dc70b612	2026-11-29 06:35:20.102705	order-service_orders
018df919-37e0-89a3-aaac-7c164f151d74	11	2024-03-01 08:19:54	2024-03-01 08:19:56	76832b6246103a2babf0ca69	Окрошка детский	Закуски	{Закуски}	260.00000	2	45c8a078-b88e-b073-462c-957ea33d75c4	572f8cf5-303c-0f98-7928-f526c6645c59	e584de72-b47d-4b97-ef25-1214e4815a29	0d70ec86-516c-ddf5-56f5-4e8c4ebc920f	8dc351b5-1e3e-e54f-3de2-f9776693e9dc	9e6af202-dadb-84b4-d2e0-e00c5f21b1f7	2026-11-29 06:35:20.102705	order-service_orders
018df91a-0ad0-89ae-b3b8-849803fa55ca	12	2024-03-01 08:20:50	2024-03-01 08:20:50	1404ab1ecc7c6d812d6f2efc	Ролл с тофу от шефа	Супы	{Супы}	340.00000	3	0feedd00-3f00-35ad-987a-136e6e1c4f42	e6516e1c-c24f-74b0-f98b-f6b208fa70bd	a2bad233-7d31-2168-a719-4a4f13b4f8db	e20440f6-fa8f-cc31-61ce-55e4627474b4	a77a3ad7-a7d4-d977-bb91-e03898339eb1	b98eacf4-208c-3bab-0ce0-e6e164bf6f29	2026-11-29 06:35:20.102705	order-service_orders
018df91a-0ad0-89ae-b3b8-849803fa55ca	12	2024-03-01 08:20:50	2024-03-01 08:20:50	5c76f18a0585a01c4c7d6df0	Том ям постный	Выпечка	{Выпечка}	130.00000	2	0feedd00-3f00-35ad-987a-136e6e1c4f42	83f76e27-31e5-9128-03b0-583c0b959c97	a2bad233-7d31-2168-a719-4a4f13b4f8db	51fb647f-72dc-0b12-c21f-71f9a4c852be	2c07a256-9acd-8a23-ef89-d1f780cfe4ce	1aad73a6-3f27-1dd7-22e5-47f535506005	2026-11-29 06:35:20.102705	order-service_orders
018df91e-ecd0-80fb-908f-7d1452ba782b	13	2024-03-01 08:26:10	2024-03-01 08:26:10	6baf71d7d8407b1a0f0b9752	Окрошка постный	Роллы	{Роллы}	330.25000	1	be9b05ca-28da-c64a-277d-55d3059fdf25	b5944f75-9ee3-f365-d102-c4dddbeff04a	e584de72-b47d-4b97-ef25-1214e4815a29	5c2ea0ee-aef0-7909-01f6-7f531930aad8	48046c06-9f9d-5bd0-d647-927d033013e8	3c60ada2-3404-b498-1117-6bf7dc70b612	2026-11-29 06:35:20.102705	order-service_orders
018df91e-ecd0-80fb-908f-7d1452ba782b	13	2024-03-01 08:26:10	2024-03-01 08:26:10	7fd39898efe8b3b5a080c6a5	Пельмени постный	Завтраки	{Завтраки}	90.50000	2	be9b05ca-28da-c64a-277d-55d3059fdf25	69cf18ce-473a-c9d8-2265-383f9cd0075a	e584de72-b47d-4b97-ef25-1214e4815a29	9b77827c-b5c3-9e17-211a-98770f919482	c9cdde79-743f-1b34-2390-8e36c8b43c64	f0967bef-08b5-2278-4bea-81043adad621	2026-11-29 06:35:20.102705	order-service_orders
018df91e-ecd0-80fb-908f-7d1452ba782b	13	2024-03-01 08:26:10	2024-03-01 08:26:10	c7c66f539de552dd2bfcd686	Том ям от шефа	Завтраки	{Завтраки}	430.25000	2	be9b05ca-28da-c64a-277d-55d3059fdf25	867b6e71-9429-36d3-9010-b0a9487c481c	e584de72-b47d-4b97-ef25-1214e4815a29	98b02a49-92cb-2b02-ba42-f80fb065415c	69f16c9f-9a9f-e423-7d55-d41b26748ab1	ae3773b2-3ee6-1e78-14ba-e568b64422fb	2026-11-29 06:35:20.102705	order-service_orders
018df91e-ecd0-80fb-908f-7d1452ba782b	13	2024-03-01 08:26:10	2024-03-01 08:26:10	eff83f045caded41d62cbf25	Сырники от шефа	Напитки	{Напитки}	480.00000	1	be9b05ca-28da-c64a-277d-55d3059fdf25	02e1b112-e375-3203-2edd-0ad687e74cfe	e584de72-b47d-4b97-ef25-1214e4815a29	a6443e58-21fe-d146-12bc-8c968455cdf0	41a35e71-7412-cd93-99ca-c412c7b361cd	da1cbcaa-8db6-9e44-4251-4fbf8b10fd08	2026-11-29 06:35:20.102705	order-service_orders
018df925-8c20-8c65-9f36-e14cea524f58	14	2024-03-01 08:33:24	2024-03-01 08:33:24	1404ab1ecc7c6d812d6f2efc	Ролл с тофу от шефа	Супы	{Супы}	340.00000	3	0feedd00-3f00-35ad-987a-136e6e1c4f42	e6516e1c-c24f-74b0-f98b-f6b208fa70bd	a2bad233-7d31-2168-a719-4a4f13b4f8db	e20440f6-fa8f-cc31-61ce-55e4627474b4	a77a3ad7-a7d4-d977-bb91-e03898339eb1	b98eacf4-208c-3bab-0ce0-e6e164bf6f29	2026-11-29 06:35:20.102705	order-service_orders
018df925-8c20-8c65-9f36-e14cea524f58	14	2024-03-01 08:33:24	2024-03-01 08:33:24	5c76f18a0585a01c4c7d6df0	Том ям постный	Выпечка	{Выпечка}	130.00000	2	0feedd00-3f00-35ad-987a-136e6e1c4f42	83f76e27-31e5-9128-03b0-583c0b959c97	a2bad233-7d31-2168-a719-4a4f13b4f8db	51fb647f-72dc-0b12-c21f-71f9a4c852be	2c07a256-9acd-8a23-ef89-d1f780cfe4ce	1aad73a6-3f27-1dd7-22e5-47f535506005	2026-11-29 06:35:20.102705	order-service_orders
018df90a-ff40-843a-8a00-d52b5c8d7ed4	15	2024-03-01 08:04:23	2024-03-01 08:04:24	7fd39898efe8b3b5a080c6a5	Пельмени постный	Завтраки	{Завтраки}	90.50000	3	15b800e9-66a4-5093-6ae4-3c3bea5355fe	69cf18ce-473a-c9d8-2265-383f9cd0075a	e584de72-b47d-4b97-ef25-1214e4815a29	6aeb620d-828c-547a-e926-ef96f5933514	c9cdde79-743f-1b34-2390-8e36c8b43c64	f0967bef-08b5-2278-4bea-81043adad621	2026-11-29 06:35:20.102705	order-service_orders
018df911-0638-8f8f-a53b-9aa0eaf2150c	16	2024-03-01 08:10:58	2024-03-01 08:10:59	7fd39898efe8b3b5a080c6a5	Пельмени постный	Завтраки	{Завтраки}	90.50000	3	15b800e9-66a4-5093-6ae4-3c3bea5355fe	69cf18ce-473a-c9d8-2265-383f9cd0075a	e584de72-b47d-4b97-ef25-1214e4815a29	6aeb620d-828c-547a-e926-ef96f5933514	c9cdde79-743f-1b34-2390-8e36c8b43c64	f0967bef-08b5-2278-4bea-81043adad621	2026-11-29 06:35:20.102705	order-service_orders
018df914-1760-8978-acde-d687eb5f3f97	17	2024-03-01 08:14:20	2024-03-01 08:14:20	28226f9c24617bfa77ac435f	Том ям «Ёж»	Выпечка	{Выпечка}	160.00000	1	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	af3c05b2-000c-f05f-946d-648effe4065a	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	ba9c7d0d-bd72-d119-7b37-93366357cd09	2bed1151-865a-b4d9-16f0-5e05b98b3b47	60b7c601-36c2-6b6c-59be-2d59f11e8ff0	2026-11-29 06:35:20.102705	order-service_orders
018df914-1760-8978-acde-d687eb5f3f97	17	2024-03-01 08:14:20	2024-03-01 08:14:20	4b0e9e7f94b59db0f37b7afb	Пельмени постный	Закуски	{Закуски}	300.50000	3	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	c395265d-e4ff-68eb-4814-5b17fd9c67a3	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	8934a82a-c9ed-bff7-2182-fa413339be81	6df4cd91-8c36-359d-4700-ef884b479c51	552b402e-9d25-b40f-841a-9381f798864d	2026-11-29 06:35:20.102705	order-service_orders
018df914-1760-8978-acde-d687eb5f3f97	17	2024-03-01 08:14:20	2024-03-01 08:14:20	4eb78fc5fbf98bb8f1f70efb	Сырники от шефа	Супы	{Супы}	130.50000	2	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	51d84fd4-cbc8-0dbd-1287-803fbe049c13	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	a5f04db0-07fb-b7c4-0cf3-cffe2cec204e	a40bce41-6282-9284-7b3d-7a66ad4273c5	71d89d63-d8e7-cdc9-77bd-762eb80daea9	2026-11-29 06:35:20.102705	order-service_orders
018df914-1760-8978-acde-d687eb5f3f97	17	2024-03-01 08:14:20	2024-03-01 08:14:20	9f26dab2a8f99dd11f33ebee	Сырники с грибами	Роллы	{Роллы}	220.00000	3	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	40a2df54-b696-6149-da68-8dbccae91455	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	52029d1d-a8cd-7174-074d-c37273e5f557	a5eef6eb-c411-0647-fa64-bf691b81da68	8294e078-80ce-e3cc-7910-d0cafe860e7a	2026-11-29 06:35:20.102705	order-service_orders
018df921-7928-8862-93e9-60708712fba6	18	2024-03-01 08:28:57	2024-03-01 08:28:57	7fd39898efe8b3b5a080c6a5	Пельмени постный	Завтраки	{Завтраки}	90.50000	3	15b800e9-66a4-5093-6ae4-3c3bea5355fe	69cf18ce-473a-c9d8-2265-383f9cd0075a	e584de72-b47d-4b97-ef25-1214e4815a29	6aeb620d-828c-547a-e926-ef96f5933514	c9cdde79-743f-1b34-2390-8e36c8b43c64	f0967bef-08b5-2278-4bea-81043adad621	2026-11-29 06:35:20.102705	order-service_orders
018df924-76c8-88a2-bf4d-2dba57cd5834	19	2024-03-01 08:32:11	2024-03-01 08:32:13	28226f9c24617bfa77ac435f	Том ям «Ёж»	Выпечка	{Выпечка}	160.00000	1	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	af3c05b2-000c-f05f-946d-648effe4065a	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	ba9c7d0d-bd72-d119-7b37-93366357cd09	2bed1151-865a-b4d9-16f0-5e05b98b3b47	60b7c601-36c2-6b6c-59be-2d59f11e8ff0	2026-11-29 06:35:20.102705	order-service_orders
018df924-76c8-88a2-bf4d-2dba57cd5834	19	2024-03-01 08:32:11	2024-03-01 08:32:13	4b0e9e7f94b59db0f37b7afb	Пельмени постный	Закуски	{Закуски}	300.50000	3	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	c395265d-e4ff-68eb-4814-5b17fd9c67a3	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	8934a82a-c9ed-bff7-2182-fa413339be81	6df4cd91-8c36-359d-4700-ef884b479c51	552b402e-9d25-b40f-841a-9381f798864d	2026-11-29 06:35:20.102705	order-service_orders
018df924-76c8-88a2-bf4d-2dba57cd5834	19	2024-03-01 08:32:11	2024-03-01 08:32:13	4eb78fc5fbf98bb8f1f70efb	Сырники от шефа	Супы	{Супы}	130.50000	2	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	51d84fd4-cbc8-0dbd-1287-803fbe049c13	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	a5f04db0-07fb-b7c4-0cf3-cffe2cec204e	a40bce41-6282-9284-7b3d-7a66ad4273c5	71d89d63-d8e7-cdc9-77bd-762eb80daea9	2026-11-29 06:35:20.102705	order-service_orders
018df924-76c8-88a2-bf4d-2dba57cd5834	19	2024-03-01 08:32:11	2024-03-01 08:32:13	9f26dab2a8f99dd11f33ebee	Сырники с грибами	Роллы	{Роллы}	220.00000	3	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	40a2df54-b696-6149-da68-8dbccae91455	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	52029d1d-a8cd-7174-074d-c37273e5f557	a5eef6eb-c411-0647-fa64-bf691b81da68	8294e078-80ce-e3cc-7910-d0cafe860e7a	2026-11-29 06:35:20.102705	order-service_orders
018df924-9dd8-86e4-83aa-52106f358882	20	2024-03-01 08:32:21	2024-03-01 08:32:23	99c4258bfc98500014b9adb5	Том ям домашний	Закуски	{Закуски}	190.25000	1	d8fc18c4-87a5-00d1-7d32-79849c4e0c2f	41afa77f-bf93-de5f-b973-a840deda8166	a2bad233-7d31-2168-a719-4a4f13b4f8db	f6b7fc00-a9b2-9e1f-a213-8ef4f799c80c	886951b3-2bc9-affb-0e4b-0a1133e2fac9	a2ffabd5-0faf-1fd8-b68c-ca07ca6fe618	2026-11-29 06:35:20.102705	order-service_orders
018df929-7808-8ab9-9cf7-bcdf327c0642	21	2024-03-01 08:37:39	2024-03-01 08:37:41	28226f9c24617bfa77ac435f	Том ям «Ёж»	Выпечка	{Выпечка}	160.00000	1	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	af3c05b2-000c-f05f-946d-648effe4065a	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	ba9c7d0d-bd72-d119-7b37-93366357cd09	2bed1151-865a-b4d9-16f0-5e05b98b3b47	60b7c601-36c2-6b6c-59be-2d59f11e8ff0	2026-11-29 06:35:20.102705	order-service_orders
018df929-7808-8ab9-9cf7-bcdf327c0642	21	2024-03-01 08:37:39	2024-03-01 08:37:41	4b0e9e7f94b59db0f37b7afb	Пельмени постный	Закуски	{Закуски}	300.50000	3	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	c395265d-e4ff-68eb-4814-5b17fd9c67a3	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	8934a82a-c9ed-bff7-2182-fa413339be81	6df4cd91-8c36-359d-4700-ef884b479c51	552b402e-9d25-b40f-841a-9381f798864d	2026-11-29 06:35:20.102705	order-service_orders
018df929-7808-8ab9-9cf7-bcdf327c0642	21	2024-03-01 08:37:39	2024-03-01 08:37:41	4eb78fc5fbf98bb8f1f70efb	Сырники от шефа	Супы	{Супы}	130.50000	2	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	51d84fd4-cbc8-0dbd-1287-803fbe049c13	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	a5f04db0-07fb-b7c4-0cf3-cffe2cec204e	a40bce41-6282-9284-7b3d-7a66ad4273c5	71d89d63-d8e7-cdc9-77bd-762eb80daea9	2026-11-29 06:35:20.102705	order-service_orders
018df929-7808-8ab9-9cf7-bcdf327c0642	21	2024-03-01 08:37:39	2024-03-01 08:37:41	9f26dab2a8f99dd11f33ebee	Сырники с грибами	Роллы	{Роллы}	220.00000	3	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	40a2df54-b696-6149-da68-8dbccae91455	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	52029d1d-a8cd-7174-074d-c37273e5f557	a5eef6eb-c411-0647-fa64-bf691b81da68	8294e078-80ce-e3cc-7910-d0cafe860e7a	2026-11-29 06:35:20.102705	order-service_orders
018df91d-1bf8-8a0d-8979-c42b803a0ec4	22	2024-03-01 08:24:09	2024-03-01 08:24:11	7b121dc54e5a3a26d18a669a	Пельмени постный	Роллы	{Роллы}	340.50000	2	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	afe45226-ba79-625d-a777-fe2d1e4d1560	a2bad233-7d31-2168-a719-4a4f13b4f8db	8773632b-f145-4999-751a-6aa3bf0b26a1	95f1b492-72a1-75d5-e716-36a311201c0f	1656c3e2-2857-e8ea-9820-6b3d59caf2d3	2026-11-29 06:35:20.102705	order-service_orders
018df929-6c50-8694-8e8b-5198667b959e	23	2024-03-01 08:37:36	2024-03-01 08:37:38	7b121dc54e5a3a26d18a669a	Пельмени постный	Роллы	{Роллы}	340.50000	2	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	afe45226-ba79-625d-a777-fe2d1e4d1560	a2bad233-7d31-2168-a719-4a4f13b4f8db	8773632b-f145-4999-751a-6aa3bf0b26a1	95f1b492-72a1-75d5-e716-36a311201c0f	1656c3e2-2857-e8ea-9820-6b3d59caf2d3	2026-11-29 06:35:20.102705	order-service_orders
018df910-4ea0-801d-96f0-832343e07b23	24	2024-03-01 08:10:12	2024-03-01 08:10:12	f3bd423e67c6b46259bbb436	Окрошка XXL	Закуски	{Закуски}	590.00000	3	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	b2c3853c-6ad2-27ba-b85e-2f544a75d536	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	7a0424d5-2e80-a470-6f65-3a5a2b5da3c2	72004ae8-f16f-f6c4-1dac-3dfd9d79df03	f19e50fa-7cf5-65fe-3c74-2527fbdc3505	2026-11-29 06:35:20.102705	order-service_orders
018df910-4ea0-801d-96f0-832343e07b23	24	2024-03-01 08:10:12	2024-03-01 08:10:12	fad18c6a78b9d3d6fc893150	Хачапури постный	Выпечка	{Выпечка}	70.00000	1	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	c5dfeca7-cd33-835b-a882-6a8c7520a25a	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	0d56e8c3-155e-06d4-37f6-64698394a836	801d8149-2b67-97b5-4466-29af17ea9738	dc8ea67b-5043-d872-17b5-186909d3f25b	2026-11-29 06:35:20.102705	order-service_orders
018df911-1da8-82d1-afa2-785e3900c5b6	25	2024-03-01 08:11:03	2024-03-01 08:11:05	f3bd423e67c6b46259bbb436	Окрошка XXL	Закуски	{Закуски}	590.00000	4	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	b2c3853c-6ad2-27ba-b85e-2f544a75d536	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	7a0424d5-2e80-a470-6f65-3a5a2b5da3c2	72004ae8-f16f-f6c4-1dac-3dfd9d79df03	f19e50fa-7cf5-65fe-3c74-2527fbdc3505	2026-11-29 06:35:20.102705	order-service_orders
018df911-1da8-82d1-afa2-785e3900c5b6	25	2024-03-01 08:11:03	2024-03-01 08:11:05	fad18c6a78b9d3d6fc893150	Хачапури постный	Выпечка	{Выпечка}	70.00000	1	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	c5dfeca7-cd33-835b-a882-6a8c7520a25a	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	0d56e8c3-155e-06d4-37f6-64698394a836	801d8149-2b67-97b5-4466-29af17ea9738	dc8ea67b-5043-d872-17b5-186909d3f25b	2026-11-29 06:35:20.102705	order-service_orders
018df91d-4ad8-8d2c-8dac-1d7d63b24c6e	26	2024-03-01 08:24:21	2024-03-01 08:24:23	5d09dd294e424b92c277af32	Окрошка «Ёж»	Закуски	{Закуски}	200.00000	2	6e9bd853-ee7f-a40c-952f-52e7727edd83	6ec92921-e038-e384-293c-c372b9bf0878	e584de72-b47d-4b97-ef25-1214e4815a29	691b0daa-1ad0-7c9a-230e-9789a16fbba1	22991f61-05b4-e1e8-eba8-7199184545d0	d412893e-815d-0761-4425-69184a017ff4	2026-11-29 06:35:20.102705	order-service_orders
018df91d-4ad8-8d2c-8dac-1d7d63b24c6e	26	2024-03-01 08:24:21	2024-03-01 08:24:23	c7c66f539de552dd2bfcd686	Том ям от шефа	Завтраки	{Завтраки}	430.25000	1	6e9bd853-ee7f-a40c-952f-52e7727edd83	867b6e71-9429-36d3-9010-b0a9487c481c	e584de72-b47d-4b97-ef25-1214e4815a29	5a3425f0-addd-52dd-d079-9f1aa547bf9d	69f16c9f-9a9f-e423-7d55-d41b26748ab1	ae3773b2-3ee6-1e78-14ba-e568b64422fb	2026-11-29 06:35:20.102705	order-service_orders
018df91d-4ad8-8d2c-8dac-1d7d63b24c6e	26	2024-03-01 08:24:21	2024-03-01 08:24:23	f4de438f5d411b0df9e324de	Пельмени постный	Горячее	{Горячее}	370.00000	2	6e9bd853-ee7f-a40c-952f-52e7727edd83	6011b975-43a6-e504-1059-885a44f05d56	e584de72-b47d-4b97-ef25-1214e4815a29	e2c5f603-f4cd-c5e5-5700-d6d207dc7cc0	144483cc-3b52-fbc4-e024-e773cea2bcd2	4e6053e6-121b-1afd-49aa-bab42d01c7cd	2026-11-29 06:35:20.102705	order-service_orders
018df921-8cb0-8532-b423-d9276f1a8463	27	2024-03-01 08:29:01	2024-03-01 08:29:02	5d09dd294e424b92c277af32	Окрошка «Ёж»	Закуски	{Закуски}	200.00000	2	6e9bd853-ee7f-a40c-952f-52e7727edd83	6ec92921-e038-e384-293c-c372b9bf0878	e584de72-b47d-4b97-ef25-1214e4815a29	691b0daa-1ad0-7c9a-230e-9789a16fbba1	22991f61-05b4-e1e8-eba8-7199184545d0	d412893e-815d-0761-4425-69184a017ff4	2026-11-29 06:35:20.102705	order-service_orders
018df921-8cb0-8532-b423-d9276f1a8463	27	2024-03-01 08:29:01	2024-03-01 08:29:02	c7c66f539de552dd2bfcd686	Том ям от шефа	Завтраки	{Завтраки}	430.25000	1	6e9bd853-ee7f-a40c-952f-52e7727edd83	867b6e71-9429-36d3-9010-b0a9487c481c	e584de72-b47d-4b97-ef25-1214e4815a29	5a3425f0-addd-52dd-d079-9f1aa547bf9d	69f16c9f-9a9f-e423-7d55-d41b26748ab1	ae3773b2-3ee6-1e78-14ba-e568b64422fb	2026-11-29 06:35:20.102705	order-service_orders
018df921-8cb0-8532-b423-d9276f1a8463	27	2024-03-01 08:29:01	2024-03-01 08:29:02	f4de438f5d411b0df9e324de	Пельмени постный	Горячее	{Горячее}	370.00000	2	6e9bd853-ee7f-a40c-952f-52e7727edd83	6011b975-43a6-e504-1059-885a44f05d56	e584de72-b47d-4b97-ef25-1214e4815a29	e2c5f603-f4cd-c5e5-5700-d6d207dc7cc0	144483cc-3b52-fbc4-e024-e773cea2bcd2	4e6053e6-121b-1afd-49aa-bab42d01c7cd	2026-11-29 06:35:20.102705	order-service_orders
018df927-fd20-89a2-a5e3-016ec1a30cb6	28	2024-03-01 08:36:02	2024-03-01 08:36:04	f3bd423e67c6b46259bbb436	Окрошка XXL	Закуски	{Закуски}	590.00000	4	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	b2c3853c-6ad2-27ba-b85e-2f544a75d536	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	7a0424d5-2e80-a470-6f65-3a5a2b5da3c2	72004ae8-f16f-f6c4-1dac-3dfd9d79df03	f19e50fa-7cf5-65fe-3c74-2527fbdc3505	2026-11-29 06:35:20.102705	order-service_orders
018df927-fd20-89a2-a5e3-016ec1a30cb6	28	2024-03-01 08:36:02	2024-03-01 08:36:04	fad18c6a78b9d3d6fc893150	Хачапури постный	Выпечка	{Выпечка}	70.00000	1	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	c5dfeca7-cd33-835b-a882-6a8c7520a25a	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	0d56e8c3-155e-06d4-37f6-64698394a836	801d8149-2b67-97b5-4466-29af17ea9738	dc8ea67b-5043-d872-17b5-186909d3f25b	2026-11-29 06:35:20.102705	order-service_orders
018df91a-1a70-84d7-a4da-7bf225e1fb45	29	2024-03-01 08:20:54	2024-03-01 08:20:54	741b324d85ae8770f9dba1db	Сырники детский	Завтраки	{Завтраки}	340.00000	2	c78f07b0-284c-45a7-e701-b0b1fa67a498	f052baf5-dafa-d662-af5e-3130af6c684b	e584de72-b47d-4b97-ef25-1214e4815a29	159e078c-637b-32bf-8cc9-d262b26f7f43	1f896746-c5f0-5ea3-de92-823c9c442d7c	a5952f5b-14e4-3c81-6d36-9db0e2613d8c	2026-11-29 06:35:20.102705	order-service_orders
018df91a-1a70-84d7-a4da-7bf225e1fb45	29	2024-03-01 08:20:54	2024-03-01 08:20:54	8c5050eac832652e83e2c328	Пельмени острый	Супы	{Супы}	540.00000	3	c78f07b0-284c-45a7-e701-b0b1fa67a498	6dc6a3de-a442-ba3c-bd98-71c4fc05beed	e584de72-b47d-4b97-ef25-1214e4815a29	88326271-1dd2-0981-bc8e-107c4d217c95	a1b2206f-60cf-d371-9b96-08b18e8fc4d7	531ebe07-c3dd-874a-7f92-f17e6490c7f6	2026-11-29 06:35:20.102705	order-service_orders
018df91a-1a70-84d7-a4da-7bf225e1fb45	29	2024-03-01 08:20:54	2024-03-01 08:20:54	e6e053f7675ebe3b78573797	Ролл с тофу острый	Роллы	{Роллы}	280.25000	1	c78f07b0-284c-45a7-e701-b0b1fa67a498	e6215382-f4ec-4501-66b5-09e3f61a53a7	e584de72-b47d-4b97-ef25-1214e4815a29	45542809-ed85-46b7-a873-e90dcbe84dbf	f1192037-677e-9589-f44b-c38922e2b388	cc0c2ae6-2aba-6021-1796-5af7ec7ee4ec	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: stg_order_statuses; Type: TABLE DATA; Schema: staging; Owner: -
--

COPY staging.stg_order_statuses (event_id, "position", h_order_pk, status, status_dttm, load_dt, load_src) FROM stdin;
018df908-6730-8f54-90c7-2fba47143b6d	1	0feedd00-3f00-35ad-987a-136e6e1c4f42	OPEN	2024-03-01 08:01:32	2026-11-29 06:32:17.383695	order-service_orders
018df908-e048-8105-b9e9-2a2d63fb8757	2	45c8a078-b88e-b073-462c-957ea33d75c4	OPEN	2024-03-01 08:02:05	2026-11-29 06:32:17.383695	order-service_orders
018df909-edd0-88ce-a237-9d8792d97473	3	be9b05ca-28da-c64a-277d-55d3059fdf25	OPEN	2024-03-01 08:03:13	2026-11-29 06:32:17.383695	order-service_orders
018df909-f5a0-88de-8cc6-51090142388b	4	45c8a078-b88e-b073-462c-957ea33d75c4	OPEN	2024-03-01 08:02:05	2026-11-29 06:32:17.383695	order-service_orders
018df907-55c0-8373-aa85-a776e2f3d371	5	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	OPEN	2024-03-01 08:00:24	2026-11-29 06:32:17.383695	order-service_orders
018df907-6178-87fa-9b34-4d1fc58a2ddc	6	d8fc18c4-87a5-00d1-7d32-79849c4e0c2f	OPEN	2024-03-01 08:00:25	2026-11-29 06:32:17.383695	order-service_orders
018df907-2ac8-8f3c-a6a1-e0f4e30f3b47	7	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	OPEN	2024-03-01 08:00:13	2026-11-29 06:32:17.383695	order-service_orders
018df907-abb0-892c-b59d-773753a1b856	8	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	OPEN	2024-03-01 08:00:45	2026-11-29 06:32:17.383695	order-service_orders
018df907-b768-8a36-9e2e-c53fc746badf	9	6e9bd853-ee7f-a40c-952f-52e7727edd83	OPEN	2024-03-01 08:00:48	2026-11-29 06:32:17.383695	order-service_orders
018df908-53a8-8616-ab31-a53de2551518	10	c78f07b0-284c-45a7-e701-b0b1fa67a498	OPEN	2024-03-01 08:01:28	2026-11-29 06:32:17.383695	order-service_orders
018df919-37e0-89a3-aaac-7c164f151d74	11	45c8a078-b88e-b073-462c-957ea33d75c4	COOKING	2024-03-01 08:17:16	2026-11-29 06:35:20.102705	order-service_orders
018df919-37e0-89a3-aaac-7c164f151d74	11	45c8a078-b88e-b073-462c-957ea33d75c4	OPEN	2024-03-01 08:02:05	2026-11-29 06:35:20.102705	order-service_orders
018df91a-0ad0-89ae-b3b8-849803fa55ca	12	0feedd00-3f00-35ad-987a-136e6e1c4f42	COOKING	2024-03-01 08:20:50	2026-11-29 06:35:20.102705	order-service_orders
018df91a-0ad0-89ae-b3b8-849803fa55ca	12	0feedd00-3f00-35ad-987a-136e6e1c4f42	OPEN	2024-03-01 08:01:32	2026-11-29 06:35:20.102705	order-service_orders
018df91e-ecd0-80fb-908f-7d1452ba782b	13	be9b05ca-28da-c64a-277d-55d3059fdf25	COOKING	2024-03-01 08:26:10	2026-11-29 06:35:20.102705	order-service_orders
018df91e-ecd0-80fb-908f-7d1452ba782b	13	be9b05ca-28da-c64a-277d-55d3059fdf25	OPEN	2024-03-01 08:03:13	2026-11-29 06:35:20.102705	order-service_orders
018df925-8c20-8c65-9f36-e14cea524f58	14	0feedd00-3f00-35ad-987a-136e6e1c4f42	COOKING	2024-03-01 08:20:50	2026-11-29 06:35:20.102705	order-service_orders
018df925-8c20-8c65-9f36-e14cea524f58	14	0feedd00-3f00-35ad-987a-136e6e1c4f42	DELIVERING	2024-03-01 08:33:24	2026-11-29 06:35:20.102705	order-service_orders
018df925-8c20-8c65-9f36-e14cea524f58	14	0feedd00-3f00-35ad-987a-136e6e1c4f42	OPEN	2024-03-01 08:01:32	2026-11-29 06:35:20.102705	order-service_orders
018df90a-ff40-843a-8a00-d52b5c8d7ed4	15	15b800e9-66a4-5093-6ae4-3c3bea5355fe	OPEN	2024-03-01 08:04:23	2026-11-29 06:35:20.102705	order-service_orders
018df911-0638-8f8f-a53b-9aa0eaf2150c	16	15b800e9-66a4-5093-6ae4-3c3bea5355fe	COOKING	2024-03-01 08:10:58	2026-11-29 06:35:20.102705	order-service_orders
018df911-0638-8f8f-a53b-9aa0eaf2150c	16	15b800e9-66a4-5093-6ae4-3c3bea5355fe	OPEN	2024-03-01 08:04:23	2026-11-29 06:35:20.102705	order-service_orders
018df914-1760-8978-acde-d687eb5f3f97	17	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	COOKING	2024-03-01 08:14:20	2026-11-29 06:35:20.102705	order-service_orders
018df914-1760-8978-acde-d687eb5f3f97	17	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	OPEN	2024-03-01 08:00:24	2026-11-29 06:35:20.102705	order-service_orders
018df921-7928-8862-93e9-60708712fba6	18	15b800e9-66a4-5093-6ae4-3c3bea5355fe	COOKING	2024-03-01 08:10:58	2026-11-29 06:35:20.102705	order-service_orders
018df921-7928-8862-93e9-60708712fba6	18	15b800e9-66a4-5093-6ae4-3c3bea5355fe	DELIVERING	2024-03-01 08:28:57	2026-11-29 06:35:20.102705	order-service_orders
018df921-7928-8862-93e9-60708712fba6	18	15b800e9-66a4-5093-6ae4-3c3bea5355fe	OPEN	2024-03-01 08:04:23	2026-11-29 06:35:20.102705	order-service_orders
018df924-76c8-88a2-bf4d-2dba57cd5834	19	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	COOKING	2024-03-01 08:14:20	2026-11-29 06:35:20.102705	order-service_orders
018df924-76c8-88a2-bf4d-2dba57cd5834	19	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	DELIVERING	2024-03-01 08:32:11	2026-11-29 06:35:20.102705	order-service_orders
018df924-76c8-88a2-bf4d-2dba57cd5834	19	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	OPEN	2024-03-01 08:00:24	2026-11-29 06:35:20.102705	order-service_orders
018df924-9dd8-86e4-83aa-52106f358882	20	d8fc18c4-87a5-00d1-7d32-79849c4e0c2f	COOKING	2024-03-01 08:24:59	2026-11-29 06:35:20.102705	order-service_orders
018df924-9dd8-86e4-83aa-52106f358882	20	d8fc18c4-87a5-00d1-7d32-79849c4e0c2f	DELIVERING	2024-03-01 08:32:21	2026-11-29 06:35:20.102705	order-service_orders
018df924-9dd8-86e4-83aa-52106f358882	20	d8fc18c4-87a5-00d1-7d32-79849c4e0c2f	OPEN	2024-03-01 08:00:25	2026-11-29 06:35:20.102705	order-service_orders
018df929-7808-8ab9-9cf7-bcdf327c0642	21	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	CLOSED	2024-03-01 08:37:39	2026-11-29 06:35:20.102705	order-service_orders
018df929-7808-8ab9-9cf7-bcdf327c0642	21	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	COOKING	2024-03-01 08:14:20	2026-11-29 06:35:20.102705	order-service_orders
018df929-7808-8ab9-9cf7-bcdf327c0642	21	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	DELIVERING	2024-03-01 08:32:11	2026-11-29 06:35:20.102705	order-service_orders
018df929-7808-8ab9-9cf7-bcdf327c0642	21	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	OPEN	2024-03-01 08:00:24	2026-11-29 06:35:20.102705	order-service_orders
018df91d-1bf8-8a0d-8979-c42b803a0ec4	22	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	COOKING	2024-03-01 08:24:09	2026-11-29 06:35:20.102705	order-service_orders
018df91d-1bf8-8a0d-8979-c42b803a0ec4	22	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	OPEN	2024-03-01 08:00:13	2026-11-29 06:35:20.102705	order-service_orders
018df929-6c50-8694-8e8b-5198667b959e	23	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	COOKING	2024-03-01 08:24:09	2026-11-29 06:35:20.102705	order-service_orders
018df929-6c50-8694-8e8b-5198667b959e	23	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	DELIVERING	2024-03-01 08:37:36	2026-11-29 06:35:20.102705	order-service_orders
018df929-6c50-8694-8e8b-5198667b959e	23	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	OPEN	2024-03-01 08:00:13	2026-11-29 06:35:20.102705	order-service_orders
018df910-4ea0-801d-96f0-832343e07b23	24	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	COOKING	2024-03-01 08:10:12	2026-11-29 06:35:20.102705	order-service_orders
018df910-4ea0-801d-96f0-832343e07b23	24	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	OPEN	2024-03-01 08:00:45	2026-11-29 06:35:20.102705	order-service_orders
018df911-1da8-82d1-afa2-785e3900c5b6	25	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	COOKING	2024-03-01 08:10:12	2026-11-29 06:35:20.102705	order-service_orders
018df911-1da8-82d1-afa2-785e3900c5b6	25	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	OPEN	2024-03-01 08:00:45	2026-11-29 06:35:20.102705	order-service_orders
018df91d-4ad8-8d2c-8dac-1d7d63b24c6e	26	6e9bd853-ee7f-a40c-952f-52e7727edd83	COOKING	2024-03-01 08:24:21	2026-11-29 06:35:20.102705	order-service_orders
018df91d-4ad8-8d2c-8dac-1d7d63b24c6e	26	6e9bd853-ee7f-a40c-952f-52e7727edd83	OPEN	2024-03-01 08:00:48	2026-11-29 06:35:20.102705	order-service_orders
018df921-8cb0-8532-b423-d9276f1a8463	27	6e9bd853-ee7f-a40c-952f-52e7727edd83	COOKING	2024-03-01 08:24:21	2026-11-29 06:35:20.102705	order-service_orders
018df921-8cb0-8532-b423-d9276f1a8463	27	6e9bd853-ee7f-a40c-952f-52e7727edd83	DELIVERING	2024-03-01 08:29:01	2026-11-29 06:35:20.102705	order-service_orders
018df921-8cb0-8532-b423-d9276f1a8463	27	6e9bd853-ee7f-a40c-952f-52e7727edd83	OPEN	2024-03-01 08:00:48	2026-11-29 06:35:20.102705	order-service_orders
018df927-fd20-89a2-a5e3-016ec1a30cb6	28	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	CLOSED	2024-03-01 08:36:02	2026-11-29 06:35:20.102705	order-service_orders
018df927-fd20-89a2-a5e3-016ec1a30cb6	28	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	COOKING	2024-03-01 08:10:12	2026-11-29 06:35:20.102705	order-service_orders
018df927-fd20-89a2-a5e3-016ec1a30cb6	28	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	DELIVERING	2024-03-01 08:18:03	2026-11-29 06:35:20.102705	order-service_orders
018df927-fd20-89a2-a5e3-016ec1a30cb6	28	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	OPEN	2024-03-01 08:00:45	2026-11-29 06:35:20.102705	order-service_orders
018df91a-1a70-84d7-a4da-7bf225e1fb45	29	c78f07b0-284c-45a7-e701-b0b1fa67a498	CANCELLED	2024-03-01 08:20:54	2026-11-29 06:35:20.102705	order-service_orders
018df91a-1a70-84d7-a4da-7bf225e1fb45	29	c78f07b0-284c-45a7-e701-b0b1fa67a498	OPEN	2024-03-01 08:01:28	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: stg_orders; Type: TABLE DATA; Schema: staging; Owner: -
--

COPY staging.stg_orders (event_id, "position", event_dttm, sent_dttm, order_id, order_dt, final_status, cost, payment, bonus_payment, bonus_grant, user_id, username, userlogin, restaurant_id, restaurantname, h_order_pk, h_user_pk, h_restaurant_pk, hk_order_user_pk, hk_order_restaurant_pk, load_dt, load_src) FROM stdin;
018df908-6730-8f54-90c7-2fba47143b6d	1	2024-03-01 08:01:32	2024-03-01 08:01:34	322525	2024-03-01 08:01:32	OPEN	1280.00000	1280.00000	0.00000	12.00000	f6236bf2504b74ba4a0fe75d	Вера Мороз	user9	5f7cc5d86f3f02402b37d817	Вкус Индии №1	0feedd00-3f00-35ad-987a-136e6e1c4f42	cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	a2bad233-7d31-2168-a719-4a4f13b4f8db	3f6a5ecd-80c6-cd79-a9db-e89cb5bdbc3f	01906ec8-1a3b-1ad1-c335-f86de3c26a4e	2026-11-29 06:32:17.383695	order-service_orders
018df908-e048-8105-b9e9-2a2d63fb8757	2	2024-03-01 08:02:05	2024-03-01 08:02:05	322526	2024-03-01 08:02:05	OPEN	1620.50000	1620.50000	0.00000	16.00000	cb91ce375bc8fbbcbde5c099	Юлия Орлик	user0	07123c8dfefaf558b86d152d	Тёплый хлеб №2	45c8a078-b88e-b073-462c-957ea33d75c4	b9c4ba0b-0e08-db85-f055-bb3c3273bb31	e584de72-b47d-4b97-ef25-1214e4815a29	bb230858-68a4-ce4b-7990-52f94889484d	64a49e91-11bb-57f5-de0a-d20e4a55b199	2026-11-29 06:32:17.383695	order-service_orders
018df909-edd0-88ce-a237-9d8792d97473	3	2024-03-01 08:03:13	2024-03-01 08:03:14	322527	2024-03-01 08:03:13	OPEN	1851.75000	1666.75000	185.00000	18.00000	cb91ce375bc8fbbcbde5c099	Юлия Орлик	user0	07123c8dfefaf558b86d152d	Тёплый хлеб №2	be9b05ca-28da-c64a-277d-55d3059fdf25	b9c4ba0b-0e08-db85-f055-bb3c3273bb31	e584de72-b47d-4b97-ef25-1214e4815a29	29bb67ca-9a3a-5b37-8f85-3eb22ae77498	42dc7adf-4981-6e06-4de5-ae42c39839c9	2026-11-29 06:32:17.383695	order-service_orders
018df909-f5a0-88de-8cc6-51090142388b	4	2024-03-01 08:03:14	2024-03-01 08:03:16	322526	2024-03-01 08:02:05	OPEN	660.50000	660.50000	0.00000	6.00000	cb91ce375bc8fbbcbde5c099	Юлия Орлик	user0	07123c8dfefaf558b86d152d	Тёплый хлеб №2	45c8a078-b88e-b073-462c-957ea33d75c4	b9c4ba0b-0e08-db85-f055-bb3c3273bb31	e584de72-b47d-4b97-ef25-1214e4815a29	bb230858-68a4-ce4b-7990-52f94889484d	64a49e91-11bb-57f5-de0a-d20e4a55b199	2026-11-29 06:32:17.383695	order-service_orders
018df907-55c0-8373-aa85-a776e2f3d371	5	2024-03-01 08:00:24	2024-03-01 08:00:24	322520	2024-03-01 08:00:24	OPEN	1982.50000	1982.50000	0.00000	19.00000	f6236bf2504b74ba4a0fe75d	Вера Мороз	user9	03614a8b64739895d3a98330	Суши на углу №3	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	03d265e4-5c85-4833-792f-e368bf9b7780	6742b06b-6e85-f15d-43b5-dbe788055eb0	2026-11-29 06:32:17.383695	order-service_orders
018df907-6178-87fa-9b34-4d1fc58a2ddc	6	2024-03-01 08:00:25	2024-03-01 08:00:27	322521	2024-03-01 08:00:25	OPEN	190.25000	171.25000	19.00000	1.00000	f6236bf2504b74ba4a0fe75d	Вера Мороз	user9	5f7cc5d86f3f02402b37d817	Вкус Индии №1	d8fc18c4-87a5-00d1-7d32-79849c4e0c2f	cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	a2bad233-7d31-2168-a719-4a4f13b4f8db	0cc9366b-8f96-d475-a5c5-4f854ded90e9	c9cedbfc-f290-b25b-2fef-b2fca96c0c11	2026-11-29 06:32:17.383695	order-service_orders
018df907-2ac8-8f3c-a6a1-e0f4e30f3b47	7	2024-03-01 08:00:13	2024-03-01 08:00:13	322519	2024-03-01 08:00:13	OPEN	681.00000	681.00000	0.00000	6.00000	0074513021da8978206f5c66	Вера Соколик	user7	5f7cc5d86f3f02402b37d817	Вкус Индии №1	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	9d6e703f-0b1f-25f3-ea16-fe6c2f8b2842	a2bad233-7d31-2168-a719-4a4f13b4f8db	d7b6b922-f81c-b28c-d2a0-fdbfe484917d	cf1f170c-6c51-6be5-0357-405a2f45347d	2026-11-29 06:32:17.383695	order-service_orders
018df907-abb0-892c-b59d-773753a1b856	8	2024-03-01 08:00:45	2024-03-01 08:00:46	322522	2024-03-01 08:00:45	OPEN	1840.00000	1840.00000	0.00000	18.00000	f5cae3bf3729c619c60a3cab	Анна Нечай	user8	03614a8b64739895d3a98330	Суши на углу №3	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	6a9ba4ea-63b5-56c0-2faf-d5974865eae1	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	01bc51d0-0165-72fd-cac4-19985180e68c	caa572bf-9c98-6934-e8f4-7a9864386d9d	2026-11-29 06:32:17.383695	order-service_orders
018df907-b768-8a36-9e2e-c53fc746badf	9	2024-03-01 08:00:48	2024-03-01 08:00:49	322523	2024-03-01 08:00:48	OPEN	1570.25000	1570.25000	0.00000	15.00000	617959ce3f1f65a8de527100	Егор Соколик	user3	07123c8dfefaf558b86d152d	Тёплый хлеб №2	6e9bd853-ee7f-a40c-952f-52e7727edd83	ff1d03a2-185c-f756-0830-93747a0fd9b4	e584de72-b47d-4b97-ef25-1214e4815a29	04e4076e-90dc-282c-c634-6c1d3acb0697	56a5c136-12ad-c88f-d8c7-e0f7db312fb6	2026-11-29 06:32:17.383695	order-service_orders
018df908-53a8-8616-ab31-a53de2551518	10	2024-03-01 08:01:28	2024-03-01 08:01:29	322524	2024-03-01 08:01:28	OPEN	2580.25000	2322.25000	258.00000	25.00000	1cfb10f62827688de6a16a3b	Глеб Ковалёва	user2	07123c8dfefaf558b86d152d	Тёплый хлеб №2	c78f07b0-284c-45a7-e701-b0b1fa67a498	194246a6-630c-19b0-0624-e5e2bd6863fc	e584de72-b47d-4b97-ef25-1214e4815a29	0e858b0e-1c06-fdc2-fa4a-737e503aafcb	37a1054b-0426-f0ab-33d4-2a01fe207da8	2026-11-29 06:32:17.383695	order-service_orders
018df919-37e0-89a3-aaac-7c164f151d74	11	2024-03-01 08:19:54	2024-03-01 08:19:56	322526	2024-03-01 08:02:05	COOKING	1180.50000	1180.50000	0.00000	11.00000	cb91ce375bc8fbbcbde5c099	Юлия Орлик	user0	07123c8dfefaf558b86d152d	Тёплый хлеб №2	45c8a078-b88e-b073-462c-957ea33d75c4	b9c4ba0b-0e08-db85-f055-bb3c3273bb31	e584de72-b47d-4b97-ef25-1214e4815a29	bb230858-68a4-ce4b-7990-52f94889484d	64a49e91-11bb-57f5-de0a-d20e4a55b199	2026-11-29 06:35:20.102705	order-service_orders
018df91a-0ad0-89ae-b3b8-849803fa55ca	12	2024-03-01 08:20:50	2024-03-01 08:20:50	322525	2024-03-01 08:01:32	COOKING	1280.00000	1280.00000	0.00000	12.00000	f6236bf2504b74ba4a0fe75d	Вера Мороз	user9	5f7cc5d86f3f02402b37d817	Вкус Индии №1	0feedd00-3f00-35ad-987a-136e6e1c4f42	cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	a2bad233-7d31-2168-a719-4a4f13b4f8db	3f6a5ecd-80c6-cd79-a9db-e89cb5bdbc3f	01906ec8-1a3b-1ad1-c335-f86de3c26a4e	2026-11-29 06:35:20.102705	order-service_orders
018df91e-ecd0-80fb-908f-7d1452ba782b	13	2024-03-01 08:26:10	2024-03-01 08:26:10	322527	2024-03-01 08:03:13	COOKING	1851.75000	1666.75000	185.00000	18.00000	cb91ce375bc8fbbcbde5c099	Юлия Орлик	user0	07123c8dfefaf558b86d152d	Тёплый хлеб №2	be9b05ca-28da-c64a-277d-55d3059fdf25	b9c4ba0b-0e08-db85-f055-bb3c3273bb31	e584de72-b47d-4b97-ef25-1214e4815a29	29bb67ca-9a3a-5b37-8f85-3eb22ae77498	42dc7adf-4981-6e06-4de5-ae42c39839c9	2026-11-29 06:35:20.102705	order-service_orders
018df925-8c20-8c65-9f36-e14cea524f58	14	2024-03-01 08:33:24	2024-03-01 08:33:24	322525	2024-03-01 08:01:32	DELIVERING	1280.00000	1280.00000	0.00000	12.00000	f6236bf2504b74ba4a0fe75d	Вера Мороз	user9	5f7cc5d86f3f02402b37d817	Вкус Индии №1	0feedd00-3f00-35ad-987a-136e6e1c4f42	cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	a2bad233-7d31-2168-a719-4a4f13b4f8db	3f6a5ecd-80c6-cd79-a9db-e89cb5bdbc3f	01906ec8-1a3b-1ad1-c335-f86de3c26a4e	2026-11-29 06:35:20.102705	order-service_orders
018df90a-ff40-843a-8a00-d52b5c8d7ed4	15	2024-03-01 08:04:23	2024-03-01 08:04:24	322528	2024-03-01 08:04:23	OPEN	271.50000	271.50000	0.00000	2.00000	035b73993fd4235992edcf45	Инна Лебедь	user4	07123c8dfefaf558b86d152d	Тёплый хлеб №2	15b800e9-66a4-5093-6ae4-3c3bea5355fe	c7ebda97-0581-71e2-5f19-9397394ced86	e584de72-b47d-4b97-ef25-1214e4815a29	78b0fcbc-e1e1-0084-8965-052e59bb8fa6	abfcdcbf-c848-95f7-4886-0ebf30b6fcf6	2026-11-29 06:35:20.102705	order-service_orders
018df911-0638-8f8f-a53b-9aa0eaf2150c	16	2024-03-01 08:10:58	2024-03-01 08:10:59	322528	2024-03-01 08:04:23	COOKING	271.50000	271.50000	0.00000	2.00000	035b73993fd4235992edcf45	Инна Лебедь	user4	07123c8dfefaf558b86d152d	Тёплый хлеб №2	15b800e9-66a4-5093-6ae4-3c3bea5355fe	c7ebda97-0581-71e2-5f19-9397394ced86	e584de72-b47d-4b97-ef25-1214e4815a29	78b0fcbc-e1e1-0084-8965-052e59bb8fa6	abfcdcbf-c848-95f7-4886-0ebf30b6fcf6	2026-11-29 06:35:20.102705	order-service_orders
018df914-1760-8978-acde-d687eb5f3f97	17	2024-03-01 08:14:20	2024-03-01 08:14:20	322520	2024-03-01 08:00:24	COOKING	1982.50000	1982.50000	0.00000	19.00000	f6236bf2504b74ba4a0fe75d	Вера Мороз	user9	03614a8b64739895d3a98330	Суши на углу №3	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	03d265e4-5c85-4833-792f-e368bf9b7780	6742b06b-6e85-f15d-43b5-dbe788055eb0	2026-11-29 06:35:20.102705	order-service_orders
018df921-7928-8862-93e9-60708712fba6	18	2024-03-01 08:28:57	2024-03-01 08:28:57	322528	2024-03-01 08:04:23	DELIVERING	271.50000	271.50000	0.00000	2.00000	035b73993fd4235992edcf45	Инна Лебедь	user4	07123c8dfefaf558b86d152d	Тёплый хлеб №2	15b800e9-66a4-5093-6ae4-3c3bea5355fe	c7ebda97-0581-71e2-5f19-9397394ced86	e584de72-b47d-4b97-ef25-1214e4815a29	78b0fcbc-e1e1-0084-8965-052e59bb8fa6	abfcdcbf-c848-95f7-4886-0ebf30b6fcf6	2026-11-29 06:35:20.102705	order-service_orders
018df924-76c8-88a2-bf4d-2dba57cd5834	19	2024-03-01 08:32:11	2024-03-01 08:32:13	322520	2024-03-01 08:00:24	DELIVERING	1982.50000	1982.50000	0.00000	19.00000	f6236bf2504b74ba4a0fe75d	Вера Мороз	user9	03614a8b64739895d3a98330	Суши на углу №3	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	03d265e4-5c85-4833-792f-e368bf9b7780	6742b06b-6e85-f15d-43b5-dbe788055eb0	2026-11-29 06:35:20.102705	order-service_orders
018df924-9dd8-86e4-83aa-52106f358882	20	2024-03-01 08:32:21	2024-03-01 08:32:23	322521	2024-03-01 08:00:25	DELIVERING	190.25000	171.25000	19.00000	1.00000	f6236bf2504b74ba4a0fe75d	Вера Мороз	user9	5f7cc5d86f3f02402b37d817	Вкус Индии №1	d8fc18c4-87a5-00d1-7d32-79849c4e0c2f	cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	a2bad233-7d31-2168-a719-4a4f13b4f8db	0cc9366b-8f96-d475-a5c5-4f854ded90e9	c9cedbfc-f290-b25b-2fef-b2fca96c0c11	2026-11-29 06:35:20.102705	order-service_orders
018df929-7808-8ab9-9cf7-bcdf327c0642	21	2024-03-01 08:37:39	2024-03-01 08:37:41	322520	2024-03-01 08:00:24	CLOSED	1982.50000	1982.50000	0.00000	19.00000	f6236bf2504b74ba4a0fe75d	Вера Мороз	user9	03614a8b64739895d3a98330	Суши на углу №3	cee5ed7a-513d-0a71-2ff6-fa8dd434bd8a	cf0c86bc-fbba-b4b2-c2b5-6c2420d6f2ca	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	03d265e4-5c85-4833-792f-e368bf9b7780	6742b06b-6e85-f15d-43b5-dbe788055eb0	2026-11-29 06:35:20.102705	order-service_orders
018df91d-1bf8-8a0d-8979-c42b803a0ec4	22	2024-03-01 08:24:09	2024-03-01 08:24:11	322519	2024-03-01 08:00:13	COOKING	681.00000	681.00000	0.00000	6.00000	0074513021da8978206f5c66	Вера Соколик	user7	5f7cc5d86f3f02402b37d817	Вкус Индии №1	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	9d6e703f-0b1f-25f3-ea16-fe6c2f8b2842	a2bad233-7d31-2168-a719-4a4f13b4f8db	d7b6b922-f81c-b28c-d2a0-fdbfe484917d	cf1f170c-6c51-6be5-0357-405a2f45347d	2026-11-29 06:35:20.102705	order-service_orders
018df929-6c50-8694-8e8b-5198667b959e	23	2024-03-01 08:37:36	2024-03-01 08:37:38	322519	2024-03-01 08:00:13	DELIVERING	681.00000	681.00000	0.00000	6.00000	0074513021da8978206f5c66	Вера Соколик	user7	5f7cc5d86f3f02402b37d817	Вкус Индии №1	bf2e894c-5be1-bd3a-60cc-4d4a07f50fa9	9d6e703f-0b1f-25f3-ea16-fe6c2f8b2842	a2bad233-7d31-2168-a719-4a4f13b4f8db	d7b6b922-f81c-b28c-d2a0-fdbfe484917d	cf1f170c-6c51-6be5-0357-405a2f45347d	2026-11-29 06:35:20.102705	order-service_orders
018df910-4ea0-801d-96f0-832343e07b23	24	2024-03-01 08:10:12	2024-03-01 08:10:12	322522	2024-03-01 08:00:45	COOKING	1840.00000	1840.00000	0.00000	18.00000	f5cae3bf3729c619c60a3cab	Анна Нечай	user8	03614a8b64739895d3a98330	Суши на углу №3	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	6a9ba4ea-63b5-56c0-2faf-d5974865eae1	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	01bc51d0-0165-72fd-cac4-19985180e68c	caa572bf-9c98-6934-e8f4-7a9864386d9d	2026-11-29 06:35:20.102705	order-service_orders
018df911-1da8-82d1-afa2-785e3900c5b6	25	2024-03-01 08:11:03	2024-03-01 08:11:05	322522	2024-03-01 08:00:45	COOKING	2430.00000	2430.00000	0.00000	24.00000	f5cae3bf3729c619c60a3cab	Анна Нечай	user8	03614a8b64739895d3a98330	Суши на углу №3	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	6a9ba4ea-63b5-56c0-2faf-d5974865eae1	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	01bc51d0-0165-72fd-cac4-19985180e68c	caa572bf-9c98-6934-e8f4-7a9864386d9d	2026-11-29 06:35:20.102705	order-service_orders
018df91d-4ad8-8d2c-8dac-1d7d63b24c6e	26	2024-03-01 08:24:21	2024-03-01 08:24:23	322523	2024-03-01 08:00:48	COOKING	1570.25000	1570.25000	0.00000	15.00000	617959ce3f1f65a8de527100	Егор Соколик	user3	07123c8dfefaf558b86d152d	Тёплый хлеб №2	6e9bd853-ee7f-a40c-952f-52e7727edd83	ff1d03a2-185c-f756-0830-93747a0fd9b4	e584de72-b47d-4b97-ef25-1214e4815a29	04e4076e-90dc-282c-c634-6c1d3acb0697	56a5c136-12ad-c88f-d8c7-e0f7db312fb6	2026-11-29 06:35:20.102705	order-service_orders
018df921-8cb0-8532-b423-d9276f1a8463	27	2024-03-01 08:29:01	2024-03-01 08:29:02	322523	2024-03-01 08:00:48	DELIVERING	1570.25000	1570.25000	0.00000	15.00000	617959ce3f1f65a8de527100	Егор Соколик	user3	07123c8dfefaf558b86d152d	Тёплый хлеб №2	6e9bd853-ee7f-a40c-952f-52e7727edd83	ff1d03a2-185c-f756-0830-93747a0fd9b4	e584de72-b47d-4b97-ef25-1214e4815a29	04e4076e-90dc-282c-c634-6c1d3acb0697	56a5c136-12ad-c88f-d8c7-e0f7db312fb6	2026-11-29 06:35:20.102705	order-service_orders
018df927-fd20-89a2-a5e3-016ec1a30cb6	28	2024-03-01 08:36:02	2024-03-01 08:36:04	322522	2024-03-01 08:00:45	CLOSED	2430.00000	2430.00000	0.00000	24.00000	f5cae3bf3729c619c60a3cab	Анна Нечай	user8	03614a8b64739895d3a98330	Суши на углу №3	a19a9d21-08bd-9d98-9e46-96e8c92d3ae6	6a9ba4ea-63b5-56c0-2faf-d5974865eae1	bd198f25-2958-7b3e-ea4a-bc4d2a43ede0	01bc51d0-0165-72fd-cac4-19985180e68c	caa572bf-9c98-6934-e8f4-7a9864386d9d	2026-11-29 06:35:20.102705	order-service_orders
018df91a-1a70-84d7-a4da-7bf225e1fb45	29	2024-03-01 08:20:54	2024-03-01 08:20:54	322524	2024-03-01 08:01:28	CANCELLED	2580.25000	2322.25000	258.00000	25.00000	1cfb10f62827688de6a16a3b	Глеб Ковалёва	user2	07123c8dfefaf558b86d152d	Тёплый хлеб №2	c78f07b0-284c-45a7-e701-b0b1fa67a498	194246a6-630c-19b0-0624-e5e2bd6863fc	e584de72-b47d-4b97-ef25-1214e4815a29	0e858b0e-1c06-fdc2-fa4a-737e503aafcb	37a1054b-0426-f0ab-33d4-2a01fe207da8	2026-11-29 06:35:20.102705	order-service_orders
\.


--
-- Data for Name: applied_ddl; Type: TABLE DATA; Schema: stg; Owner: -
--

COPY stg.applied_ddl (file_name, sha256, applied_at) FROM stdin;
001_stg.sql	4ed9d52d7344fdccf74af71bda7d3127300b08f58fc0a3915ac8a8b4afb206e1	2026-11-29 06:32:02.854837
002_roles.sql	282c9ea74c8c036c2a8763e9d9992bc0555234c328a981657d244735dd8f1e33	2026-11-29 06:32:02.854837
\.


--
-- Data for Name: dead_letters; Type: TABLE DATA; Schema: stg; Owner: -
--

COPY stg.dead_letters ("position", kafka_topic, topic_id, kafka_partition, kafka_offset, kafka_timestamp, message_key, message_value, message_headers, object_id, first_reason, first_detail, reason, detail, attempts, first_seen_at, last_seen_at, next_attempt_at, resolved_at, resolution) FROM stdin;
30	order-service_orders	E3pfNWGvSaOQfCc24iqwjw	1	5	2026-11-29 06:35:12.812	\\x333232353236	\\x7b226f626a6563745f6964223a203332323532362c20226f626a6563745f74797065223a20226f72646572222c202273656e745f6474746d223a2022323032342d30332d30312030383a31393a3536222c20227061796c6f6164223a207b2272657374617572616e74223a207b226964223a2022303731323363386466656661663535386238366431353264227d2c202264617465223a2022323032342d30332d30312030383a30323a3035222c202275736572223a207b226964223a2022636239316365333735626338666262636264653563303939227d2c20226f726465725f6974656d73223a205b7b226964223a2022366261663731643764383430376231613066306239373532222c20226e616d65223a2022d09ed0bad180d0bed188d0bad0b020d0bfd0bed181d182d0bdd18bd0b9222c20227072696365223a203333302e32352c20227175616e74697479223a20327d2c207b226964223a2022373638333262363234363130336132626162663063613639222c20226e616d65223a2022d09ed0bad180d0bed188d0bad0b020d0b4d0b5d182d181d0bad0b8d0b9222c20227072696365223a203236302c20227175616e74697479223a20327d5d2c2022626f6e75735f7061796d656e74223a20302c2022636f7374223a20313138302e352c20227061796d656e74223a20313138302e352c2022626f6e75735f6772616e74223a2031312c20227374617475736573223a205b7b22737461747573223a2022434f4f4b494e47222c20226474746d223a20226e6f7720323032342d30332d30312030383a31373a3136227d2c207b22737461747573223a20224f50454e222c20226474746d223a2022323032342d30332d30312030383a30323a3035227d5d2c202266696e616c5f737461747573223a2022434f4f4b494e47222c20227570646174655f7473223a2022323032342d30332d30312030383a31393a3534227d7d	[]	322526	bad_timestamp	$.payload.statuses[0].dttm: "now 2024-03-01 08:17:16"	bad_timestamp	$.payload.statuses[0].dttm: "now 2024-03-01 08:17:16"	1	2026-11-29 06:35:20.102705	2026-11-29 06:35:20.102705	\N	\N	\N
31	order-service_orders	E3pfNWGvSaOQfCc24iqwjw	1	7	2026-11-29 06:35:12.812	\\x333232353235	\\x7b226f626a6563745f6964223a203332323532352c20226f626a6563745f74797065223a20226f72646572222c202273656e745f6474746d223a2022323032342d30332d30312030383a32303a3530222c20227061796c6f6164223a207b2272657374617572616e74223a207b226964223a2022356637636335643836663366303234303262333764383137227d2c202264617465223a2022323032342d30332d30312030383a30313a3332222c202275736572223a207b226964223a2022756e6b6e6f776e2d663632333662663235303462373462613461306665373564227d2c20226f726465725f6974656d73223a205b7b226964223a2022313430346162316563633763366438313264366632656663222c20226e616d65223a2022d0a0d0bed0bbd0bb20d18120d182d0bed184d18320d0bed18220d188d0b5d184d0b0222c20227072696365223a203334302c20227175616e74697479223a20337d2c207b226964223a2022356337366631386130353835613031633463376436646630222c20226e616d65223a2022d0a2d0bed0bc20d18fd0bc20d0bfd0bed181d182d0bdd18bd0b9222c20227072696365223a203133302c20227175616e74697479223a20327d5d2c2022626f6e75735f7061796d656e74223a20302c2022636f7374223a20313238302c20227061796d656e74223a20313238302c2022626f6e75735f6772616e74223a2031322c20227374617475736573223a205b7b22737461747573223a2022434f4f4b494e47222c20226474746d223a2022323032342d30332d30312030383a32303a3530227d2c207b22737461747573223a20224f50454e222c20226474746d223a2022323032342d30332d30312030383a30313a3332227d5d2c202266696e616c5f737461747573223a2022434f4f4b494e47222c20227570646174655f7473223a2022323032342d30332d30312030383a32303a3530227d7d	[]	322525	unknown_user	$.payload.user.id: unknown-f6236bf2504b74ba4a0fe75d is not in Redis	unknown_user	$.payload.user.id: unknown-f6236bf2504b74ba4a0fe75d is not in Redis	1	2026-11-29 06:35:20.102705	2026-11-29 06:35:20.102705	2026-11-29 06:35:20.102705	\N	\N
32	order-service_orders	E3pfNWGvSaOQfCc24iqwjw	4	5	2026-11-29 06:35:12.812	\\x333232353233	\\x7b226f626a6563745f6964223a203332323532332c20226f626a6563745f74797065223a20226f72646572222c202273656e745f6474746d223a2022323032342d30332d30312030383a32343a3233222c20227061796c6f6164223a207b2272657374617572616e74223a207b226964223a2022303731323363386466656661663535386238366431353264227d2c202264617465223a2022323032342d30332d30312030383a30303a3438222c202275736572223a207b226964223a2022363137393539636533663166363561386465353237313030227d2c20226f726465725f6974656d73223a205b7b226964223a2022356430396464323934653432346239326332373761663332222c20226e616d65223a2022d09ed0bad180d0bed188d0bad0b020c2abd081d0b6c2bb222c20227072696365223a203230302c20227175616e74697479223a202d327d2c207b226964223a2022663464653433386635643431316230646639653332346465222c20226e616d65223a2022d09fd0b5d0bbd18cd0bcd0b5d0bdd0b820d0bfd0bed181d182d0bdd18bd0b9222c20227072696365223a203337302c20227175616e74697479223a20327d2c207b226964223a2022633763363666353339646535353264643262666364363836222c20226e616d65223a2022d0a2d0bed0bc20d18fd0bc20d0bed18220d188d0b5d184d0b0222c20227072696365223a203433302e32352c20227175616e74697479223a20317d5d2c2022626f6e75735f7061796d656e74223a20302c2022636f7374223a20313537302e32352c20227061796d656e74223a20313537302e32352c2022626f6e75735f6772616e74223a2031352c20227374617475736573223a205b7b22737461747573223a2022434f4f4b494e47222c20226474746d223a2022323032342d30332d30312030383a32343a3231227d2c207b22737461747573223a20224f50454e222c20226474746d223a2022323032342d30332d30312030383a30303a3438227d5d2c202266696e616c5f737461747573223a2022434f4f4b494e47222c20227570646174655f7473223a2022323032342d30332d30312030383a32343a3231227d7d	[]	322523	bad_quantity	$.payload.order_items[0].quantity: Expected `int` >= 1	bad_quantity	$.payload.order_items[0].quantity: Expected `int` >= 1	1	2026-11-29 06:35:20.102705	2026-11-29 06:35:20.102705	\N	\N	\N
33	order-service_orders	E3pfNWGvSaOQfCc24iqwjw	4	7	2026-11-29 06:35:12.812	\\x333232353233	\\x7b226f626a6563745f6964223a203332323532332c20226f626a6563745f74797065223a20226f72646572222c202273656e745f6474746d223a2022323032342d30332d30312030383a32393a3032222c20227061796c6f6164223a207b2272657374617572616e74223a207b226964223a2022303731323363386466656661663535386238366431353264227d2c202264617465223a2022323032342d30332d30312030383a30303a3438222c202275736572223a207b226964223a2022363137393539636533663166363561386465353237313030227d2c20226f726465725f6974656d73223a205b7b226964223a2022356430396464323934653432346239326332373761663332222c20226e616d65223a2022d09ed0bad180d0bed188d0bad0b020c2abd081d0b6c2bb222c20227072696365223a203230302c20227175616e74697479223a20327d2c207b226964223a2022663464653433386635643431316230646639653332346465222c20226e616d65223a2022d09fd0b5d0bbd18cd0bcd0b5d0bdd0b820d0bfd0bed181d182d0bdd18bd0b9222c20227072696365223a203337302c20227175616e74697479223a20327d2c207b226964223a2022633763363666353339646535353264643262666364363836222c20226e616d65223a2022d0a2d0bed0bc20d18fd0bc20d0bed18220d188d0b5d184d0b0222c20227072696365223a203433302e32352c20227175616e74697479223a20317d5d2c2022626f6e75735f7061796d656e74223a20302c2022636f7374223a20313537302e32352c20227061796d656e74223a20313537302e32352c2022626f6e75735f6772616e74223a2031352c20227374617475736573223a205b7b22737461747573223a202244454c49564552494e47222c20226474746d223a2022323032342d30332d30312030383a32393a3031227d2c207b22737461747573223a2022434f4f4b494e47222c20226474746d223a2022323032342d30332d30312030383a32343a3231227d2c207b22737461747573223a20224c4f5354222c20226474746d223a2022323032342d30332d30312030383a30303a3438227d5d2c202266696e616c5f737461747573223a202244454c49564552494e47222c20227570646174655f7473223a2022323032342d30332d30312030383a32393a3031227d7d	[]	322523	unknown_status	$.payload.statuses[2].status: Invalid enum value 'LOST'	unknown_status	$.payload.statuses[2].status: Invalid enum value 'LOST'	1	2026-11-29 06:35:20.102705	2026-11-29 06:35:20.102705	\N	\N	\N
\.


--
-- Data for Name: event_reloads; Type: TABLE DATA; Schema: stg; Owner: -
--

COPY stg.event_reloads ("position", event_id, requested_at) FROM stdin;
\.


--
-- Data for Name: load_state; Type: TABLE DATA; Schema: stg; Owner: -
--

COPY stg.load_state (relation, loaded_to, window_from, window_to, updated_at) FROM stdin;
cdm.user_product_counters	33	10	33	2026-11-29 06:36:58.830505
cdm.user_category_counters	33	10	33	2026-11-29 06:36:58.846774
staging.stg_order_items	33	10	33	2026-11-29 06:35:51.087911
staging.stg_order_statuses	33	10	33	2026-11-29 06:35:51.081541
staging.stg_orders	33	10	33	2026-11-29 06:35:51.383103
dds.h_user	33	10	33	2026-11-29 06:35:59.189683
dds.h_restaurant	33	10	33	2026-11-29 06:35:59.017966
dds.h_order	33	10	33	2026-11-29 06:35:59.193573
dds.h_product	33	10	33	2026-11-29 06:35:59.201184
dds.l_order_restaurant	33	10	33	2026-11-29 06:36:02.164762
dds.l_order_user	33	10	33	2026-11-29 06:36:02.193996
dds.s_restaurant_names	33	10	33	2026-11-29 06:36:01.982711
dds.s_user_names	33	10	33	2026-11-29 06:36:02.010584
dds.s_order_cost	33	10	33	2026-11-29 06:36:03.472849
dds.s_order_details	33	10	33	2026-11-29 06:36:03.690905
dds.h_category	33	10	33	2026-11-29 06:36:06.977623
dds.l_order_product	33	10	33	2026-11-29 06:36:07.778033
dds.l_product_restaurant	33	10	33	2026-11-29 06:36:08.071311
dds.s_order_status	33	10	33	2026-11-29 06:36:06.850997
dds.l_product_category	33	10	33	2026-11-29 06:36:12.425571
dds.s_product_names	33	10	33	2026-11-29 06:36:10.470688
dds.s_order_user	33	10	33	2026-11-29 06:36:12.098706
dds.s_order_restaurant	33	10	33	2026-11-29 06:36:11.31918
dds.b_closed_orders	33	10	33	2026-11-29 06:36:14.887036
dds.s_order_product	33	10	33	2026-11-29 06:36:14.795002
dds.s_product_category	33	10	33	2026-11-29 06:36:14.815332
dds.b_closed_order_products	33	10	33	2026-11-29 06:36:15.919246
dds.outbox	33	10	33	2026-11-29 06:36:16.54155
\.


--
-- Data for Name: order_events; Type: TABLE DATA; Schema: stg; Owner: -
--

COPY stg.order_events ("position", event_id, object_id, object_type, sent_dttm, payload, kafka_topic, kafka_partition, kafka_offset, loaded_at) FROM stdin;
1	018df908-6730-8f54-90c7-2fba47143b6d	322525	order	2024-03-01 08:01:34	{"payload": {"cost": 1280, "date": "2024-03-01 08:01:32", "user": {"id": "f6236bf2504b74ba4a0fe75d", "name": "Вера Мороз", "login": "user9"}, "payment": 1280, "statuses": [{"dttm": "2024-03-01 08:01:32", "status": "OPEN"}], "update_ts": "2024-03-01 08:01:32", "restaurant": {"id": "5f7cc5d86f3f02402b37d817", "name": "Вкус Индии №1"}, "bonus_grant": 12, "order_items": [{"id": "1404ab1ecc7c6d812d6f2efc", "name": "Ролл с тофу от шефа", "price": 340, "category": "Супы", "quantity": 3}, {"id": "5c76f18a0585a01c4c7d6df0", "name": "Том ям постный", "price": 130, "category": "Выпечка", "quantity": 2}], "final_status": "OPEN", "bonus_payment": 0}, "object_id": 322525, "sent_dttm": "2024-03-01 08:01:34", "object_type": "order"}	order-service_orders	1	0	2026-11-29 06:32:17.383695
2	018df908-e048-8105-b9e9-2a2d63fb8757	322526	order	2024-03-01 08:02:05	{"payload": {"cost": 1620.5, "date": "2024-03-01 08:02:05", "user": {"id": "cb91ce375bc8fbbcbde5c099", "name": "Юлия Орлик", "login": "user0"}, "payment": 1620.5, "statuses": [{"dttm": "2024-03-01 08:02:05", "status": "OPEN"}], "update_ts": "2024-03-01 08:02:05", "restaurant": {"id": "07123c8dfefaf558b86d152d", "name": "Тёплый хлеб №2"}, "bonus_grant": 16, "order_items": [{"id": "eff83f045caded41d62cbf25", "name": "Сырники от шефа", "price": 480, "category": "Напитки", "quantity": 2}, {"id": "6baf71d7d8407b1a0f0b9752", "name": "Окрошка постный", "price": 330.25, "category": "Роллы", "quantity": 2}], "final_status": "OPEN", "bonus_payment": 0}, "object_id": 322526, "sent_dttm": "2024-03-01 08:02:05", "object_type": "order"}	order-service_orders	1	1	2026-11-29 06:32:17.383695
3	018df909-edd0-88ce-a237-9d8792d97473	322527	order	2024-03-01 08:03:14	{"payload": {"cost": 1851.75, "date": "2024-03-01 08:03:13", "user": {"id": "cb91ce375bc8fbbcbde5c099", "name": "Юлия Орлик", "login": "user0"}, "payment": 1666.75, "statuses": [{"dttm": "2024-03-01 08:03:13", "status": "OPEN"}], "update_ts": "2024-03-01 08:03:13", "restaurant": {"id": "07123c8dfefaf558b86d152d", "name": "Тёплый хлеб №2"}, "bonus_grant": 18, "order_items": [{"id": "c7c66f539de552dd2bfcd686", "name": "Том ям от шефа", "price": 430.25, "category": "Завтраки", "quantity": 2}, {"id": "7fd39898efe8b3b5a080c6a5", "name": "Пельмени постный", "price": 90.5, "category": "Завтраки", "quantity": 2}, {"id": "6baf71d7d8407b1a0f0b9752", "name": "Окрошка постный", "price": 330.25, "category": "Роллы", "quantity": 1}, {"id": "eff83f045caded41d62cbf25", "name": "Сырники от шефа", "price": 480, "category": "Напитки", "quantity": 1}], "final_status": "OPEN", "bonus_payment": 185}, "object_id": 322527, "sent_dttm": "2024-03-01 08:03:14", "object_type": "order"}	order-service_orders	1	2	2026-11-29 06:32:17.383695
4	018df909-f5a0-88de-8cc6-51090142388b	322526	order	2024-03-01 08:03:16	{"payload": {"cost": 660.5, "date": "2024-03-01 08:02:05", "user": {"id": "cb91ce375bc8fbbcbde5c099", "name": "Юлия Орлик", "login": "user0"}, "payment": 660.5, "statuses": [{"dttm": "2024-03-01 08:02:05", "status": "OPEN"}], "update_ts": "2024-03-01 08:03:14", "restaurant": {"id": "07123c8dfefaf558b86d152d", "name": "Тёплый хлеб №2"}, "bonus_grant": 6, "order_items": [{"id": "6baf71d7d8407b1a0f0b9752", "name": "Окрошка постный", "price": 330.25, "category": "Роллы", "quantity": 2}], "final_status": "OPEN", "bonus_payment": 0}, "object_id": 322526, "sent_dttm": "2024-03-01 08:03:16", "object_type": "order"}	order-service_orders	1	3	2026-11-29 06:32:17.383695
5	018df907-55c0-8373-aa85-a776e2f3d371	322520	order	2024-03-01 08:00:24	{"payload": {"cost": 1982.5, "date": "2024-03-01 08:00:24", "user": {"id": "f6236bf2504b74ba4a0fe75d", "name": "Вера Мороз", "login": "user9"}, "payment": 1982.5, "statuses": [{"dttm": "2024-03-01 08:00:24", "status": "OPEN"}], "update_ts": "2024-03-01 08:00:24", "restaurant": {"id": "03614a8b64739895d3a98330", "name": "Суши на углу №3"}, "bonus_grant": 19, "order_items": [{"id": "9f26dab2a8f99dd11f33ebee", "name": "Сырники с грибами", "price": 220, "category": "Роллы", "quantity": 3}, {"id": "4b0e9e7f94b59db0f37b7afb", "name": "Пельмени постный", "price": 300.5, "category": "Закуски", "quantity": 3}, {"id": "28226f9c24617bfa77ac435f", "name": "Том ям «Ёж»", "price": 160, "category": "Выпечка", "quantity": 1}, {"id": "4eb78fc5fbf98bb8f1f70efb", "name": "Сырники от шефа", "price": 130.5, "category": "Супы", "quantity": 2}], "final_status": "OPEN", "bonus_payment": 0}, "object_id": 322520, "sent_dttm": "2024-03-01 08:00:24", "object_type": "order"}	order-service_orders	2	0	2026-11-29 06:32:17.383695
6	018df907-6178-87fa-9b34-4d1fc58a2ddc	322521	order	2024-03-01 08:00:27	{"payload": {"cost": 190.25, "date": "2024-03-01 08:00:25", "user": {"id": "f6236bf2504b74ba4a0fe75d", "name": "Вера Мороз", "login": "user9"}, "payment": 171.25, "statuses": [{"dttm": "2024-03-01 08:00:25", "status": "OPEN"}], "update_ts": "2024-03-01 08:00:25", "restaurant": {"id": "5f7cc5d86f3f02402b37d817", "name": "Вкус Индии №1"}, "bonus_grant": 1, "order_items": [{"id": "99c4258bfc98500014b9adb5", "name": "Том ям домашний", "price": 190.25, "category": "Закуски", "quantity": 1}], "final_status": "OPEN", "bonus_payment": 19}, "object_id": 322521, "sent_dttm": "2024-03-01 08:00:27", "object_type": "order"}	order-service_orders	2	1	2026-11-29 06:32:17.383695
7	018df907-2ac8-8f3c-a6a1-e0f4e30f3b47	322519	order	2024-03-01 08:00:13	{"payload": {"cost": 681.0, "date": "2024-03-01 08:00:13", "user": {"id": "0074513021da8978206f5c66", "name": "Вера Соколик", "login": "user7"}, "payment": 681.0, "statuses": [{"dttm": "2024-03-01 08:00:13", "status": "OPEN"}], "update_ts": "2024-03-01 08:00:13", "restaurant": {"id": "5f7cc5d86f3f02402b37d817", "name": "Вкус Индии №1"}, "bonus_grant": 6, "order_items": [{"id": "7b121dc54e5a3a26d18a669a", "name": "Пельмени постный", "price": 340.5, "category": "Роллы", "quantity": 2}], "final_status": "OPEN", "bonus_payment": 0}, "object_id": 322519, "sent_dttm": "2024-03-01 08:00:13", "object_type": "order"}	order-service_orders	3	0	2026-11-29 06:32:17.383695
8	018df907-abb0-892c-b59d-773753a1b856	322522	order	2024-03-01 08:00:46	{"payload": {"cost": 1840, "date": "2024-03-01 08:00:45", "user": {"id": "f5cae3bf3729c619c60a3cab", "name": "Анна Нечай", "login": "user8"}, "payment": 1840, "statuses": [{"dttm": "2024-03-01 08:00:45", "status": "OPEN"}], "update_ts": "2024-03-01 08:00:45", "restaurant": {"id": "03614a8b64739895d3a98330", "name": "Суши на углу №3"}, "bonus_grant": 18, "order_items": [{"id": "f3bd423e67c6b46259bbb436", "name": "Окрошка XXL", "price": 590, "category": "Закуски", "quantity": 3}, {"id": "fad18c6a78b9d3d6fc893150", "name": "Хачапури постный", "price": 70, "category": "Выпечка", "quantity": 1}], "final_status": "OPEN", "bonus_payment": 0}, "object_id": 322522, "sent_dttm": "2024-03-01 08:00:46", "object_type": "order"}	order-service_orders	4	0	2026-11-29 06:32:17.383695
9	018df907-b768-8a36-9e2e-c53fc746badf	322523	order	2024-03-01 08:00:49	{"payload": {"cost": 1570.25, "date": "2024-03-01 08:00:48", "user": {"id": "617959ce3f1f65a8de527100", "name": "Егор Соколик", "login": "user3"}, "payment": 1570.25, "statuses": [{"dttm": "2024-03-01 08:00:48", "status": "OPEN"}], "update_ts": "2024-03-01 08:00:48", "restaurant": {"id": "07123c8dfefaf558b86d152d", "name": "Тёплый хлеб №2"}, "bonus_grant": 15, "order_items": [{"id": "5d09dd294e424b92c277af32", "name": "Окрошка «Ёж»", "price": 200, "category": "Закуски", "quantity": 2}, {"id": "f4de438f5d411b0df9e324de", "name": "Пельмени постный", "price": 370, "category": "Горячее", "quantity": 2}, {"id": "c7c66f539de552dd2bfcd686", "name": "Том ям от шефа", "price": 430.25, "category": "Завтраки", "quantity": 1}], "final_status": "OPEN", "bonus_payment": 0}, "object_id": 322523, "sent_dttm": "2024-03-01 08:00:49", "object_type": "order"}	order-service_orders	4	1	2026-11-29 06:32:17.383695
10	018df908-53a8-8616-ab31-a53de2551518	322524	order	2024-03-01 08:01:29	{"payload": {"cost": 2580.25, "date": "2024-03-01 08:01:28", "user": {"id": "1cfb10f62827688de6a16a3b", "name": "Глеб Ковалёва", "login": "user2"}, "payment": 2322.25, "statuses": [{"dttm": "2024-03-01 08:01:28", "status": "OPEN"}], "update_ts": "2024-03-01 08:01:28", "restaurant": {"id": "07123c8dfefaf558b86d152d", "name": "Тёплый хлеб №2"}, "bonus_grant": 25, "order_items": [{"id": "741b324d85ae8770f9dba1db", "name": "Сырники детский", "price": 340, "category": "Завтраки", "quantity": 2}, {"id": "8c5050eac832652e83e2c328", "name": "Пельмени острый", "price": 540, "category": "Супы", "quantity": 3}, {"id": "e6e053f7675ebe3b78573797", "name": "Ролл с тофу острый", "price": 280.25, "category": "Роллы", "quantity": 1}], "final_status": "OPEN", "bonus_payment": 258}, "object_id": 322524, "sent_dttm": "2024-03-01 08:01:29", "object_type": "order"}	order-service_orders	5	0	2026-11-29 06:32:17.383695
11	018df919-37e0-89a3-aaac-7c164f151d74	322526	order	2024-03-01 08:19:56	{"payload": {"cost": 1180.5, "date": "2024-03-01 08:02:05", "user": {"id": "cb91ce375bc8fbbcbde5c099", "name": "Юлия Орлик", "login": "user0"}, "payment": 1180.5, "statuses": [{"dttm": "2024-03-01 08:17:16", "status": "COOKING"}, {"dttm": "2024-03-01 08:02:05", "status": "OPEN"}], "update_ts": "2024-03-01 08:19:54", "restaurant": {"id": "07123c8dfefaf558b86d152d", "name": "Тёплый хлеб №2"}, "bonus_grant": 11, "order_items": [{"id": "6baf71d7d8407b1a0f0b9752", "name": "Окрошка постный", "price": 330.25, "category": "Роллы", "quantity": 2}, {"id": "76832b6246103a2babf0ca69", "name": "Окрошка детский", "price": 260, "category": "Закуски", "quantity": 2}], "final_status": "COOKING", "bonus_payment": 0}, "object_id": 322526, "sent_dttm": "2024-03-01 08:19:56", "object_type": "order"}	order-service_orders	1	4	2026-11-29 06:35:20.102705
12	018df91a-0ad0-89ae-b3b8-849803fa55ca	322525	order	2024-03-01 08:20:50	{"payload": {"cost": 1280, "date": "2024-03-01 08:01:32", "user": {"id": "f6236bf2504b74ba4a0fe75d", "name": "Вера Мороз", "login": "user9"}, "payment": 1280, "statuses": [{"dttm": "2024-03-01 08:20:50", "status": "COOKING"}, {"dttm": "2024-03-01 08:01:32", "status": "OPEN"}], "update_ts": "2024-03-01 08:20:50", "restaurant": {"id": "5f7cc5d86f3f02402b37d817", "name": "Вкус Индии №1"}, "bonus_grant": 12, "order_items": [{"id": "1404ab1ecc7c6d812d6f2efc", "name": "Ролл с тофу от шефа", "price": 340, "category": "Супы", "quantity": 3}, {"id": "5c76f18a0585a01c4c7d6df0", "name": "Том ям постный", "price": 130, "category": "Выпечка", "quantity": 2}], "final_status": "COOKING", "bonus_payment": 0}, "object_id": 322525, "sent_dttm": "2024-03-01 08:20:50", "object_type": "order"}	order-service_orders	1	6	2026-11-29 06:35:20.102705
13	018df91e-ecd0-80fb-908f-7d1452ba782b	322527	order	2024-03-01 08:26:10	{"payload": {"cost": 1851.75, "date": "2024-03-01 08:03:13", "user": {"id": "cb91ce375bc8fbbcbde5c099", "name": "Юлия Орлик", "login": "user0"}, "payment": 1666.75, "statuses": [{"dttm": "2024-03-01 08:26:10", "status": "COOKING"}, {"dttm": "2024-03-01 08:03:13", "status": "OPEN"}], "update_ts": "2024-03-01 08:26:10", "restaurant": {"id": "07123c8dfefaf558b86d152d", "name": "Тёплый хлеб №2"}, "bonus_grant": 18, "order_items": [{"id": "c7c66f539de552dd2bfcd686", "name": "Том ям от шефа", "price": 430.25, "category": "Завтраки", "quantity": 2}, {"id": "7fd39898efe8b3b5a080c6a5", "name": "Пельмени постный", "price": 90.5, "category": "Завтраки", "quantity": 2}, {"id": "6baf71d7d8407b1a0f0b9752", "name": "Окрошка постный", "price": 330.25, "category": "Роллы", "quantity": 1}, {"id": "eff83f045caded41d62cbf25", "name": "Сырники от шефа", "price": 480, "category": "Напитки", "quantity": 1}], "final_status": "COOKING", "bonus_payment": 185}, "object_id": 322527, "sent_dttm": "2024-03-01 08:26:10", "object_type": "order"}	order-service_orders	1	8	2026-11-29 06:35:20.102705
14	018df925-8c20-8c65-9f36-e14cea524f58	322525	order	2024-03-01 08:33:24	{"payload": {"cost": 1280, "date": "2024-03-01 08:01:32", "user": {"id": "f6236bf2504b74ba4a0fe75d", "name": "Вера Мороз", "login": "user9"}, "payment": 1280, "statuses": [{"dttm": "2024-03-01 08:33:24", "status": "DELIVERING"}, {"dttm": "2024-03-01 08:20:50", "status": "COOKING"}, {"dttm": "2024-03-01 08:01:32", "status": "OPEN"}], "update_ts": "2024-03-01 08:33:24", "restaurant": {"id": "5f7cc5d86f3f02402b37d817", "name": "Вкус Индии №1"}, "bonus_grant": 12, "order_items": [{"id": "1404ab1ecc7c6d812d6f2efc", "name": "Ролл с тофу от шефа", "price": 340, "category": "Супы", "quantity": 3}, {"id": "5c76f18a0585a01c4c7d6df0", "name": "Том ям постный", "price": 130, "category": "Выпечка", "quantity": 2}], "final_status": "DELIVERING", "bonus_payment": 0}, "object_id": 322525, "sent_dttm": "2024-03-01 08:33:24", "object_type": "order"}	order-service_orders	1	9	2026-11-29 06:35:20.102705
15	018df90a-ff40-843a-8a00-d52b5c8d7ed4	322528	order	2024-03-01 08:04:24	{"payload": {"cost": 271.5, "date": "2024-03-01 08:04:23", "user": {"id": "035b73993fd4235992edcf45", "name": "Инна Лебедь", "login": "user4"}, "payment": 271.5, "statuses": [{"dttm": "2024-03-01 08:04:23", "status": "OPEN"}], "update_ts": "2024-03-01 08:04:23", "restaurant": {"id": "07123c8dfefaf558b86d152d", "name": "Тёплый хлеб №2"}, "bonus_grant": 2, "order_items": [{"id": "7fd39898efe8b3b5a080c6a5", "name": "Пельмени постный", "price": 90.5, "category": "Завтраки", "quantity": 3}], "final_status": "OPEN", "bonus_payment": 0}, "object_id": 322528, "sent_dttm": "2024-03-01 08:04:24", "object_type": "order"}	order-service_orders	2	2	2026-11-29 06:35:20.102705
16	018df911-0638-8f8f-a53b-9aa0eaf2150c	322528	order	2024-03-01 08:10:59	{"payload": {"cost": 271.5, "date": "2024-03-01 08:04:23", "user": {"id": "035b73993fd4235992edcf45", "name": "Инна Лебедь", "login": "user4"}, "payment": 271.5, "statuses": [{"dttm": "2024-03-01 08:10:58", "status": "COOKING"}, {"dttm": "2024-03-01 08:04:23", "status": "OPEN"}], "update_ts": "2024-03-01 08:10:58", "restaurant": {"id": "07123c8dfefaf558b86d152d", "name": "Тёплый хлеб №2"}, "bonus_grant": 2, "order_items": [{"id": "7fd39898efe8b3b5a080c6a5", "name": "Пельмени постный", "price": 90.5, "category": "Завтраки", "quantity": 3}], "final_status": "COOKING", "bonus_payment": 0}, "object_id": 322528, "sent_dttm": "2024-03-01 08:10:59", "object_type": "order"}	order-service_orders	2	3	2026-11-29 06:35:20.102705
17	018df914-1760-8978-acde-d687eb5f3f97	322520	order	2024-03-01 08:14:20	{"payload": {"cost": 1982.5, "date": "2024-03-01 08:00:24", "user": {"id": "f6236bf2504b74ba4a0fe75d", "name": "Вера Мороз", "login": "user9"}, "payment": 1982.5, "statuses": [{"dttm": "2024-03-01 08:14:20", "status": "COOKING"}, {"dttm": "2024-03-01 08:00:24", "status": "OPEN"}], "update_ts": "2024-03-01 08:14:20", "restaurant": {"id": "03614a8b64739895d3a98330", "name": "Суши на углу №3"}, "bonus_grant": 19, "order_items": [{"id": "9f26dab2a8f99dd11f33ebee", "name": "Сырники с грибами", "price": 220, "category": "Роллы", "quantity": 3}, {"id": "4b0e9e7f94b59db0f37b7afb", "name": "Пельмени постный", "price": 300.5, "category": "Закуски", "quantity": 3}, {"id": "28226f9c24617bfa77ac435f", "name": "Том ям «Ёж»", "price": 160, "category": "Выпечка", "quantity": 1}, {"id": "4eb78fc5fbf98bb8f1f70efb", "name": "Сырники от шефа", "price": 130.5, "category": "Супы", "quantity": 2}], "final_status": "COOKING", "bonus_payment": 0}, "object_id": 322520, "sent_dttm": "2024-03-01 08:14:20", "object_type": "order"}	order-service_orders	2	4	2026-11-29 06:35:20.102705
18	018df921-7928-8862-93e9-60708712fba6	322528	order	2024-03-01 08:28:57	{"payload": {"cost": 271.5, "date": "2024-03-01 08:04:23", "user": {"id": "035b73993fd4235992edcf45", "name": "Инна Лебедь", "login": "user4"}, "payment": 271.5, "statuses": [{"dttm": "2024-03-01 08:28:57", "status": "DELIVERING"}, {"dttm": "2024-03-01 08:10:58", "status": "COOKING"}, {"dttm": "2024-03-01 08:04:23", "status": "OPEN"}], "update_ts": "2024-03-01 08:28:57", "restaurant": {"id": "07123c8dfefaf558b86d152d", "name": "Тёплый хлеб №2"}, "bonus_grant": 2, "order_items": [{"id": "7fd39898efe8b3b5a080c6a5", "name": "Пельмени постный", "price": 90.5, "category": "Завтраки", "quantity": 3}], "final_status": "DELIVERING", "bonus_payment": 0}, "object_id": 322528, "sent_dttm": "2024-03-01 08:28:57", "object_type": "order"}	order-service_orders	2	5	2026-11-29 06:35:20.102705
19	018df924-76c8-88a2-bf4d-2dba57cd5834	322520	order	2024-03-01 08:32:13	{"payload": {"cost": 1982.5, "date": "2024-03-01 08:00:24", "user": {"id": "f6236bf2504b74ba4a0fe75d", "name": "Вера Мороз", "login": "user9"}, "payment": 1982.5, "statuses": [{"dttm": "2024-03-01 08:32:11", "status": "DELIVERING"}, {"dttm": "2024-03-01 08:14:20", "status": "COOKING"}, {"dttm": "2024-03-01 08:00:24", "status": "OPEN"}], "update_ts": "2024-03-01 08:32:11", "restaurant": {"id": "03614a8b64739895d3a98330", "name": "Суши на углу №3"}, "bonus_grant": 19, "order_items": [{"id": "9f26dab2a8f99dd11f33ebee", "name": "Сырники с грибами", "price": 220, "category": "Роллы", "quantity": 3}, {"id": "4b0e9e7f94b59db0f37b7afb", "name": "Пельмени постный", "price": 300.5, "category": "Закуски", "quantity": 3}, {"id": "28226f9c24617bfa77ac435f", "name": "Том ям «Ёж»", "price": 160, "category": "Выпечка", "quantity": 1}, {"id": "4eb78fc5fbf98bb8f1f70efb", "name": "Сырники от шефа", "price": 130.5, "category": "Супы", "quantity": 2}], "final_status": "DELIVERING", "bonus_payment": 0}, "object_id": 322520, "sent_dttm": "2024-03-01 08:32:13", "object_type": "order"}	order-service_orders	2	6	2026-11-29 06:35:20.102705
20	018df924-9dd8-86e4-83aa-52106f358882	322521	order	2024-03-01 08:32:23	{"payload": {"cost": 190.25, "date": "2024-03-01 08:00:25", "user": {"id": "f6236bf2504b74ba4a0fe75d", "name": "Вера Мороз", "login": "user9"}, "payment": 171.25, "statuses": [{"dttm": "2024-03-01 08:32:21", "status": "DELIVERING"}, {"dttm": "2024-03-01 08:24:59", "status": "COOKING"}, {"dttm": "2024-03-01 08:00:25", "status": "OPEN"}], "update_ts": "2024-03-01 08:32:21", "restaurant": {"id": "5f7cc5d86f3f02402b37d817", "name": "Вкус Индии №1"}, "bonus_grant": 1, "order_items": [{"id": "99c4258bfc98500014b9adb5", "name": "Том ям домашний", "price": 190.25, "category": "Закуски", "quantity": 1}], "final_status": "DELIVERING", "bonus_payment": 19}, "object_id": 322521, "sent_dttm": "2024-03-01 08:32:23", "object_type": "order"}	order-service_orders	2	7	2026-11-29 06:35:20.102705
21	018df929-7808-8ab9-9cf7-bcdf327c0642	322520	order	2024-03-01 08:37:41	{"payload": {"cost": 1982.5, "date": "2024-03-01 08:00:24", "user": {"id": "f6236bf2504b74ba4a0fe75d", "name": "Вера Мороз", "login": "user9"}, "payment": 1982.5, "statuses": [{"dttm": "2024-03-01 08:37:39", "status": "CLOSED"}, {"dttm": "2024-03-01 08:32:11", "status": "DELIVERING"}, {"dttm": "2024-03-01 08:14:20", "status": "COOKING"}, {"dttm": "2024-03-01 08:00:24", "status": "OPEN"}], "update_ts": "2024-03-01 08:37:39", "restaurant": {"id": "03614a8b64739895d3a98330", "name": "Суши на углу №3"}, "bonus_grant": 19, "order_items": [{"id": "9f26dab2a8f99dd11f33ebee", "name": "Сырники с грибами", "price": 220, "category": "Роллы", "quantity": 3}, {"id": "4b0e9e7f94b59db0f37b7afb", "name": "Пельмени постный", "price": 300.5, "category": "Закуски", "quantity": 3}, {"id": "28226f9c24617bfa77ac435f", "name": "Том ям «Ёж»", "price": 160, "category": "Выпечка", "quantity": 1}, {"id": "4eb78fc5fbf98bb8f1f70efb", "name": "Сырники от шефа", "price": 130.5, "category": "Супы", "quantity": 2}], "final_status": "CLOSED", "bonus_payment": 0}, "object_id": 322520, "sent_dttm": "2024-03-01 08:37:41", "object_type": "order"}	order-service_orders	2	8	2026-11-29 06:35:20.102705
22	018df91d-1bf8-8a0d-8979-c42b803a0ec4	322519	order	2024-03-01 08:24:11	{"payload": {"cost": 681.0, "date": "2024-03-01 08:00:13", "user": {"id": "0074513021da8978206f5c66", "name": "Вера Соколик", "login": "user7"}, "payment": 681.0, "statuses": [{"dttm": "2024-03-01 08:24:09", "status": "COOKING"}, {"dttm": "2024-03-01 08:00:13", "status": "OPEN"}], "update_ts": "2024-03-01 08:24:09", "restaurant": {"id": "5f7cc5d86f3f02402b37d817", "name": "Вкус Индии №1"}, "bonus_grant": 6, "order_items": [{"id": "7b121dc54e5a3a26d18a669a", "name": "Пельмени постный", "price": 340.5, "category": "Роллы", "quantity": 2}], "final_status": "COOKING", "bonus_payment": 0}, "object_id": 322519, "sent_dttm": "2024-03-01 08:24:11", "object_type": "order"}	order-service_orders	3	1	2026-11-29 06:35:20.102705
23	018df929-6c50-8694-8e8b-5198667b959e	322519	order	2024-03-01 08:37:38	{"payload": {"cost": 681.0, "date": "2024-03-01 08:00:13", "user": {"id": "0074513021da8978206f5c66", "name": "Вера Соколик", "login": "user7"}, "payment": 681.0, "statuses": [{"dttm": "2024-03-01 08:37:36", "status": "DELIVERING"}, {"dttm": "2024-03-01 08:24:09", "status": "COOKING"}, {"dttm": "2024-03-01 08:00:13", "status": "OPEN"}], "update_ts": "2024-03-01 08:37:36", "restaurant": {"id": "5f7cc5d86f3f02402b37d817", "name": "Вкус Индии №1"}, "bonus_grant": 6, "order_items": [{"id": "7b121dc54e5a3a26d18a669a", "name": "Пельмени постный", "price": 340.5, "category": "Роллы", "quantity": 2}], "final_status": "DELIVERING", "bonus_payment": 0}, "object_id": 322519, "sent_dttm": "2024-03-01 08:37:38", "object_type": "order"}	order-service_orders	3	2	2026-11-29 06:35:20.102705
24	018df910-4ea0-801d-96f0-832343e07b23	322522	order	2024-03-01 08:10:12	{"payload": {"cost": 1840, "date": "2024-03-01 08:00:45", "user": {"id": "f5cae3bf3729c619c60a3cab", "name": "Анна Нечай", "login": "user8"}, "payment": 1840, "statuses": [{"dttm": "2024-03-01 08:10:12", "status": "COOKING"}, {"dttm": "2024-03-01 08:00:45", "status": "OPEN"}], "update_ts": "2024-03-01 08:10:12", "restaurant": {"id": "03614a8b64739895d3a98330", "name": "Суши на углу №3"}, "bonus_grant": 18, "order_items": [{"id": "f3bd423e67c6b46259bbb436", "name": "Окрошка XXL", "price": 590, "category": "Закуски", "quantity": 3}, {"id": "fad18c6a78b9d3d6fc893150", "name": "Хачапури постный", "price": 70, "category": "Выпечка", "quantity": 1}], "final_status": "COOKING", "bonus_payment": 0}, "object_id": 322522, "sent_dttm": "2024-03-01 08:10:12", "object_type": "order"}	order-service_orders	4	2	2026-11-29 06:35:20.102705
25	018df911-1da8-82d1-afa2-785e3900c5b6	322522	order	2024-03-01 08:11:05	{"payload": {"cost": 2430, "date": "2024-03-01 08:00:45", "user": {"id": "f5cae3bf3729c619c60a3cab", "name": "Анна Нечай", "login": "user8"}, "payment": 2430, "statuses": [{"dttm": "2024-03-01 08:10:12", "status": "COOKING"}, {"dttm": "2024-03-01 08:00:45", "status": "OPEN"}], "update_ts": "2024-03-01 08:11:03", "restaurant": {"id": "03614a8b64739895d3a98330", "name": "Суши на углу №3"}, "bonus_grant": 24, "order_items": [{"id": "f3bd423e67c6b46259bbb436", "name": "Окрошка XXL", "price": 590, "category": "Закуски", "quantity": 4}, {"id": "fad18c6a78b9d3d6fc893150", "name": "Хачапури постный", "price": 70, "category": "Выпечка", "quantity": 1}], "final_status": "COOKING", "bonus_payment": 0}, "object_id": 322522, "sent_dttm": "2024-03-01 08:11:05", "object_type": "order"}	order-service_orders	4	3	2026-11-29 06:35:20.102705
26	018df91d-4ad8-8d2c-8dac-1d7d63b24c6e	322523	order	2024-03-01 08:24:23	{"payload": {"cost": 1570.25, "date": "2024-03-01 08:00:48", "user": {"id": "617959ce3f1f65a8de527100", "name": "Егор Соколик", "login": "user3"}, "payment": 1570.25, "statuses": [{"dttm": "2024-03-01 08:24:21", "status": "COOKING"}, {"dttm": "2024-03-01 08:00:48", "status": "OPEN"}], "update_ts": "2024-03-01 08:24:21", "restaurant": {"id": "07123c8dfefaf558b86d152d", "name": "Тёплый хлеб №2"}, "bonus_grant": 15, "order_items": [{"id": "5d09dd294e424b92c277af32", "name": "Окрошка «Ёж»", "price": 200, "category": "Закуски", "quantity": 2}, {"id": "f4de438f5d411b0df9e324de", "name": "Пельмени постный", "price": 370, "category": "Горячее", "quantity": 2}, {"id": "c7c66f539de552dd2bfcd686", "name": "Том ям от шефа", "price": 430.25, "category": "Завтраки", "quantity": 1}], "final_status": "COOKING", "bonus_payment": 0}, "object_id": 322523, "sent_dttm": "2024-03-01 08:24:23", "object_type": "order"}	order-service_orders	4	4	2026-11-29 06:35:20.102705
27	018df921-8cb0-8532-b423-d9276f1a8463	322523	order	2024-03-01 08:29:02	{"payload": {"cost": 1570.25, "date": "2024-03-01 08:00:48", "user": {"id": "617959ce3f1f65a8de527100", "name": "Егор Соколик", "login": "user3"}, "payment": 1570.25, "statuses": [{"dttm": "2024-03-01 08:29:01", "status": "DELIVERING"}, {"dttm": "2024-03-01 08:24:21", "status": "COOKING"}, {"dttm": "2024-03-01 08:00:48", "status": "OPEN"}], "update_ts": "2024-03-01 08:29:01", "restaurant": {"id": "07123c8dfefaf558b86d152d", "name": "Тёплый хлеб №2"}, "bonus_grant": 15, "order_items": [{"id": "5d09dd294e424b92c277af32", "name": "Окрошка «Ёж»", "price": 200, "category": "Закуски", "quantity": 2}, {"id": "f4de438f5d411b0df9e324de", "name": "Пельмени постный", "price": 370, "category": "Горячее", "quantity": 2}, {"id": "c7c66f539de552dd2bfcd686", "name": "Том ям от шефа", "price": 430.25, "category": "Завтраки", "quantity": 1}], "final_status": "DELIVERING", "bonus_payment": 0}, "object_id": 322523, "sent_dttm": "2024-03-01 08:29:02", "object_type": "order"}	order-service_orders	4	6	2026-11-29 06:35:20.102705
28	018df927-fd20-89a2-a5e3-016ec1a30cb6	322522	order	2024-03-01 08:36:04	{"payload": {"cost": 2430, "date": "2024-03-01 08:00:45", "user": {"id": "f5cae3bf3729c619c60a3cab", "name": "Анна Нечай", "login": "user8"}, "payment": 2430, "statuses": [{"dttm": "2024-03-01 08:36:02", "status": "CLOSED"}, {"dttm": "2024-03-01 08:18:03", "status": "DELIVERING"}, {"dttm": "2024-03-01 08:10:12", "status": "COOKING"}, {"dttm": "2024-03-01 08:00:45", "status": "OPEN"}], "update_ts": "2024-03-01 08:36:02", "restaurant": {"id": "03614a8b64739895d3a98330", "name": "Суши на углу №3"}, "bonus_grant": 24, "order_items": [{"id": "f3bd423e67c6b46259bbb436", "name": "Окрошка XXL", "price": 590, "category": "Закуски", "quantity": 4}, {"id": "fad18c6a78b9d3d6fc893150", "name": "Хачапури постный", "price": 70, "category": "Выпечка", "quantity": 1}], "final_status": "CLOSED", "bonus_payment": 0}, "object_id": 322522, "sent_dttm": "2024-03-01 08:36:04", "object_type": "order"}	order-service_orders	4	8	2026-11-29 06:35:20.102705
29	018df91a-1a70-84d7-a4da-7bf225e1fb45	322524	order	2024-03-01 08:20:54	{"payload": {"cost": 2580.25, "date": "2024-03-01 08:01:28", "user": {"id": "1cfb10f62827688de6a16a3b", "name": "Глеб Ковалёва", "login": "user2"}, "payment": 2322.25, "statuses": [{"dttm": "2024-03-01 08:20:54", "status": "CANCELLED"}, {"dttm": "2024-03-01 08:01:28", "status": "OPEN"}], "update_ts": "2024-03-01 08:20:54", "restaurant": {"id": "07123c8dfefaf558b86d152d", "name": "Тёплый хлеб №2"}, "bonus_grant": 25, "order_items": [{"id": "741b324d85ae8770f9dba1db", "name": "Сырники детский", "price": 340, "category": "Завтраки", "quantity": 2}, {"id": "8c5050eac832652e83e2c328", "name": "Пельмени острый", "price": 540, "category": "Супы", "quantity": 3}, {"id": "e6e053f7675ebe3b78573797", "name": "Ролл с тофу острый", "price": 280.25, "category": "Роллы", "quantity": 1}], "final_status": "CANCELLED", "bonus_payment": 258}, "object_id": 322524, "sent_dttm": "2024-03-01 08:20:54", "object_type": "order"}	order-service_orders	5	1	2026-11-29 06:35:20.102705
\.


--
-- Data for Name: publications; Type: TABLE DATA; Schema: stg; Owner: -
--

COPY stg.publications (topic, table_id, promised, compared_with) FROM stdin;
stg-service-orders	4ec4aa62-7d20-4730-a564-44923dd15a5e	29	2026-11-29 06:31:35.182424+00
order-service_orders.dlq	fa21cc11-7230-45ef-915c-40b2b42c0cbc	33	2026-11-29 06:31:35.182424+00
dds-service-orders	d878d278-9451-4965-b3de-3767328c7955	2	2026-11-29 06:31:35.182424+00
\.


--
-- Data for Name: source_progress; Type: TABLE DATA; Schema: stg; Owner: -
--

COPY stg.source_progress (kafka_topic, kafka_partition, topic_id, next_offset, duplicates, skipped, updated_at) FROM stdin;
order-service_orders	0	E3pfNWGvSaOQfCc24iqwjw	0	0	0	2026-11-29 06:32:17.153338
order-service_orders	1	E3pfNWGvSaOQfCc24iqwjw	10	0	0	2026-11-29 06:35:20.102705
order-service_orders	2	E3pfNWGvSaOQfCc24iqwjw	9	0	0	2026-11-29 06:35:20.102705
order-service_orders	3	E3pfNWGvSaOQfCc24iqwjw	3	0	0	2026-11-29 06:35:20.102705
order-service_orders	4	E3pfNWGvSaOQfCc24iqwjw	9	0	0	2026-11-29 06:35:20.102705
order-service_orders	5	E3pfNWGvSaOQfCc24iqwjw	2	0	0	2026-11-29 06:35:20.102705
\.


--
-- Name: positions; Type: SEQUENCE SET; Schema: stg; Owner: -
--

SELECT pg_catalog.setval('stg.positions', 33, true);


--
-- Name: user_category_counters user_category_counters_pkey; Type: CONSTRAINT; Schema: cdm; Owner: -
--

ALTER TABLE ONLY cdm.user_category_counters
    ADD CONSTRAINT user_category_counters_pkey PRIMARY KEY (user_id, category_id);


--
-- Name: user_product_counters user_product_counters_pkey; Type: CONSTRAINT; Schema: cdm; Owner: -
--

ALTER TABLE ONLY cdm.user_product_counters
    ADD CONSTRAINT user_product_counters_pkey PRIMARY KEY (user_id, product_id);


--
-- Name: b_closed_order_products b_closed_order_products_pkey; Type: CONSTRAINT; Schema: dds; Owner: -
--

ALTER TABLE ONLY dds.b_closed_order_products
    ADD CONSTRAINT b_closed_order_products_pkey PRIMARY KEY (h_order_pk, h_product_pk);


--
-- Name: b_closed_orders b_closed_orders_pkey; Type: CONSTRAINT; Schema: dds; Owner: -
--

ALTER TABLE ONLY dds.b_closed_orders
    ADD CONSTRAINT b_closed_orders_pkey PRIMARY KEY (h_order_pk);


--
-- Name: h_category h_category_pkey; Type: CONSTRAINT; Schema: dds; Owner: -
--

ALTER TABLE ONLY dds.h_category
    ADD CONSTRAINT h_category_pkey PRIMARY KEY (h_category_pk);


--
-- Name: h_order h_order_pkey; Type: CONSTRAINT; Schema: dds; Owner: -
--

ALTER TABLE ONLY dds.h_order
    ADD CONSTRAINT h_order_pkey PRIMARY KEY (h_order_pk);


--
-- Name: h_product h_product_pkey; Type: CONSTRAINT; Schema: dds; Owner: -
--

ALTER TABLE ONLY dds.h_product
    ADD CONSTRAINT h_product_pkey PRIMARY KEY (h_product_pk);


--
-- Name: h_restaurant h_restaurant_pkey; Type: CONSTRAINT; Schema: dds; Owner: -
--

ALTER TABLE ONLY dds.h_restaurant
    ADD CONSTRAINT h_restaurant_pkey PRIMARY KEY (h_restaurant_pk);


--
-- Name: h_user h_user_pkey; Type: CONSTRAINT; Schema: dds; Owner: -
--

ALTER TABLE ONLY dds.h_user
    ADD CONSTRAINT h_user_pkey PRIMARY KEY (h_user_pk);


--
-- Name: l_order_product l_order_product_pkey; Type: CONSTRAINT; Schema: dds; Owner: -
--

ALTER TABLE ONLY dds.l_order_product
    ADD CONSTRAINT l_order_product_pkey PRIMARY KEY (hk_order_product_pk);


--
-- Name: l_order_restaurant l_order_restaurant_pkey; Type: CONSTRAINT; Schema: dds; Owner: -
--

ALTER TABLE ONLY dds.l_order_restaurant
    ADD CONSTRAINT l_order_restaurant_pkey PRIMARY KEY (hk_order_restaurant_pk);


--
-- Name: l_order_user l_order_user_pkey; Type: CONSTRAINT; Schema: dds; Owner: -
--

ALTER TABLE ONLY dds.l_order_user
    ADD CONSTRAINT l_order_user_pkey PRIMARY KEY (hk_order_user_pk);


--
-- Name: l_product_category l_product_category_pkey; Type: CONSTRAINT; Schema: dds; Owner: -
--

ALTER TABLE ONLY dds.l_product_category
    ADD CONSTRAINT l_product_category_pkey PRIMARY KEY (hk_product_category_pk);


--
-- Name: l_product_restaurant l_product_restaurant_pkey; Type: CONSTRAINT; Schema: dds; Owner: -
--

ALTER TABLE ONLY dds.l_product_restaurant
    ADD CONSTRAINT l_product_restaurant_pkey PRIMARY KEY (hk_product_restaurant_pk);


--
-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: dds; Owner: -
--

ALTER TABLE ONLY dds.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY ("position");


--
-- Name: stg_order_items stg_order_items_pkey; Type: CONSTRAINT; Schema: staging; Owner: -
--

ALTER TABLE ONLY staging.stg_order_items
    ADD CONSTRAINT stg_order_items_pkey PRIMARY KEY (event_id, product_id);


--
-- Name: stg_order_statuses stg_order_statuses_pkey; Type: CONSTRAINT; Schema: staging; Owner: -
--

ALTER TABLE ONLY staging.stg_order_statuses
    ADD CONSTRAINT stg_order_statuses_pkey PRIMARY KEY (event_id, status, status_dttm);


--
-- Name: stg_orders stg_orders_pkey; Type: CONSTRAINT; Schema: staging; Owner: -
--

ALTER TABLE ONLY staging.stg_orders
    ADD CONSTRAINT stg_orders_pkey PRIMARY KEY (event_id);


--
-- Name: applied_ddl applied_ddl_pkey; Type: CONSTRAINT; Schema: stg; Owner: -
--

ALTER TABLE ONLY stg.applied_ddl
    ADD CONSTRAINT applied_ddl_pkey PRIMARY KEY (file_name);


--
-- Name: dead_letters dead_letters_message_key; Type: CONSTRAINT; Schema: stg; Owner: -
--

ALTER TABLE ONLY stg.dead_letters
    ADD CONSTRAINT dead_letters_message_key UNIQUE (kafka_topic, topic_id, kafka_partition, kafka_offset);


--
-- Name: dead_letters dead_letters_pkey; Type: CONSTRAINT; Schema: stg; Owner: -
--

ALTER TABLE ONLY stg.dead_letters
    ADD CONSTRAINT dead_letters_pkey PRIMARY KEY ("position");


--
-- Name: event_reloads event_reloads_pkey; Type: CONSTRAINT; Schema: stg; Owner: -
--

ALTER TABLE ONLY stg.event_reloads
    ADD CONSTRAINT event_reloads_pkey PRIMARY KEY ("position");


--
-- Name: load_state load_state_pkey; Type: CONSTRAINT; Schema: stg; Owner: -
--

ALTER TABLE ONLY stg.load_state
    ADD CONSTRAINT load_state_pkey PRIMARY KEY (relation);


--
-- Name: order_events order_events_pkey; Type: CONSTRAINT; Schema: stg; Owner: -
--

ALTER TABLE ONLY stg.order_events
    ADD CONSTRAINT order_events_pkey PRIMARY KEY (event_id);


--
-- Name: order_events order_events_position_key; Type: CONSTRAINT; Schema: stg; Owner: -
--

ALTER TABLE ONLY stg.order_events
    ADD CONSTRAINT order_events_position_key UNIQUE ("position");


--
-- Name: publications publications_pkey; Type: CONSTRAINT; Schema: stg; Owner: -
--

ALTER TABLE ONLY stg.publications
    ADD CONSTRAINT publications_pkey PRIMARY KEY (topic);


--
-- Name: source_progress source_progress_pkey; Type: CONSTRAINT; Schema: stg; Owner: -
--

ALTER TABLE ONLY stg.source_progress
    ADD CONSTRAINT source_progress_pkey PRIMARY KEY (kafka_topic, kafka_partition);


--
-- Name: 8e28e9ef2e16b79ad3fa2d1231d9f5a0; Type: INDEX; Schema: cdm; Owner: -
--

CREATE INDEX "8e28e9ef2e16b79ad3fa2d1231d9f5a0" ON cdm.user_product_counters USING btree (product_id, md5(product_name));


--
-- Name: 1174648b345ce85d5ff9c02c85768b26; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX "1174648b345ce85d5ff9c02c85768b26" ON dds.s_product_names USING btree (hk_product_names_pk);


--
-- Name: 18de116174efc11d8095dffb3960bb16; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX "18de116174efc11d8095dffb3960bb16" ON dds.s_user_names USING btree (hk_user_names_pk);


--
-- Name: 1a04f71b8f334b26f18731b1782b1ab4; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX "1a04f71b8f334b26f18731b1782b1ab4" ON dds.s_order_restaurant USING btree (hk_order_restaurant_sat_pk);


--
-- Name: 21ad65f2635c1c8e80f4210b8a2bff99; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX "21ad65f2635c1c8e80f4210b8a2bff99" ON dds.s_order_status USING btree (h_order_pk, start_dt);


--
-- Name: 232eea4b33febf246b3a65aec71c18f3; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX "232eea4b33febf246b3a65aec71c18f3" ON dds.s_user_names USING btree (h_user_pk, start_dt);


--
-- Name: 380777bc67dbc7ab35671067a356665f; Type: INDEX; Schema: dds; Owner: -
--

CREATE INDEX "380777bc67dbc7ab35671067a356665f" ON dds.l_order_product USING btree (h_order_pk);


--
-- Name: 3a4668cb8179433cb68c9bc1217c965e; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX "3a4668cb8179433cb68c9bc1217c965e" ON dds.s_order_product USING btree (hk_order_product_sat_pk);


--
-- Name: 3e78d1ddbe1822e7222d258822f05976; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX "3e78d1ddbe1822e7222d258822f05976" ON dds.s_product_names USING btree (h_product_pk, start_dt);


--
-- Name: 4eaaf82cf1ae9b91e649fbc47cede331; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX "4eaaf82cf1ae9b91e649fbc47cede331" ON dds.s_product_category USING btree (hk_product_category_pk, start_dt);


--
-- Name: 57ac0e998c96e0494bcd9cb9eae93555; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX "57ac0e998c96e0494bcd9cb9eae93555" ON dds.s_restaurant_names USING btree (h_restaurant_pk, start_dt);


--
-- Name: 5f6e681ab18dfa77562eb0ad3eeaf6de; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX "5f6e681ab18dfa77562eb0ad3eeaf6de" ON dds.s_order_user USING btree (hk_order_user_sat_pk);


--
-- Name: 7e77e871e05d2f4f5fa42984d725c8bc; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX "7e77e871e05d2f4f5fa42984d725c8bc" ON dds.s_order_product USING btree (hk_order_product_pk, start_dt);


--
-- Name: 8103aa3bd519673092d190bfb72f59b6; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX "8103aa3bd519673092d190bfb72f59b6" ON dds.s_product_category USING btree (hk_product_category_sat_pk);


--
-- Name: 8618d721afb4582d1bc03c8d44972517; Type: INDEX; Schema: dds; Owner: -
--

CREATE INDEX "8618d721afb4582d1bc03c8d44972517" ON dds.l_order_restaurant USING btree (h_order_pk);


--
-- Name: 99989d2c050073a7bc3eb5c0053928ca; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX "99989d2c050073a7bc3eb5c0053928ca" ON dds.s_order_user USING btree (hk_order_user_pk, start_dt);


--
-- Name: 9eeddc4049f526717124aacd7e0254f6; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX "9eeddc4049f526717124aacd7e0254f6" ON dds.s_order_details USING btree (hk_order_details_pk);


--
-- Name: ad4b99d7ed49c20b7a5add22b766d2f2; Type: INDEX; Schema: dds; Owner: -
--

CREATE INDEX ad4b99d7ed49c20b7a5add22b766d2f2 ON dds.outbox USING btree (h_order_pk, "position");


--
-- Name: c83b747735dc579e3b4bb776a9ac8e78; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX c83b747735dc579e3b4bb776a9ac8e78 ON dds.s_order_cost USING btree (hk_order_cost_pk);


--
-- Name: cbb695506fdfd357c677d3fcb9a51202; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX cbb695506fdfd357c677d3fcb9a51202 ON dds.s_restaurant_names USING btree (hk_restaurant_names_pk);


--
-- Name: d81c2573a7917c7b5d4ab224f4edf10c; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX d81c2573a7917c7b5d4ab224f4edf10c ON dds.s_order_restaurant USING btree (hk_order_restaurant_pk, start_dt);


--
-- Name: dd9e6ecbe155e51ef7d2356da79ea6a3; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX dd9e6ecbe155e51ef7d2356da79ea6a3 ON dds.s_order_details USING btree (h_order_pk, start_dt);


--
-- Name: dfff24db7e347e4dd36b3d2574a58a45; Type: INDEX; Schema: dds; Owner: -
--

CREATE INDEX dfff24db7e347e4dd36b3d2574a58a45 ON dds.l_product_category USING btree (h_product_pk);


--
-- Name: e51cf15150eaa980f48eff9e93470647; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX e51cf15150eaa980f48eff9e93470647 ON dds.s_order_cost USING btree (h_order_pk, start_dt);


--
-- Name: ea78ea74cb47ac8a1e2d3cc0adacf18c; Type: INDEX; Schema: dds; Owner: -
--

CREATE UNIQUE INDEX ea78ea74cb47ac8a1e2d3cc0adacf18c ON dds.s_order_status USING btree (hk_order_status_pk);


--
-- Name: f7320fcaa327bc50583d3a6c1ff99a8a; Type: INDEX; Schema: dds; Owner: -
--

CREATE INDEX f7320fcaa327bc50583d3a6c1ff99a8a ON dds.b_closed_order_products USING btree (h_user_pk, h_category_pk);


--
-- Name: fcce7026a99853d6323001b7aadd9cc1; Type: INDEX; Schema: dds; Owner: -
--

CREATE INDEX fcce7026a99853d6323001b7aadd9cc1 ON dds.b_closed_order_products USING btree (h_user_pk, h_product_pk);


--
-- Name: fff4ebc2362c99cfd3ce6a754d0bc556; Type: INDEX; Schema: dds; Owner: -
--

CREATE INDEX fff4ebc2362c99cfd3ce6a754d0bc556 ON dds.l_order_user USING btree (h_order_pk);


--
-- Name: 158c9dbb9e01f7c9db54dfad120c8b69; Type: INDEX; Schema: staging; Owner: -
--

CREATE INDEX "158c9dbb9e01f7c9db54dfad120c8b69" ON staging.stg_orders USING btree (h_user_pk, event_dttm);


--
-- Name: 21a7356d04d76177ae78b696e76425c4; Type: INDEX; Schema: staging; Owner: -
--

CREATE INDEX "21a7356d04d76177ae78b696e76425c4" ON staging.stg_order_statuses USING btree ("position");


--
-- Name: 2793b9c6284f8012b2692a4b72dc9c5e; Type: INDEX; Schema: staging; Owner: -
--

CREATE INDEX "2793b9c6284f8012b2692a4b72dc9c5e" ON staging.stg_orders USING btree ("position");


--
-- Name: 2855bbd790ff3c3e8e7a9e8d86ad728e; Type: INDEX; Schema: staging; Owner: -
--

CREATE INDEX "2855bbd790ff3c3e8e7a9e8d86ad728e" ON staging.stg_orders USING btree (h_restaurant_pk, event_dttm);


--
-- Name: 33078329cbb7ee2b470e4c7aecc429e4; Type: INDEX; Schema: staging; Owner: -
--

CREATE INDEX "33078329cbb7ee2b470e4c7aecc429e4" ON staging.stg_order_items USING btree (event_id);


--
-- Name: 682f42e265e6b1d38b72cba49fe958f2; Type: INDEX; Schema: staging; Owner: -
--

CREATE INDEX "682f42e265e6b1d38b72cba49fe958f2" ON staging.stg_order_items USING btree ("position");


--
-- Name: b1ad03d2a9ec39d49cc83417b77e6ac4; Type: INDEX; Schema: staging; Owner: -
--

CREATE INDEX b1ad03d2a9ec39d49cc83417b77e6ac4 ON staging.stg_order_statuses USING btree (h_order_pk, status_dttm);


--
-- Name: b523b42582983f431e781bac3f4331bb; Type: INDEX; Schema: staging; Owner: -
--

CREATE INDEX b523b42582983f431e781bac3f4331bb ON staging.stg_order_items USING btree (h_product_pk, event_dttm, hk_product_category_pk);


--
-- Name: beec9d98d0def51e702aad55be4c3908; Type: INDEX; Schema: staging; Owner: -
--

CREATE INDEX beec9d98d0def51e702aad55be4c3908 ON staging.stg_orders USING btree (h_order_pk, event_dttm);


--
-- Name: eb97354eb4fa2d6d2b2d0a1a42db1132; Type: INDEX; Schema: staging; Owner: -
--

CREATE INDEX eb97354eb4fa2d6d2b2d0a1a42db1132 ON staging.stg_order_statuses USING btree (event_id);


--
-- Name: dead_letters_due_idx; Type: INDEX; Schema: stg; Owner: -
--

CREATE INDEX dead_letters_due_idx ON stg.dead_letters USING btree (next_attempt_at) WHERE (resolved_at IS NULL);


--
-- Name: dead_letters_open_idx; Type: INDEX; Schema: stg; Owner: -
--

CREATE INDEX dead_letters_open_idx ON stg.dead_letters USING btree (reason) WHERE (resolved_at IS NULL);


--
-- Name: event_reloads_event_id_idx; Type: INDEX; Schema: stg; Owner: -
--

CREATE INDEX event_reloads_event_id_idx ON stg.event_reloads USING btree (event_id);


--
-- Name: order_events_object_id_idx; Type: INDEX; Schema: stg; Owner: -
--

CREATE INDEX order_events_object_id_idx ON stg.order_events USING btree (object_id);


--
-- Name: event_reloads event_reloads_event_id_fkey; Type: FK CONSTRAINT; Schema: stg; Owner: -
--

ALTER TABLE ONLY stg.event_reloads
    ADD CONSTRAINT event_reloads_event_id_fkey FOREIGN KEY (event_id) REFERENCES stg.order_events(event_id);


--
-- PostgreSQL database dump complete
--

\unrestrict ordervault

