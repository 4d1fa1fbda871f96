"""What crowded keys cost: n log n of what a window touches, whichever key is in every event.

Counted are the rows that pass through the plans of all statements, as the server tells them.
"""

import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection  # noqa: N812 (a class, badly named)

from bench.skew import RELOAD, SHAPES, events
from tests.dbt_project import DbtProject
from tests.world import DATABASE, World

# So many events of each shape, on as many.
FEW, MANY = 200, 800
# n log n of them is 4.8; plans differ a little. The square of n is 16.
MOST = 6
# Of so few rows a ratio says nothing.
LEAST = 2000
# Small tables stand for large ones: nobody would read those in whole.
TELL_PLANS = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_format": "json",
    "client_min_messages": "log",
    "enable_seqscan": "off",
}


class Notices:
    """All that the server tells, where psycopg2 itself keeps the last fifty of a connection."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def append(self, text: str) -> None:
        self.texts.append(text)


@pytest.fixture
def notices() -> Iterator[Notices]:
    """What the server tells the connections that are made from now on."""
    found = Notices()
    real = psycopg2.connect

    def connect(*arguments: Any, **options: Any) -> Connection:
        connection: Connection = real(*arguments, **options)
        connection.notices = found  # type: ignore[assignment]  # takes any append
        return connection

    with patch("psycopg2.connect", connect):
        yield found


def passed(notices: Notices) -> Counter[str]:
    """Of each model: how many rows the nodes of its plans looked at."""
    found: Counter[str] = Counter()
    for text in notices.texts:
        if "plan:" not in text:
            continue
        plan = json.loads(text.partition("plan:")[2])
        head = plan["Query Text"].partition("*/")[0].removeprefix("/* ")
        node = json.loads(head).get("node_id", "") if head.startswith("{") else ""
        if node:
            found[node.rpartition(".")[2]] += _rows(plan["Plan"])
    return found


def _rows(node: Any) -> int:
    removed = sum(value for name, value in node.items() if name.startswith("Rows Removed"))
    own = round((node["Actual Rows"] + removed) * node["Actual Loops"])
    return int(own) + sum(_rows(child) for child in node.get("Plans", []))


def costs(world: World, dbt: DbtProject, notices: Notices, size: int) -> list[Counter[str]]:
    """Of the first load, of as many events again, and of all events read again."""
    world.new_database()
    for name, value in TELL_PLANS.items():
        world.execute(f"alter database {DATABASE} set {name} = '{value}'")
    found = []
    steps = (
        [events(shape, 1, size) for shape in SHAPES],
        [events(shape, size + 1, 2 * size) for shape in SHAPES],
        [RELOAD],
    )
    for statements in steps:
        for statement in statements:
            world.execute(statement)
        notices.texts.clear()
        dbt.build(world)
        found.append(passed(notices))
    return found


def test_crowded_keys_cost_no_square(world: World, dbt: DbtProject, notices: Notices) -> None:
    few, many = (costs(world, dbt, notices, size) for size in (FEW, MANY))
    assert 4 * math.log(2 * MANY) / math.log(2 * FEW) < MOST
    for step, less, more in zip(("first", "next", "again"), few, many, strict=True):
        assert len(more) > 25, step
        ratios = {model: rows / max(less[model], LEAST) for model, rows in more.items()}
        squares = {
            model: f"{less[model]:,} → {more[model]:,}"
            for model, ratio in ratios.items()
            if ratio > MOST
        }
        assert squares == {}, step
