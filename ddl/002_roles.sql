-- requires: createrole
-- Least privilege: grant one of these roles to the user of each service. Their rights: 003_grants.sql.
-- dbt sets its role by PG_WAREHOUSE_ROLE, so that whoever runs it, the tables have one owner.

create schema if not exists staging;
create schema if not exists dds;
create schema if not exists cdm;
create schema if not exists marts;

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
