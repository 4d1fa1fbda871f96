"""Events of the simulator: what increments made, a full refresh makes again."""

import os

import pytest

from tests.convergence.harness import insert
from tests.convergence.simulated import simulated
from tests.dbt_project import DbtProject, problems
from tests.world import World

ORDERS = int(os.environ.get("FULL_REFRESH_ORDERS", "400"))
PARTS = 4


def contents(world: World) -> dict[str, str]:
    """A digest of each table of the vault and the marts, the outbox aside."""
    tables = world.rows(
        "select schemaname || '.' || tablename as name from pg_tables"
        " where schemaname in ('dds', 'cdm') and tablename <> 'outbox'"
    )
    return {
        table["name"]: world.value(
            f"select md5(string_agg(row::text, E'\\n' order by row::text)) from {table['name']} row"
        )
        for table in tables
    }


@pytest.mark.timeout(1200)
def test_a_full_refresh_of_the_simulators_orders_changes_nothing_and_sends_nothing(
    world: World, dbt: DbtProject
) -> None:
    events = list(simulated(ORDERS))
    size = len(events) // PARTS + 1
    for start in range(0, len(events), size):
        insert(world.connection, events[start : start + size])
        dbt.build(world)
    sent = world.emit()
    assert sent == world.value("select count(*) from dds.outbox") > ORDERS / 2
    before = contents(world)
    assert len(before) == 25

    dbt.build(world, "--full-refresh")
    assert contents(world) == before
    assert world.emit() == 0
    tested = dbt.invoke(world, "test", "--select", "dds+")
    assert tested.success, problems(tested)
