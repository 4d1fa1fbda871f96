-- requires: createrole
-- Least privilege: grant one of these roles to the user of each service.
-- dbt sets its role by PG_WAREHOUSE_ROLE, so that whoever runs it, the tables have one owner.

create schema if not exists staging;
create schema if not exists dds;
create schema if not exists cdm;

do $$
declare
    wanted text;
begin
    foreach wanted in array array[
        'ordervault_ingestor', 'ordervault_transformer', 'ordervault_emitter', 'ordervault_reader'
    ] loop
        if not exists (select from pg_roles where rolname = wanted) then
            execute format('create role %I nologin', wanted);
        end if;
    end loop;
end
$$;

-- ingest stg, dead-letters, repair
grant usage on schema stg to ordervault_ingestor;
grant select, insert on stg.order_events, stg.event_reloads to ordervault_ingestor;
grant usage, select on sequence stg.positions to ordervault_ingestor;
grant select, insert, update on stg.dead_letters, stg.source_progress, stg.publications to ordervault_ingestor;

-- dbt, ingest dds, ingest cdm
grant usage on schema stg to ordervault_transformer;
grant usage, create on schema staging, dds, cdm to ordervault_transformer;
grant select on stg.order_events, stg.event_reloads, stg.dead_letters, stg.source_progress
to ordervault_transformer;
grant select, insert, update on stg.load_state, stg.publications to ordervault_transformer;

-- ingest emit; dbt grants it the outbox itself
grant usage on schema dds, stg to ordervault_emitter;
grant select, insert, update on stg.publications to ordervault_emitter;

-- analysts; dbt grants them the tables
grant usage on schema dds, cdm to ordervault_reader;
