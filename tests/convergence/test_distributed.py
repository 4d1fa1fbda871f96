"""With `distributed: true` the same rows; tests/distributed.sql stands in for Citus."""

from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import errors

from sandbox.feed import feed
from sandbox.simulator import Shares, simulate
from tests.convergence.comparison import assert_equals_model, stored_events
from tests.convergence.handmade import event
from tests.convergence.harness import Harness, insert
from tests.convergence.histories import History
from tests.convergence.model import final_messages
from tests.convergence.test_convergence import generated
from tests.dbt_project import DISTRIBUTED_PROJECT, DbtFailed, DbtProject
from tests.dump import back_up, restore
from tests.world import DATABASE, DISTRIBUTED, World, apply_ddl, new_database

HISTORIES = 20
LYING = "select logicalrelid::text as name, partkey::text from pg_dist_partition"
WATERMARKS = "select * from stg.load_state order by relation"
TABLES = """
select oid::regclass::text as name
from pg_class
where relkind = 'r' and relnamespace::regnamespace::text in ('staging', 'dds', 'cdm')
"""

# Notes of each watermark that is moved whether its transaction waits for the disk.
WATCH = """
create table public.seen (waits text);
create function public.see() returns trigger language plpgsql as $$
begin
    insert into public.seen values (current_setting('synchronous_commit'));
    return null;
end
$$;
create trigger see after update on stg.load_state execute function public.see()
"""


class DistributedWorld(World):
    """A world whose database says that it has Citus."""

    def new_database(self) -> None:
        super().new_database()
        if not DISTRIBUTED:  # otherwise all worlds do
            apply_ddl(self.environment, DATABASE, distributed=True)


@pytest.fixture(scope="module")
def distributed(servers: dict[str, str]) -> Iterator[Harness]:
    world = DistributedWorld(servers)
    yield Harness(world, DbtProject(*DISTRIBUTED_PROJECT))
    world.close()


@pytest.fixture
def world(distributed: Harness) -> World:
    distributed.world.new_database()
    return distributed.world


def some() -> list[History]:
    return next(iter(generated(HISTORIES, batches=3)))


def test_increments_give_the_models_rows(distributed: Harness) -> None:
    distributed.check(some())


def test_a_full_refresh_gives_the_models_rows(distributed: Harness) -> None:
    distributed.check(some(), "--full-refresh")


def test_each_table_lies_as_its_model_says(distributed: Harness, world: World) -> None:
    insert(world.connection, [event(1)])
    distributed.dbt.build(world)
    lying = {row["name"]: row["partkey"] for row in world.rows(LYING)}
    assert lying["stg.order_events"] == lying["stg.event_reloads"] == "event_id"
    assert lying["staging.stg_orders"] == lying["dds.s_order_cost"] == "h_order_pk"
    assert lying["cdm.user_product_counters"] == "user_id"
    assert lying["dds.h_product"] is lying["dds.order_statuses"] is None
    tables = {row["name"] for row in world.rows(TABLES)}
    assert tables - lying.keys() == {"dds.outbox"}


@pytest.mark.parametrize("lies_on_workers", [True, False])
def test_only_where_rows_and_watermark_lie_together_both_may_be_lost(
    distributed: Harness, world: World, dbt: DbtProject, *, lies_on_workers: bool
) -> None:
    """What a crash of one server takes back the others keep."""
    project = distributed.dbt
    if not lies_on_workers:
        project = DbtProject("--vars", "distributed: false") if DISTRIBUTED else dbt
        new_database(world.environment, DATABASE)
        apply_ddl(world.environment, DATABASE, distributed=False)
        world.reconnect()
    insert(world.connection, [event(1)])
    project.build(world)
    world.execute(WATCH)
    insert(world.connection, [event(2)])
    project.build(world)
    waits = {row["waits"] for row in world.rows("select waits from seen")}
    assert waits == {"on" if lies_on_workers else "off"}


def test_events_that_are_read_again_give_the_models_rows(
    distributed: Harness, world: World
) -> None:
    insert(world.connection, [event(1), event(2)])
    distributed.dbt.build(world)
    world.execute(
        "delete from staging.stg_orders; delete from dds.s_order_cost; delete from dds.h_user"
    )
    world.execute("insert into stg.event_reloads (event_id) select event_id from stg.order_events")
    distributed.dbt.build(world)
    assert_equals_model(world)


def test_a_project_that_is_not_set_as_the_database_is_builds_nothing(
    distributed: Harness, world: World, dbt: DbtProject
) -> None:
    if not DISTRIBUTED:
        with pytest.raises(DbtFailed, match="distributed"):
            dbt.build(world)
        World.new_database(world)
        with pytest.raises(DbtFailed, match="distributed"):
            distributed.dbt.build(world)


