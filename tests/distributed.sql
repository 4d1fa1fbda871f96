-- Stands in for Citus on one Postgres: what the project calls of it, with what it checks. That a statement
-- joins only what lies together, Citus alone can tell.

create table public.pg_dist_partition (logicalrelid regclass primary key, partkey name, kind regtype);

-- Of the workers: our transactions that are prepared there, and whether they answer.
create table public.prepared_on_workers (gid text primary key, database name not null default current_database());
create table public.workers (nodename text, nodeport integer, answers boolean);
insert into public.workers values ('127.0.0.1', 1, true), ('127.0.0.1', 2, true);

create function public.create_distributed_table(
    table_name regclass, distribution_column text, colocate_with text default 'default'
) returns void
language plpgsql
as $$
declare
    column_type regtype;
begin
    select atttypid from pg_attribute
    where attrelid = table_name and attname = distribution_column and attnum > 0 and attgenerated = ''
    into column_type;
    if column_type is null then
        raise exception 'column "%" of relation "%" does not exist', distribution_column, table_name;
    end if;
    if colocate_with != 'default' and not exists (
        select from pg_dist_partition where logicalrelid = colocate_with::regclass and kind = column_type
    ) then
        raise exception 'cannot colocate tables % and %', colocate_with, table_name;
    end if;
    insert into pg_dist_partition values (table_name, distribution_column, column_type);
    perform check_keys();
end
$$;

create function public.create_reference_table(table_name regclass) returns void
language plpgsql
as $$
begin
    insert into pg_dist_partition values (table_name, null, null);
    perform check_keys();
end
$$;

create function public.truncate_local_data_after_distributing_table(table_name regclass) returns void
language plpgsql
as $$
begin
    if not exists (select from pg_dist_partition where logicalrelid = table_name) then
        raise exception 'supplied parameter is not a distributed table';
    end if;
end
$$;

create function public.create_distributed_function(function_name regprocedure) returns void
language sql
as $$
    select
$$;

-- Every key holds the column by which its table lies, and refers only to what lies with it.
create function public.check_keys() returns void
language plpgsql
as $$
declare
    wrong text;
begin
    select string_agg(indexes.indexrelid::regclass::text, ', ')
    from pg_index as indexes
    inner join public.pg_dist_partition as tables on indexes.indrelid = tables.logicalrelid
    inner join pg_attribute as columns
        on tables.logicalrelid = columns.attrelid and tables.partkey = columns.attname
    where indexes.indisunique and columns.attnum != all (indexes.indkey)
    into wrong;
    if wrong is not null then
        raise exception 'cannot create constraint on "%": without the distribution column', wrong;
    end if;
    select string_agg(keys.conname, ', ')
    from pg_constraint as keys
    left join public.pg_dist_partition as referring on keys.conrelid = referring.logicalrelid
    left join public.pg_dist_partition as referred on keys.confrelid = referred.logicalrelid
    where
        keys.contype = 'f'
        and not (referring.logicalrelid is null and referred.logicalrelid is null)
        and not coalesce(referring.logicalrelid is not null and referred.partkey is null, false)
        and not coalesce(
            referring.kind = referred.kind
            and array[(
                select attnum from pg_attribute where attrelid = keys.conrelid and attname = referring.partkey
            )] <@ keys.conkey,
            false
        )
    into wrong;
    if wrong is not null then
        raise exception 'cannot create foreign key constraint %: the tables do not lie together', wrong;
    end if;
end
$$;

create function public.check_keys_after() returns event_trigger
language plpgsql
as $$
begin
    perform public.check_keys();
end
$$;

-- A change of a table goes to the workers with all that was sent beside it; a key that is given no name stands alone
-- in its statement.
create function public.check_alone() returns event_trigger
language plpgsql
as $$
begin
    if not exists (
        select from pg_event_trigger_ddl_commands()
        where objid in (select logicalrelid from public.pg_dist_partition)
    ) then
        return;
    end if;
    if current_query() !~* '^(\s|--[^\n]*\n)*do \$' and rtrim(current_query(), E' \n;') ~ ';' then
        raise exception 'cannot insert multiple commands into a prepared statement';
    end if;
    if current_query() ~* '\madd primary key *\([^)]*\) *,|,\s*add primary key\M' then
        raise exception 'cannot execute ADD CONSTRAINT command with other subcommands';
    end if;
end
$$;

create event trigger check_alone on ddl_command_end
when tag in ('ALTER TABLE') execute function public.check_alone();

create event trigger check_keys on ddl_command_end
when tag in ('CREATE INDEX', 'ALTER TABLE') execute function public.check_keys_after();

create function public.recover_prepared_transactions() returns integer
language sql
as $$
    with recovered as (delete from prepared_on_workers returning gid) select count(*)::integer from recovered
$$;

create function public.run_command_on_coordinator(command text) returns void
language plpgsql
as $$
begin
    execute command;
end
$$;

create function public.run_command_on_workers(
    command text, out nodename text, out nodeport integer, out success boolean, out result text
) returns setof record
language plpgsql
as $$
begin
    for nodename, nodeport, success in select * from workers order by workers.nodeport loop
        result := 'failed to connect';
        if success then
            execute replace(command, 'pg_prepared_xacts', 'public.prepared_on_workers') into result;
        end if;
        return next;
    end loop;
end
$$;
