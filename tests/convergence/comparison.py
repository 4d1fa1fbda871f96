"""The warehouse as it is against the warehouse as the model says it must be."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tests.convergence.model import Event, Row, Tables, warehouse
from tests.world import World

FIVE_DECIMALS = Decimal("0.00001")


def stored_events(world: World) -> list[Event]:
    """What stg.order_events holds, as the model takes it."""
    rows = world.rows("select *, payload::text as message from stg.order_events")
    return [
        Event(
            event_id=row["event_id"],
            object_id=row["object_id"],
            sent_dttm=row["sent_dttm"],
            message=json.loads(row["message"], parse_float=Decimal),
            loaded_at=row["loaded_at"],
            load_src=row["kafka_topic"],
        )
        for row in rows
    ]


def differences(world: World, expected: Tables) -> dict[str, tuple[list[Row], list[Row]]]:
    """For each table that differs: the rows that are missing, and those that are too many."""
    found = {}
    for table, rows in expected.items():
        schema = "cdm" if table.startswith("user_") else "dds"
        is_there = _by_content(world.rows(f"select * from {schema}.{table}"))
        must_be = _by_content(rows)
        missing = [must_be[content] for content in must_be.keys() - is_there.keys()]
        extra = [is_there[content] for content in is_there.keys() - must_be.keys()]
        doubled = len(is_there) != world.value(f"select count(*) from {schema}.{table}")
        if missing or extra or doubled:
            found[table] = (missing, extra)
    return found


def assert_equals_model(world: World, events: Iterable[Event] | None = None) -> Tables:
    """Fail with the rows that differ; by default of the events in stg. Returns the model's."""
    expected = warehouse(stored_events(world) if events is None else events)
    found = differences(world, expected)
    assert not found, "\n".join(
        f"{table}: {len(missing)} missing, {len(extra)} too many\n"
        + "\n".join(f"  must be {row}" for row in missing[:3])
        + "\n".join(f"\n  is      {row}" for row in extra[:3])
        for table, (missing, extra) in found.items()
    )
    return expected


def _by_content(rows: Iterable[Row]) -> dict[tuple[tuple[str, Any], ...], Row]:
    return {tuple(sorted((k, _plain(v)) for k, v in row.items())): row for row in rows}


def _plain(value: Any) -> str:
    return str(value.quantize(FIVE_DECIMALS)) if isinstance(value, Decimal) else str(value)