# --- a warehouse that was filled on one Postgres ---


def test_a_warehouse_that_moves_goes_on_where_it_was(
    distributed: Harness, world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    plain = DbtProject("--vars", "distributed: false") if DISTRIBUTED else dbt
    new_database(world.environment, DATABASE)
    apply_ddl(world.environment, DATABASE, distributed=False)
    world.reconnect()
    steps = list(simulate(60, seed=12, shares=Shares(late=0.05, repeated=0.05, sent_again=0.02)))
    third = len(steps) // 3
    feed(steps[:third], world.settings)
    world.stg()
    plain.build(world)
    world.emit()
    feed(steps[third : 2 * third], world.settings)
    world.stg()
    plain.build(world)  # built and not sent
    watermarks = world.rows(WATERMARKS)

    back_up(world, tmp_path / "dump")
    restore(world, tmp_path / "dump", distributed=True)
    world.ingest("init")
    with pytest.raises(DbtFailed, match="run-operation distribute_tables"):
        distributed.dbt.build(world)
    assert distributed.dbt.invoke(world, "run-operation", "distribute_tables").success
    lying = {row["name"] for row in world.rows(LYING)}
    assert {row["name"] for row in world.rows(TABLES)} - lying == {"dds.outbox"}
    assert distributed.dbt.build(world) == 0
    assert world.rows(WATERMARKS) == watermarks

    feed(steps[2 * third :], world.settings)
    world.stg()
    assert distributed.dbt.build(world) > 0
    world.emit()
    assert_equals_model(world)
    assert len(world.closed()) == world.value("select count(*) from dds.outbox")
    last = {message["object_id"]: message["payload"] for message in world.closed()}
    for number, message in final_messages(stored_events(world)).items():
        assert last[number] == message["payload"]


def test_a_warehouse_that_moves_from_another_citus_goes_on_where_it_was(
    distributed: Harness, world: World
) -> None:
    """Of its dump all lies on the coordinator, with the keys that Citus wants."""
    insert(world.connection, [event(1), event(2)])
    distributed.dbt.build(world)
    lying = world.rows(f"{LYING} order by name")
    world.execute("delete from pg_dist_partition")
    world.ingest("init")
    assert distributed.dbt.invoke(world, "run-operation", "distribute_tables").success
    assert world.rows(f"{LYING} order by name") == lying
    assert distributed.dbt.build(world) == 0
    insert(world.connection, [event(3)])
    assert distributed.dbt.build(world) > 0
    assert_equals_model(world)


# --- the cut, and what is prepared on a worker ---


def prepare(world: World, *names: str) -> None:
    for name in names:
        world.execute("insert into prepared_on_workers values (%s)", name)


def test_a_cut_has_what_is_left_on_a_worker_committed(world: World) -> None:
    prepare(world, "citus_0_1_2_3", "somebody's")
    world.execute("select stg.cut()")
    assert world.value("select count(*) from prepared_on_workers") == 0


def test_without_such_a_thing_nothing_is_waited_for(world: World) -> None:
    assert world.value("select stg.settle()") == 0
    prepare(world, "somebody's")
    assert world.value("select stg.settle()") == 0


def test_a_worker_that_does_not_answer_is_an_outage(world: World) -> None:
    world.execute("update workers set answers = false where nodeport = 2")
    with pytest.raises(psycopg2.OperationalError, match="failed to connect"):
        world.execute("select stg.cut()")


def test_a_build_waits_too(distributed: Harness, world: World) -> None:
    """A parent's watermark is seen before its rows are."""
    insert(world.connection, [event(1)])
    distributed.dbt.build(world, "--select", "stg_orders")
    prepare(world, "citus_0_1_2_3")
    distributed.dbt.build(world, "--select", "h_user")
    assert world.value("select count(*) from prepared_on_workers") == 0


def test_a_writer_changes_something_on_each_shard_before_it_reads(world: World) -> None:
    """Otherwise Citus commits what it copies over the same connections without preparing it."""
    world.execute("begin")
    world.execute("select stg.hold_positions()")
    locks = world.rows(
        "select mode from pg_locks where pid = pg_backend_pid()"
        " and relation = 'stg.event_reloads'::regclass"
    )
    world.execute("rollback")
    assert "RowExclusiveLock" in {row["mode"] for row in locks}


def test_no_position_is_drawn_on_a_worker(world: World) -> None:
    world.execute("select setval('stg.positions', (1::bigint << 48) - 1)")
    with pytest.raises(errors.CheckViolation):
        insert(world.connection, [event(1)])
