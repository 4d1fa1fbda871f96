-- What the ingestor writes and the transformations read.

create schema if not exists stg;

comment on schema stg
is 'Events as they came, enriched; written by the ingestor, never by dbt';

-- Events, dead letters and reloads draw from one sequence. A position says in which order rows are
-- published, and which rows a window of events holds. Gaps are normal. CACHE 1, or stg.cut() is wrong.
create sequence if not exists stg.positions cache 1;

-- One row for each distinct event, never updated.
create table if not exists stg.order_events (
    position bigint not null default nextval('stg.positions'),
    event_id uuid not null,
    object_id bigint not null,
    object_type text not null,
    sent_dttm timestamp not null,
    payload jsonb not null,
    kafka_topic text not null,
    kafka_partition integer not null,
    kafka_offset bigint not null,
    loaded_at timestamp not null default (now() at time zone 'UTC'),
    constraint order_events_pkey primary key (event_id),
    constraint order_events_position_key unique (position)
);

create index if not exists order_events_object_id_idx on stg.order_events (object_id);

-- Not compressed: so pg_column_size tells the publisher how much a row brings, without reading it.
alter table stg.order_events alter column payload set storage external;

comment on table stg.order_events
is 'One row for each distinct event of the source topic, as it was first enriched';
comment on column stg.order_events.position
is 'The place of the row in the topic; models read windows of positions';
comment on column stg.order_events.event_id
is 'UUIDv8 of the raw message bytes';
comment on column stg.order_events.payload
is 'The whole message, enriched';
comment on column stg.order_events.kafka_topic
is 'With partition and offset: where the event first came from';

-- Events that are to be read again, as if they came now: one row for each time.
create table if not exists stg.event_reloads (
    position bigint not null default nextval('stg.positions'),
    event_id uuid not null references stg.order_events,
    requested_at timestamp not null default (now() at time zone 'UTC'),
    constraint event_reloads_pkey primary key (position)
);

create index if not exists event_reloads_event_id_idx on stg.event_reloads (event_id);

comment on table stg.event_reloads
is 'Each row gives an event a new position, and the models read it again: by `ingest repair` and `ingest recover`';

-- What could not be loaded, with the bytes as they came.
create table if not exists stg.dead_letters (
    position bigint not null default nextval('stg.positions'),
    kafka_topic text not null,
    topic_id text not null,
    kafka_partition integer not null,
    kafka_offset bigint not null,
    kafka_timestamp timestamp,
    message_key bytea,
    message_value bytea,
    message_headers jsonb not null default '[]',
    object_id bigint,
    first_reason text not null,
    first_detail text not null,
    reason text not null,
    detail text not null,
    attempts integer not null default 1,
    first_seen_at timestamp not null default (now() at time zone 'UTC'),
    last_seen_at timestamp not null default (now() at time zone 'UTC'),
    next_attempt_at timestamp,
    resolved_at timestamp,
    resolution text,
    constraint dead_letters_pkey primary key (position),
    -- The topic's id too: a topic that was made anew has other messages there.
    constraint dead_letters_message_key unique (kafka_topic, topic_id, kafka_partition, kafka_offset)
);

alter table stg.dead_letters
alter column message_value set storage external,
alter column message_headers set storage external;

create index if not exists dead_letters_open_idx on stg.dead_letters (reason) where resolved_at is null;
create index if not exists dead_letters_due_idx
on stg.dead_letters (next_attempt_at) where resolved_at is null;

comment on table stg.dead_letters
is 'Messages that could not be loaded: where they were, why, and their bytes';
comment on column stg.dead_letters.position
is 'The place of the row in the dead letter topic, and its number for operators';
comment on column stg.dead_letters.first_reason
is 'With first_detail: why it was rejected, as its copy in the dead letter topic says';
comment on column stg.dead_letters.reason
is 'With detail: why the last attempt failed';
comment on column stg.dead_letters.attempts
is 'How often it was tried: when it came, and by each replay';
comment on column stg.dead_letters.next_attempt_at
is 'When `ingest stg` tries again, because reference data was missing; null: never';
comment on column stg.dead_letters.resolution
is 'stored, dropped, or skipped: of another object_type';

-- How far each partition has been read, moved in the transaction that stores its messages.
create table if not exists stg.source_progress (
    kafka_topic text not null,
    kafka_partition integer not null,
    topic_id text not null,
    next_offset bigint not null,
    duplicates bigint not null default 0,
    skipped bigint not null default 0,
    updated_at timestamp not null default (now() at time zone 'UTC'),
    constraint source_progress_pkey primary key (kafka_topic, kafka_partition)
);

comment on table stg.source_progress
is 'One row for each partition of the source: where reading goes on. The consumer group''s offsets are only a copy';
comment on column stg.source_progress.topic_id
is 'Kafka''s id of the topic: a topic that was made anew has another one';
comment on column stg.source_progress.duplicates
is 'Messages that repeat a stored event';
comment on column stg.source_progress.skipped
is 'Messages whose object_type is not order';

-- One row for each topic that is the copy of a table.
create table if not exists stg.publications (
    topic text not null,
    table_id uuid not null default gen_random_uuid(),
    promised bigint not null default 0,
    compared_with timestamptz,
    constraint publications_pkey primary key (topic)
);

comment on table stg.publications
is 'One row for each topic that is the copy of a table. How far that has come lies in Kafka, in <topic>.progress';
comment on column stg.publications.table_id
is 'Tells this warehouse from another one that publishes to the same topic';
comment on column stg.publications.promised
is 'No row above this position has ever been published: committed before the rows leave';
comment on column stg.publications.compared_with
is 'Start time of the server that was last compared with the topic: only then is anything loaded into it';

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

-- Writers commit in parallel, so below the highest position that can be seen there may be others on
-- their way. Before a writer draws, it takes a shared lock, named by the last value of the sequence,
-- that lasts as long as its transaction: all that it draws is higher. So every position up to the
-- lowest such name is committed or gone. Nobody waits for anybody. Our other advisory locks have two
-- keys, and so another objsubid.

create or replace function stg.hold_positions() returns void
language sql volatile
as $$
    select pg_advisory_xact_lock_shared(case when is_called then last_value else 0 end)
    from stg.positions
$$;

comment on function stg.hold_positions
is 'Every transaction that draws positions calls it first';

create or replace function stg.cut() returns bigint
language plpgsql volatile -- each statement takes a new snapshot
as $$
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

comment on function stg.cut
is 'A position of which every position at or below is committed or gone';

create or replace function stg.end_frozen_writers(longest interval) returns bigint
language sql volatile
as $$
    select count(pg_terminate_backend(pid))
    from pg_stat_activity
    where
        datname = current_database()
        and application_name like 'ingest %'
        and clock_timestamp() - xact_start > longest
        and pid in (select pid from pg_locks where locktype = 'advisory' and objsubid = 1)
$$;

comment on function stg.end_frozen_writers
is 'Ends sessions that have held positions too long: no timeout fires for one that is frozen in COPY';

create or replace function stg.unknown_status(status text) returns integer
language plpgsql immutable
as $$
begin
    raise exception 'the status % is not in the seed order_statuses', to_json(status)
        using hint = 'an ingestor of a newer version has stored it: upgrade the models as well, or add it to the seed';
end
$$;

comment on function stg.unknown_status
is 'Stops a build that meets a status without a place in the life cycle: nothing is dropped';
