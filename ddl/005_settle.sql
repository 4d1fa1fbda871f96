-- Where rows lie on several servers, a transaction that has ended here may have rows there that cannot
-- be seen yet. On one server there are none: nothing to wait for. Replaced in 006_distribute.sql.

create or replace function stg.settle() returns bigint
language sql volatile
as $$
    select 0::bigint
$$;

comment on function stg.settle
is 'Waits until all that has been committed can be seen on every server; returns how many it waited for';

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
    -- Not before: a writer may have ended since then.
    perform stg.settle();
    return least(highest, held);
end
$$;
