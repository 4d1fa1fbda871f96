-- What the ingestor writes and the transformations read.

create schema if not exists stg;

comment on schema stg
is 'Events as they came, enriched; written by the ingestor, never by dbt';

-- Windows of events are cut by position. Gaps are normal.
create sequence if not exists stg.positions;

-- One row for each distinct event, never updated.
create table if not exists stg.order_events (
    event_no bigint not null default nextval('stg.positions'),
    event_id uuid not null,
    object_id bigint not null,
    object_type text not null,
    sent_dttm timestamp not null,
    payload jsonb not null,
    kafka_topic text not null,
    kafka_partition integer not null,
    kafka_offset bigint not null,
    load_src text not null,
    loaded_at timestamp not null default (now() at time zone 'UTC'),
    constraint order_events_pkey primary key (event_id),
    constraint order_events_event_no_key unique (event_no)
);

create index if not exists order_events_object_id_idx on stg.order_events (object_id);

comment on table stg.order_events
is 'One row for each distinct event of the source topic, as it was first enriched';
comment on column stg.order_events.event_no
is 'Position: models read windows of them';
comment on column stg.order_events.event_id
is 'UUIDv8 of the raw message bytes';
comment on column stg.order_events.payload
is 'The whole message, enriched';
comment on column stg.order_events.kafka_topic
is 'With partition and offset: the delivery that stored the event';
comment on column stg.order_events.load_src
is 'The source topic; for a replayed event too, whatever topic the replay took';

-- Events that are to be read again, as if they came now: one row for each time.
create table if not exists stg.event_reloads (
    event_no bigint not null default nextval('stg.positions'),
    event_id uuid not null references stg.order_events,
    requested_at timestamp not null default (now() at time zone 'UTC'),
    constraint event_reloads_pkey primary key (event_no)
);

create index if not exists event_reloads_event_id_idx on stg.event_reloads (event_id);

comment on table stg.event_reloads
is 'Written by `ingest repair`: each row gives an event a new position';

-- What could not be loaded, with the bytes as they came.
create table if not exists stg.dead_letters (
    dead_letter_no bigint generated always as identity,
    kafka_topic text not null,
    kafka_partition integer not null,
    kafka_offset bigint not null,
    kafka_timestamp timestamp,
    message_key bytea,
    message_value bytea,
    message_headers jsonb not null default '[]',
    event_hash uuid not null,
    object_id bigint,
    reason text not null,
    detail text not null,
    attempts integer not null default 1,
    first_seen_at timestamp not null default (now() at time zone 'UTC'),
    last_seen_at timestamp not null default (now() at time zone 'UTC'),
    last_kafka_topic text not null,
    last_kafka_partition integer not null,
    last_kafka_offset bigint not null,
    next_attempt_at timestamp,
    resolved_at timestamp,
    resolution text,
    constraint dead_letters_pkey primary key (dead_letter_no),
    -- The bytes too: a topic that was made anew has other messages there.
    constraint dead_letters_delivery_key unique (kafka_topic, kafka_partition, kafka_offset, event_hash)
);

create index if not exists dead_letters_open_idx on stg.dead_letters (event_hash) where resolved_at is null;
create index if not exists dead_letters_due_idx
on stg.dead_letters (next_attempt_at) where resolved_at is null;

comment on table stg.dead_letters
is 'Messages that could not be loaded: where they were, why, and their bytes';
comment on column stg.dead_letters.event_hash
is 'Hash of the raw bytes: the same bytes, stored later, resolve the row';
comment on column stg.dead_letters.attempts
is 'Deliveries that failed, the first one included, and looks for reference data in vain';
comment on column stg.dead_letters.last_kafka_topic
is 'With partition and offset: the last delivery that failed';
comment on column stg.dead_letters.next_attempt_at
is 'When `ingest stg` looks again whether Redis knows by now what was missing; null: never';
comment on column stg.dead_letters.resolution
is 'stored, or dropped';

-- How far each partition has been read, moved in the same transaction as its rows.
create table if not exists stg.source_progress (
    kafka_topic text not null,
    kafka_partition integer not null,
    next_offset bigint not null,
    duplicates bigint not null default 0,
    skipped bigint not null default 0,
    updated_at timestamp not null default (now() at time zone 'UTC'),
    constraint source_progress_pkey primary key (kafka_topic, kafka_partition)
);

comment on table stg.source_progress
is 'One row for each partition: the next offset, and how many messages below it have no row';
comment on column stg.source_progress.duplicates
is 'Messages that repeat a stored event';
comment on column stg.source_progress.skipped
is 'Messages whose object_type is not order';

-- One row for each dbt model that loads windows of events.
create table if not exists stg.load_state (
    relation text not null,
    loaded_to bigint not null default 0,
    window_from bigint not null default 0,
    window_to bigint not null default 0,
    updated_at timestamp not null default (now() at time zone 'UTC'),
    constraint load_state_pkey primary key (relation)
);

comment on table stg.load_state
is 'The watermark of each dbt model: moved in the transaction that writes the model''s rows';

-- Positions are drawn before they are committed, so the highest one in the table may have a lower
-- one still on its way. Writers hold one lock shared while their transaction is open; whoever takes
-- it alone knows that nobody is between drawing a position and committing it.

create or replace function stg.hold_positions() returns void
language sql volatile
as $$ select pg_advisory_xact_lock_shared(hashtext('ordervault.stg.positions')) $$;

comment on function stg.hold_positions
is 'First statement of every transaction that draws positions';

create or replace function stg.cut() returns bigint
language plpgsql volatile -- volatile: each statement takes a new snapshot, the second one after the lock
set lock_timeout = '60s'
as $$
declare
    positions constant bigint := hashtext('ordervault.stg.positions');
    highest bigint;
begin
    begin
        perform pg_advisory_lock(positions);
    exception when lock_not_available then
        raise exception 'an ingestor has held its transaction open for 60 s, so no window of events can be cut'
            using errcode = 'lock_not_available',
            hint = 'find it in pg_stat_activity (application_name ''ingest stg'') and end it';
    end;
    begin
        select greatest(
            0,
            (select max(event_no) from stg.order_events),
            (select max(event_no) from stg.event_reloads)
        ) into highest;
    exception when query_canceled or others then
        perform pg_advisory_unlock(positions);
        raise;
    end;
    perform pg_advisory_unlock(positions);
    return highest;
end
$$;

comment on function stg.cut
is 'The highest position of which every position at or below is committed or gone';
