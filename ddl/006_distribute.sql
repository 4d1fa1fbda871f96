-- each time, afterwards
-- Of a database that has the extension Citus: what of stg is on its workers. Events lie by event_id, so
-- that the key that drops duplicates stays one; all else is the coordinator's. Of any other database:
-- nothing.

do $distribute$
begin
    if to_regproc('create_distributed_table') is null then
        return;
    end if;

    -- After a commit its rows may be prepared on a worker and not yet committed there: for
    -- milliseconds, or, if a connection was lost, until somebody recovers them. Whoever comes later is
    -- not waited for, or it might never end.
    create or replace function stg.settle() returns bigint
    language plpgsql volatile
    as $settle$
    declare
        last constant timestamptz := clock_timestamp() + interval '10 s';
        silent text;
        prepared text[];
        waited_for text[];
        looks bigint := 0;
    begin
        loop
            select
                string_agg(format('%s:%s: %s', nodename, nodeport, result), '; ') filter (where not success),
                string_to_array(string_agg(result, ' ') filter (where success and result != ''), ' ')
            from run_command_on_workers(
                'select string_agg(gid, '' '') from pg_prepared_xacts'
                ' where database = current_database() and starts_with(gid, ''citus_'')'
            )
            into silent, prepared;
            if silent is not null then
                raise exception 'a worker does not answer: %', silent using errcode = 'connection_failure';
            end if;
            waited_for := array(
                select gid from unnest(prepared) as gid where looks = 0 or gid = any(waited_for)
            );
            exit when waited_for = '{}';
            if clock_timestamp() > last then
                raise exception 'still prepared on a worker: %', waited_for
                    using errcode = 'connection_failure';
            end if;
            -- In a session of its own: in a transaction nothing that is prepared can be committed.
            if looks > 0 then
                perform run_command_on_coordinator('select recover_prepared_transactions()');
            end if;
            perform pg_sleep(0.01);
            looks := looks + 1;
        end loop;
        return looks;
    end
    $settle$;

    -- Every writer calls this before it reads. Where a connection has read a shard and changed nothing yet,
    -- Citus takes a COPY into that shard for no change: it would commit there what it has not prepared, when
    -- the coordinator has said already that the events are stored, and they would be lost with the connection.
    -- So each of them has something changed first, which is no row.
    create or replace function stg.hold_positions() returns void
    language plpgsql volatile
    set citus.all_modifications_commutative = on -- otherwise one writer waits for another to end
    as $hold$
    begin
        perform pg_advisory_xact_lock_shared(case when is_called then last_value else 0 end) from stg.positions;
        insert into stg.event_reloads select * from stg.event_reloads where position < 0; -- lies with the events
    end
    $hold$;

    if exists (select from pg_dist_partition where logicalrelid = 'stg.order_events'::regclass) then
        return;
    end if;
    -- Of a dump of another Citus some of it is done.
    alter table stg.event_reloads drop constraint event_reloads_event_id_fkey;
    alter table stg.event_reloads drop constraint event_reloads_pkey;
    alter table stg.event_reloads add constraint event_reloads_pkey primary key (position, event_id);
    alter table stg.order_events drop constraint if exists order_events_position_key;
    create index if not exists order_events_position_idx on stg.order_events (position);
    -- A worker has a part of the sequence of its own, far above the coordinator's: no position may be
    -- drawn there.
    alter table stg.order_events drop constraint if exists order_events_position_check;
    alter table stg.event_reloads drop constraint if exists event_reloads_position_check;
    alter table stg.order_events add constraint order_events_position_check check (position < 1::bigint << 48);
    alter table stg.event_reloads add constraint event_reloads_position_check check (position < 1::bigint << 48);
    perform create_distributed_table('stg.order_events', 'event_id');
    perform create_distributed_table('stg.event_reloads', 'event_id', colocate_with => 'stg.order_events');
    -- What was copied to the workers would stay here as well.
    perform truncate_local_data_after_distributing_table('stg.order_events');
    perform truncate_local_data_after_distributing_table('stg.event_reloads');
    alter table stg.event_reloads add constraint event_reloads_event_id_fkey
    foreign key (event_id) references stg.order_events;
    perform create_distributed_function('stg.unknown_status(text)');
end
$distribute$;
