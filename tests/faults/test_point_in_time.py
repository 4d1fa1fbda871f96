"""Point-in-time recovery as the runbook has it: base backup, archived WAL, a time to go back to."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.feed import feed
from sandbox.guardian import Guardian
from sandbox.postgres import postgres_server, server_on
from sandbox.server import HOST, Server
from sandbox.simulator import Shares, simulate
from sandbox.stack import Stack
from tests.base_backup import base_backup
from tests.convergence.comparison import assert_equals_model, stored_events
from tests.convergence.test_any_run_is_safe import assert_outbox_is_right
from tests.dbt_project import DbtProject
from tests.faults.bench import in_full
from tests.faults.processes import wait_until
from tests.world import DATABASE, World, connect, prepare

SHARES = Shares(late=0.1, repeated=0.05, sent_again=0.05, bad=0.03)
ARCHIVED = """
select last_archived_wal >= %s from pg_stat_archiver where failed_count = 0
"""
LOADED = "select array[count(*), max(position)] from stg.order_events"


@pytest.fixture
def archiving(own_stack: Stack) -> Iterator[tuple[Guardian, Server, dict[str, str]]]:
    """A PostgreSQL that archives its WAL in a folder, beside the other servers."""
    guardian = Guardian(Path(tempfile.mkdtemp(prefix="ordervault-")))
    try:
        (server,), settings = postgres_server(guardian, durable=True, time_zone="UTC")
        archive = guardian.folder / "archive"
        archive.mkdir()
        archive.chmod(0o777)  # the server's user is another one
        server.start()
        server.wait()
        where = prepare({**own_stack.environment, **settings})
        connection = connect(where, "postgres")
        with connection.cursor() as cursor:
            cursor.execute("alter system set archive_mode = on")
            cursor.execute(
                f"alter system set archive_command = 'test ! -f {archive}/%f && cp %p {archive}/%f'"
            )
        connection.close()
        server.stop()
        server.restart()
        yield guardian, server, where
    finally:
        guardian.close()


@in_full
@pytest.mark.timeout(900)
def test_a_warehouse_that_went_back_in_time_gets_everything_again(
    archiving: tuple[Guardian, Server, dict[str, str]], dbt: DbtProject
) -> None:
    guardian, server, where = archiving
    world = World(where)
    steps = list(simulate(60, seed=21, shares=SHARES))
    quarter = len(steps) // 4

    def go_on(number: int) -> None:
        feed(steps[number * quarter : (number + 1) * quarter], world.settings)
        world.stg()
        dbt.build(world)
        world.emit()

    go_on(0)
    base_backup(where, guardian.folder / "restored")
    go_on(1)
    loaded = world.value(LOADED)
    wanted = world.value("select clock_timestamp()::text")
    go_on(2)
    assert world.value(LOADED) != loaded
    last = world.value("select pg_walfile_name(pg_switch_wal())")
    wait_until(lambda: world.value(ARCHIVED, last), "the WAL to be archived")
    world.connection.close()
    server.kill()

    restored = guardian.folder / "restored"
    (restored / "recovery.signal").touch()
    with (restored / "postgresql.auto.conf").open("a") as settings:
        settings.write(
            f"restore_command = 'cp {guardian.folder}/archive/%f %p'\n"
            f"recovery_target_time = '{wanted}'\n"
            "recovery_target_action = promote\n"
        )
    back = server_on(guardian, restored, HOST, int(where["PG_WAREHOUSE_PORT"]))
    back.start()
    back.wait()
    world.connection = connect(where, DATABASE)
    wait_until(lambda: not world.value("select pg_is_in_recovery()"), "the end of the recovery")
    assert world.value(LOADED) == loaded

    refused = world.ingest("stg", "--once", check=False)
    assert refused.returncode == 1
    assert "Run `ingest recover`" in refused.stderr
    assert "rows of stg.order_events put back" in world.ingest("recover").stdout
    dbt.build(world)
    world.emit()
    assert_equals_model(world)
    go_on(3)
    assert_equals_model(world)
    assert_outbox_is_right(world, stored_events(world))
    assert len(world.onward()) == world.value("select count(*) from stg.order_events")
    assert "lacks nothing" in world.ingest("recover").stdout
    assert "all well" in world.ingest("status").stdout
    world.close()
