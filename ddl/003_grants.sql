-- each time
-- What each role may do. Applied by every `ingest init`: a role that is made later gets its rights with
-- the next one. Of tables that dbt makes, readers get each new one from dbt itself.

do $$
declare
    entitled record;
begin
    for entitled in
        select rights.role_name, rights.privileges
        from (
            values
            -- ingest stg, dead-letters, repair
            ('ordervault_ingestor', 'stg', 'usage on schema stg'),
            ('ordervault_ingestor', 'stg', 'select, insert on stg.order_events, stg.event_reloads'),
            ('ordervault_ingestor', 'stg', 'usage, select on sequence stg.positions'),
            (
                'ordervault_ingestor', 'stg',
                'select, insert, update on stg.dead_letters, stg.source_progress, stg.publications'
            ),
            -- dbt, ingest dds, ingest cdm
            ('ordervault_transformer', 'stg', 'usage on schema stg'),
            ('ordervault_transformer', 'staging', 'usage, create on schema staging'),
            ('ordervault_transformer', 'dds', 'usage, create on schema dds'),
            ('ordervault_transformer', 'cdm', 'usage, create on schema cdm'),
            ('ordervault_transformer', 'marts', 'usage, create on schema marts'),
            (
                'ordervault_transformer', 'stg',
                'select on stg.order_events, stg.event_reloads, stg.dead_letters, stg.source_progress'
            ),
            ('ordervault_transformer', 'stg', 'select, insert, update on stg.load_state, stg.publications'),
            -- ingest emit
            ('ordervault_emitter', 'stg', 'usage on schema stg'),
            ('ordervault_emitter', 'stg', 'select, insert, update on stg.publications'),
            ('ordervault_emitter', 'dds', 'usage on schema dds'),
            -- ingest status, ingest check status
            ('ordervault_monitor', 'stg', 'usage on schema stg'),
            (
                'ordervault_monitor', 'stg',
                'select on stg.order_events, stg.event_reloads, stg.dead_letters, stg.source_progress'
            ),
            ('ordervault_monitor', 'stg', 'select on stg.load_state, stg.publications'),
            ('ordervault_monitor', 'stg', 'select on sequence stg.positions'),
            ('ordervault_monitor', 'staging', 'usage on schema staging'),
            ('ordervault_monitor', 'dds', 'usage on schema dds'),
            ('ordervault_monitor', 'cdm', 'usage on schema cdm'),
            -- analysts
            ('ordervault_reader', 'dds', 'usage on schema dds'),
            ('ordervault_reader', 'cdm', 'usage on schema cdm'),
            ('ordervault_reader', 'marts', 'usage on schema marts')
        ) as rights (role_name, schema_name, privileges)
        inner join pg_namespace as schemas
            on rights.schema_name = schemas.nspname
        where
            to_regrole(rights.role_name) is not null
            and pg_has_role(schemas.nspowner, 'usage') -- only an owner may grant
        union all
        select
            readers.role_name,
            'select on ' || made.oid::regclass
        from pg_class as made
        cross join (values ('ordervault_reader'), ('ordervault_emitter'), ('ordervault_monitor')) as readers (role_name)
        where
            made.relkind in ('r', 'v')
            and made.relnamespace::regnamespace::text in ('dds', 'cdm', 'marts')
            and (readers.role_name = 'ordervault_reader' or made.relname = 'outbox')
            and to_regrole(readers.role_name) is not null
            and pg_has_role(made.relowner, 'usage')
    loop
        execute format('grant %s to %I', entitled.privileges, entitled.role_name);
    end loop;
end
$$;
