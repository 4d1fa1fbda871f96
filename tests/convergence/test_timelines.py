"""The strategy `timeline` case by case. dbt unit-tests no snapshots, so these drive real dbt.

A case is what arrives, `minute=value`, with a bar where dbt runs in between, and the versions that
must be there in the end, `from-to value`; without `to` a version is open.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.convergence.comparison import assert_equals_model
from tests.convergence.handmade import event
from tests.convergence.harness import insert
from tests.convergence.model import OPEN_END, Event
from tests.dbt_project import DbtProject
from tests.world import DATABASE, World

NOON = datetime(2024, 3, 1, 12)

# One value at a time: an order's cost (s_order_cost), and its user (s_order_user).
ONE_VALUE = {
    "the first load keeps every change, not the last one alone": (
        "10=1 20=2 30=1",
        "10-20 1, 20-30 2, 30- 1",
    ),
    "a repeat makes no version": ("10=1 20=1 30=2 40=2", "10-30 1, 30- 2"),
    "a repeat in a later run makes none either": ("10=1 | 20=1 | 30=2 | 40=2", "10-30 1, 30- 2"),
    "a change in a later run ends the version": ("10=1 | 20=2", "10-20 1, 20- 2"),
    "a late event splits a version": ("10=1 20=2 | 15=3", "10-15 1, 15-20 3, 20- 2"),
    "a late event that repeats the one before changes nothing": (
        "10=1 20=2 | 15=1",
        "10-20 1, 20- 2",
    ),
    "a late event that the next one repeats moves its start": (
        "10=1 20=2 | 15=2",
        "10-15 1, 15- 2",
    ),
    "a late event makes the repeat after it a change": (
        "10=1 20=1 | 15=2",
        "10-15 1, 15-20 2, 20- 1",
    ),
    "an event before the first one": ("20=2 | 10=1", "10-20 1, 20- 2"),
    "an event before the first one that says the same": ("20=2 | 10=2", "10- 2"),
    "of two events at one time the greater event_id holds": ("10=1 20=2 | 20=3", "10-20 1, 20- 3"),
    "and takes a version away if it repeats the one before": ("10=1 20=2 | 20=1", "10- 1"),
}

# A set of values: the products of an order (s_order_product), each with a timeline of its own.
MANY_VALUES = {
    "what is not shown any more ends": ("10=1,2 20=2", {"1": "10-20", "2": "10-"}),
    "and may come back": ("10=1 | 20=2 | 30=1", {"1": "10-20, 30-", "2": "20-30"}),
    "an order may hold nothing": ("10=1 | 20= | 30=1", {"1": "10-20, 30-"}),
    "a late event that does not show it": ("10=1 20=1 | 15=2", {"1": "10-15, 20-", "2": "15-20"}),
    "a late event that shows it closes the gap": ("10=1 20=2 30=1 | 20=1", {"1": "10-"}),
}


def batches(
    arrivals: str, number: int, shown: Callable[[str], dict[str, Any]]
) -> list[list[Event]]:
    """The events of a case as those of the order `number`, by the runs of dbt between them."""
    return [
        [
            event(number, update_ts=str(NOON + timedelta(minutes=int(minute))), **shown(value))
            for minute, value in re.findall(r"(\d+)=(\S*)", batch)
        ]
        for batch in arrivals.split("|")
    ]


def load(world: World, dbt: DbtProject, cases: list[list[list[Event]]]) -> None:
    """All cases at once, one run of dbt after another."""
    for run in range(max(len(case) for case in cases)):
        insert(world.connection, [e for case in cases if run < len(case) for e in case[run]])
        dbt.build(world)


def versions(world: World, columns: str, source: str, number: int) -> str:
    """The versions of an order, as a case writes them."""
    rows = world.rows(
        f"select start_dt, end_dt, {columns} as value from {source}"
        " inner join dds.h_order using (h_order_pk) where order_id = %s order by start_dt",
        number,
    )
    return ", ".join(
        f"{minute(row['start_dt'])}-{minute(row['end_dt'])} {row['value']}".strip() for row in rows
    )


def minute(time: datetime) -> str:
    return "" if time == OPEN_END else str((time - NOON) // timedelta(minutes=1))


def test_timelines_of_one_value(world: World, dbt: DbtProject) -> None:
    def shown(value: str) -> dict[str, Any]:
        return {"cost": int(value), "user": {"id": f"user-{value}"}}

    numbered = list(enumerate(ONE_VALUE.items()))
    load(world, dbt, [batches(arrivals, n, shown) for n, (_, (arrivals, _)) in numbered])
    users = "dds.s_order_user inner join dds.l_order_user using (hk_order_user_pk)"
    users += " inner join dds.h_user using (h_user_pk)"
    for number, (name, (_, expected)) in numbered:
        assert versions(world, "cost::int", "dds.s_order_cost", number) == expected, name
        assert versions(world, "substr(user_id, 6)", users, number) == expected, name


@pytest.mark.parametrize("apart", [True, False], ids=["in several runs", "in one run"])
def test_timelines_of_sets(world: World, dbt: DbtProject, apart: bool) -> None:
    def shown(value: str) -> dict[str, Any]:
        ids = [f"dish-{dish}" for dish in value.split(",") if dish]
        return {"order_items": [{"id": i, "name": "x", "price": 1, "quantity": 1} for i in ids]}

    numbered = list(enumerate(MANY_VALUES.items()))
    between = "|" if apart else ""
    load(
        world,
        dbt,
        [batches(arrivals.replace("|", between), n, shown) for n, (_, (arrivals, _)) in numbered],
    )
    items = "dds.s_order_product inner join dds.l_order_product using (hk_order_product_pk)"
    items += " inner join dds.h_product using (h_product_pk)"
    for number, (name, (_, expected)) in numbered:
        found = {
            dish: versions(
                world, "''", f"(select * from {items} where product_id = 'dish-{dish}') s", number
            )
            for dish in expected
        }
        assert found == expected, name


def test_keys_are_the_same_whatever_datestyle_the_database_has(
    world: World, dbt: DbtProject
) -> None:
    world.execute(f"alter database {DATABASE} set datestyle = 'German'")
    world.reconnect()
    for times in (("12:00:00", "12:00:00.000001"), ("11:59:59.5", "12:00:00.12345", "12:00:01")):
        insert(
            world.connection,
            [event(1, update_ts=f"2024-03-01 {time}", cost=n) for n, time in enumerate(times)],
        )
        assert dbt.build(world) > 0
    assert_equals_model(world)
    assert dbt.broken_rules(world) == {}
