"""Changes of models on a filled warehouse: one edit and one build, also for what is stored."""

import shutil
from pathlib import Path

import pytest

from tests.convergence.handmade import event
from tests.convergence.harness import insert
from tests.convergence.simulated import simulated
from tests.dbt_project import DbtFailed, DbtProject
from tests.integration.test_trial_target import contents
from tests.world import ROOT, World

PARTS = ("dbt_project.yml", "profiles.yml", "models", "snapshots", "macros", "seeds", "tests/dbt")
# The edit of CONTRIBUTING.md: typed staging first, then the satellite.
EDIT = (
    (
        "models/dds/staging/stg_orders.sql",
        "        document ->> 'final_status' as final_status,\n",
        "        (document ->> 'payment')::numeric > 0 as is_paid,\n",
    ),
    (
        "models/dds/staging/stg_orders.yml",
        "    columns:\n",
        "      - {name: is_paid, data_type: boolean, description: Whether money was paid}\n",
    ),
    (
        "snapshots/dds/s_order_details.yml",
        "    columns:\n",
        "      - {name: is_paid, data_type: boolean, description: Whether money was paid}\n",
    ),
)
CHECKED = ("check_cols: [order_dt, final_status]", "check_cols: [order_dt, final_status, is_paid]")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the dbt project, to be edited."""
    for part in PARTS:
        copy = tmp_path / part
        copy.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, copy)
        else:
            shutil.copy(ROOT / part, copy)
    return tmp_path


def edit(project: Path, file: str, old: str, new: str) -> None:
    text = (project / file).read_text()
    assert text.count(old) == 1, (file, text.count(old))
    (project / file).write_text(text.replace(old, new))


def add_attribute(project: Path) -> None:
    for file, after, line in EDIT:
        edit(project, file, after, after + line)
    edit(project, "snapshots/dds/s_order_details.yml", *CHECKED)


def test_old_rows_are_filled_and_new_versions_made(
    world: World, dbt: DbtProject, project: Path
) -> None:
    """The same rows as if the attribute had always been there."""
    events = list(simulated(40))
    insert(world.connection, events[: len(events) // 2])
    dbt.build(world)
    before = world.value("select count(*) from dds.s_order_details")
    add_attribute(project)
    insert(world.connection, events[len(events) // 2 :])
    edited = DbtProject(folder=project)
    edited.build(world)
    assert world.value("select count(*) from dds.s_order_details") > before
    world.environment["DBT_DEV_SCHEMA"] = "trial"
    DbtProject("--target", "dev", folder=project).build(world)
    columns = "event_id, h_order_pk, is_paid"
    for table in ("dds.s_order_details", "staging.stg_orders"):
        shown = columns if table.endswith("orders") else columns.replace("event_id", "start_dt")
        assert contents(world, f"(select {shown} from {table})") == contents(
            world, f"(select {shown} from trial_{table})"
        )
    assert world.value("select count(*) from staging.stg_orders where is_paid is null") == 0
    assert edited.build(world) == 0


def test_an_attribute_without_a_description_is_named(
    world: World, dbt: DbtProject, project: Path
) -> None:
    insert(world.connection, list(simulated(10)))
    dbt.build(world)
    add_attribute(project)
    *_, last = EDIT
    edit(project, last[0], last[2], "")
    with pytest.raises(DbtFailed, match="gets the column is_paid: describe it"):
        DbtProject(folder=project).build(world)


def test_an_attribute_that_is_not_compared_is_named(
    world: World, dbt: DbtProject, project: Path
) -> None:
    insert(world.connection, list(simulated(10)))
    dbt.build(world)
    add_attribute(project)
    edit(project, "snapshots/dds/s_order_details.yml", *reversed(CHECKED))
    with pytest.raises(DbtFailed, match="has the column is_paid: name it in check_cols"):
        DbtProject(folder=project).build(world)


def test_a_column_that_no_increment_would_fill_stops_the_build(
    world: World, dbt: DbtProject, project: Path
) -> None:
    """A hub's increments leave rows that are there as they are."""
    insert(world.connection, list(simulated(10)))
    dbt.build(world)
    edit(project, "models/dds/hubs/h_user.sql", "'user_id'", "'user_id, userlogin'")
    described = (
        "    columns:\n      - {name: userlogin, data_type: text, description: From Redis}\n"
    )
    edit(project, "models/dds/hubs/h_user.yml", "    columns:\n", described)
    edited = DbtProject(folder=project)
    with pytest.raises(DbtFailed, match=r"gets userlogin, .* --full-refresh --select h_user"):
        edited.build(world)
    edited.build(world, "--full-refresh", "--select", "h_user")
    assert world.value("select count(*) from dds.h_user where userlogin is null") == 0
    assert edited.build(world) == 0


def test_an_index_that_is_missing_is_made(world: World, dbt: DbtProject) -> None:
    events = list(simulated(10))
    insert(world.connection, events[:5])
    dbt.build(world)
    (index,) = world.rows(
        "select schemaname || '.\"' || indexname || '\"' as name from pg_indexes"
        " where tablename = 'l_order_user' and indexdef like %s",
        "%(h_order_pk)%",
    )
    world.execute(f"drop index {index['name']}")
    count = "select count(*) from pg_indexes where schemaname in ('staging', 'dds', 'cdm')"
    left = world.value(count)
    insert(world.connection, events[5:])
    dbt.build(world)
    assert world.value(count) == left + 1


def test_a_status_that_the_seed_does_not_know_stops_the_build_until_it_does(
    world: World, dbt: DbtProject, project: Path
) -> None:
    """As when the ingestor is upgraded before the models: nothing may be left out."""
    at = "2024-03-01 12:30:00"
    insert(world.connection, [event(1)])
    dbt.build(world)
    insert(world.connection, [event(1, update_ts=at, statuses=[{"status": "LOST", "dttm": at}])])
    with pytest.raises(DbtFailed, match='"LOST" is not in the seed order_statuses'):
        dbt.build(world)
    seed = project / "seeds/dds/order_statuses.csv"
    seed.write_text(f"{seed.read_text().rstrip()}\nLOST,9\n")
    DbtProject(folder=project).build(world)
    assert world.value("select count(*) from dds.s_order_status where status = 'LOST'") == 1
