"""A warehouse of an older version, restored from its dump, goes on with this one."""

import subprocess

from sandbox.clients import client_binary
from sandbox.feed import feed
from sandbox.simulator import Reference
from tests.convergence.comparison import assert_equals_model, stored_events
from tests.convergence.test_any_run_is_safe import assert_outbox_is_right
from tests.dbt_project import DbtProject
from tests.older_warehouse import DUMP, split
from tests.world import DATABASE, World, connect, new_database


def restore(world: World) -> None:
    world.connection.close()
    new_database(world.environment, DATABASE)
    environment = {
        "PGHOST": world.environment["PG_WAREHOUSE_HOST"],
        "PGPORT": world.environment["PG_WAREHOUSE_PORT"],
        "PGUSER": world.environment["PG_WAREHOUSE_USER"],
    }
    psql = [str(client_binary("psql")), "--quiet", "--set=ON_ERROR_STOP=1", f"--file={DUMP}"]
    subprocess.run([*psql, DATABASE], env=environment, stdout=subprocess.DEVNULL, check=True)
    world.connection = connect(world.environment, DATABASE)


def test_a_warehouse_of_an_older_version_goes_on_after_the_upgrade(
    world: World, dbt: DbtProject
) -> None:
    restore(world)
    refused = world.ingest("stg", "--once", check=False)
    assert refused.returncode == 2
    assert "Run `ingest init` first" in refused.stderr
    applied = world.ingest("init").stdout
    assert "applied ddl/004_watermarks.sql" in applied
    assert applied.endswith("ready\n")

    before = world.value("select count(*) from stg.order_events")
    assert world.value("select count(*) from dds.h_order") > 0
    assert world.value("select max(position) from dds.outbox") > 0
    dbt.build(world)
    assert_equals_model(world)

    *done, later = split()
    feed([step for part in done for step in part if isinstance(step, Reference)], world.settings)
    feed(later, world.settings)
    assert world.stg()["stored"] > 0
    dbt.build(world)
    assert world.value("select count(*) from stg.order_events") > before
    assert_equals_model(world)
    assert_outbox_is_right(world, stored_events(world))
    dbt.build(world, "--full-refresh")
    assert_equals_model(world)
    world.ingest("emit")  # the dump's own orders have waited since it was made
    assert "all well" in world.ingest("status").stdout
