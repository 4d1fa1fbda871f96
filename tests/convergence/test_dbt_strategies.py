"""dbt's own snapshot strategies work beside ours, and what they make of the same events.

docs/explanation/history.md shows what comes out here.
"""

import os
from pathlib import Path
from unittest.mock import patch

from dbt.cli.main import dbtRunner

from tests.convergence.handmade import event
from tests.convergence.harness import insert
from tests.dbt_project import QUIET, DbtProject, problems
from tests.world import ROOT, World

PROJECT = """
name: beside_ours
version: "1.0"
config-version: 2
profile: ordervault
"""

# dbt's strategies compare the present state of a key: here, as usual, the row that came last.
SNAPSHOT = """
{{% snapshot {strategy}_cost %}}
{{{{ config(
    schema='own', unique_key='order_id', strategy='{strategy}', updated_at='event_dttm', {more}
) }}}}
select distinct on (order_id) order_id, cost::int as cost, event_dttm
from staging.stg_orders
order by order_id, position desc
{{% endsnapshot %}}
"""

# The order's cost at a minute past twelve, in the order of arrival; dbt runs after each list.
ARRIVALS = (
    ((0, 100), (10, 150)),  # two changes between two runs
    ((5, 120),),  # an event that is late
    ((20, 120),),  # an event that repeats, by arrival, the one before
)

VERSIONS = """
select cost, to_char({start}, 'HH24:MI') as start, to_char(nullif({end}, {open}), 'HH24:MI') as end
from {table} order by {start}
"""


def own_project(folder: Path) -> Path:
    """A project with two snapshots of dbt's own strategies, and our macros."""
    (folder / "snapshots").mkdir(parents=True)
    (folder / "macros").symlink_to(ROOT / "macros")
    (folder / "dbt_project.yml").write_text(PROJECT)
    for strategy, more in (("timestamp", ""), ("check", "check_cols=['cost']")):
        snapshot = SNAPSHOT.format(strategy=strategy, more=more)
        (folder / f"snapshots/{strategy}.sql").write_text(snapshot)
    return folder


def test_dbts_own_strategies_work_beside_ours(
    world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    folder = own_project(tmp_path / "project")
    for arrived in ARRIVALS:
        insert(
            world.connection,
            [
                event(1, cost=cost, update_ts=f"2024-03-01 12:{minute:02}:00")
                for minute, cost in arrived
            ],
        )
        dbt.build(world)
        folders = ["--project-dir", str(folder), "--profiles-dir", str(ROOT)]
        with patch.dict(os.environ, world.environment):
            result = dbtRunner().invoke(["snapshot", *folders, *QUIET])
        assert result.success, problems(result)

    def versions(table: str, start: str, end: str, open_end: str) -> list[tuple[int, str, str]]:
        rows = world.rows(VERSIONS.format(table=table, start=start, end=end, open=open_end))
        return [(int(row["cost"]), row["start"], row["end"]) for row in rows]

    # Ours: every change, in its place.
    assert versions("dds.s_order_cost", "start_dt", "end_dt", "'4000-01-01'") == [
        (100, "12:00", "12:05"),
        (120, "12:05", "12:10"),
        (150, "12:10", "12:20"),
        (120, "12:20", None),
    ]
    own = ("dbt_valid_from", "dbt_valid_to", "null")
    # `timestamp` keeps one change a run and ignores what is late.
    assert versions("own.timestamp_cost", *own) == [
        (150, "12:10", "12:20"),
        (120, "12:20", None),
    ]
    # `check` takes the late event for the present state, and ends 150 before it began.
    assert versions("own.check_cost", *own) == [
        (120, "12:05", None),
        (150, "12:10", "12:05"),
    ]
