"""A trial build, into schemas of its own: `dbt build --target dev`."""

from pathlib import Path

import pytest

from tests.convergence.harness import insert
from tests.convergence.simulated import simulated
from tests.dbt_project import DbtProject
from tests.world import World

TABLES = """
select replace(table_schema, 'trial_', '') || '.' || table_name as name
from information_schema.tables
where table_schema = any(%s)
"""


def contents(world: World, table: str) -> list[str]:
    """The rows in an order of their own."""
    rows = world.rows(f"select row_to_json(t) as row from {table} t")
    return sorted(str(row["row"]) for row in rows)


def tables(world: World, *schemas: str) -> set[str]:
    return {row["name"] for row in world.rows(TABLES, list(schemas))}


def test_a_trial_build_makes_the_same_and_leaves_the_warehouse_alone(
    world: World, dbt: DbtProject
) -> None:
    world.environment["DBT_DEV_SCHEMA"] = "trial"
    insert(world.connection, list(simulated(30)))
    trial = DbtProject("--target", "dev")
    trial.build(world)
    assert not tables(world, "staging", "dds", "cdm")
    dbt.build(world)
    made = tables(world, "staging", "dds", "cdm")
    assert made == tables(world, "trial_staging", "trial_dds", "trial_cdm")
    for table in made - {"dds.outbox"}:
        assert contents(world, table) == contents(world, f"trial_{table}")
    assert world.emit() == world.value("select count(*) from trial_dds.outbox") > 0


def test_a_trial_of_one_model_reads_what_the_warehouse_has_of_its_parents(
    world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    world.environment["DBT_DEV_SCHEMA"] = "trial"
    insert(world.connection, list(simulated(30)))
    dbt.build(world)
    dbt.write_state(tmp_path)
    deferred = ("--select", "user_product_counters", "--defer", "--state", str(tmp_path))
    DbtProject("--target", "dev").build(world, *deferred)
    assert tables(world, "trial_staging", "trial_dds", "trial_cdm") == {"cdm.user_product_counters"}
    counted = contents(world, "cdm.user_product_counters")
    assert counted == contents(world, "trial_cdm.user_product_counters") != []


def test_what_was_believed_at_a_time_is_built_from_what_had_come_by_then(
    world: World, dbt: DbtProject
) -> None:
    """Timelines are corrected in place; the events are all there still."""
    world.environment["DBT_DEV_SCHEMA"] = "trial"
    insert(world.connection, list(simulated(30)))
    world.execute(
        "update stg.order_events set loaded_at = timestamp '2024-03-01' + position * interval '1 s'"
    )
    middle = world.value("select max(position) / 2 from stg.order_events")
    known_at = world.value(
        "select loaded_at::text from stg.order_events where position = %s", middle
    )
    trial = DbtProject("--target", "dev", "--vars", f"as_known_at: '{known_at}'")
    trial.build(world)
    known = world.value("select max(position) from trial_staging.stg_orders")
    assert known == middle
    world.execute("delete from stg.order_events where position > %s", middle)
    dbt.build(world)
    for table in ("dds.s_order_status", "dds.s_user_names", "cdm.user_product_counters"):
        assert contents(world, table) == contents(world, f"trial_{table}")
    with pytest.raises(AssertionError, match="as_known_at is for a trial build"):
        DbtProject("--vars", f"as_known_at: '{known_at}'").build(world)
