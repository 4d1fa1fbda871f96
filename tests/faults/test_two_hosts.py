"""PG_WAREHOUSE_HOST=a,b: a primary and its standby on two addresses, and the fail-over to it."""

import tempfile
from pathlib import Path

import pytest

from sandbox.guardian import Guardian
from sandbox.postgres import server_on
from sandbox.stack import Stack
from tests.base_backup import base_backup
from tests.convergence.comparison import assert_equals_model
from tests.faults.bench import in_full
from tests.faults.processes import wait_until
from tests.world import CLOSED, DATABASE, RESTAURANT, USER, World, connect, encoded, order

STANDBY = "127.0.0.2"
CAUGHT_UP = "select bool_and(replay_lsn = pg_current_wal_lsn()) from pg_stat_replication"


@in_full
@pytest.mark.timeout(900)
def test_the_host_that_can_be_written_to_is_taken(own_stack: Stack, own_world: World) -> None:
    """By `ingest`, by the dbt of its services, and by dbt by hand with libpq's own variable."""
    world = own_world
    world.know(USER, RESTAURANT)
    guardian = Guardian(Path(tempfile.mkdtemp(prefix="ordervault-")))
    try:
        base_backup(world.environment, guardian.folder / "standby", "--write-recovery-conf")
        port = int(world.environment["PG_WAREHOUSE_PORT"])
        standby = server_on(guardian, guardian.folder / "standby", STANDBY, port)
        standby.start()
        standby.wait()
        primary = world.environment["PG_WAREHOUSE_HOST"]
        world.environment |= {
            "PG_WAREHOUSE_HOST": f"{STANDBY},{primary}",
            "PG_WAREHOUSE_SSLMODE": "prefer",
        }
        go_on(world, 1)

        wait_until(lambda: world.value(CAUGHT_UP), "the standby to have everything")
        own_stack.servers["postgres"].kill()
        own = connect({**world.environment, "PG_WAREHOUSE_HOST": STANDBY}, DATABASE)
        with own.cursor() as cursor:
            cursor.execute("select pg_promote()")
        world.connection.close()
        world.connection = own
        go_on(world, 2)
        assert_equals_model(world)
        assert "lacks nothing" in world.ingest("recover").stdout
    finally:
        guardian.close()


def go_on(world: World, number: int) -> None:
    """Another closed order, all the way."""
    world.send(encoded(order(number, statuses=CLOSED)))
    assert "1 stored" in world.ingest("stg", "--once").stdout
    world.ingest("dds", "--once")
    by_hand = {"PGTARGETSESSIONATTRS": "read-write"}
    world.dbt("run", "--select", "cdm", **by_hand)
    assert len(world.closed()) == number
    assert world.value("select sum(order_cnt) from cdm.user_product_counters") == number
