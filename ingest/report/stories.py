"""The history of one order and of one user: versions beside each other, and who made them.

Columns are moments: times at which a version begins or ends, or an event has been. A late event was
loaded after events of the same key that are newer by their own time.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingest.postgres import Postgres
from ingest.report.stories_sql import (
    CHOOSE_ORDER,
    CHOOSE_USER,
    SELECT_EVENTS,
    SELECT_ORDER,
    SELECT_ORDER_VERSIONS,
    SELECT_USER,
    SELECT_USER_VERSIONS,
)

OPEN_END = datetime(4000, 1, 1)
# A page is looked at, not searched: so many moments of a key are drawn, the latest ones.
MOST_MOMENTS = 30


@dataclass(frozen=True)
class Event:
    """An event of the key; `number` counts in the order in which they were loaded."""

    number: int
    time: datetime
    sent: datetime
    loaded: datetime
    order: str
    place: str
    is_late: bool
    outcome: str


@dataclass(frozen=True)
class Version:
    """What held from one moment to another, as columns of the drawing."""

    label: str
    note: str
    start: datetime
    end: datetime | None
    first_column: int
    last_column: int


@dataclass(frozen=True)
class Moment:
    """A column: when, how much later than the one before, which events, and its relative width."""

    time: datetime
    later: str
    events: list[Event]
    seconds: int


@dataclass(frozen=True)
class Story:
    """Everything that is drawn of a key."""

    key: str
    title: str
    moments: list[Moment]
    lanes: dict[str, list[Version]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    is_cut: bool = False


def of_order(postgres: Postgres, order: int | None) -> Story | None:
    """The order's, or that of one of the latest to which much happened; None if there is none."""
    key = order if order is not None else _chosen(postgres, CHOOSE_ORDER)
    found = postgres.rows(SELECT_ORDER, key=key) if key is not None else []
    if not found:
        return None
    versions = postgres.rows(SELECT_ORDER_VERSIONS, key=found[0]["h_order_pk"])
    events = postgres.rows(
        SELECT_EVENTS.format(column="h_order_pk"), key=found[0]["h_order_pk"], times=None
    )
    title = f"{found[0]['user_name']} at {found[0]['restaurant_name']}"
    return _story(str(found[0]["order_id"]), title, versions, events)


def of_user(postgres: Postgres, user: str | None) -> Story | None:
    """The user's, or that of one of the latest who changed their names most; None likewise."""
    key = user if user is not None else _chosen(postgres, CHOOSE_USER)
    found = postgres.rows(SELECT_USER, key=key) if key is not None else []
    if not found:
        return None
    versions = postgres.rows(SELECT_USER_VERSIONS, key=found[0]["h_user_pk"])
    # Of the events of all of the user's orders only those that made a version.
    times = sorted({row["start_dt"] for row in versions})
    events = postgres.rows(
        SELECT_EVENTS.format(column="h_user_pk"), key=found[0]["h_user_pk"], times=times
    )
    return _story(found[0]["user_id"], found[0]["user_name"], versions, events)


def _chosen(postgres: Postgres, statement: str) -> Any:
    rows = postgres.query(statement)
    return rows[0][0] if rows else None


def _story(
    key: str, title: str, versions: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]
) -> Story:
    events = _events(rows, versions)
    times = sorted(
        {row["start_dt"] for row in versions}
        | {row["end_dt"] for row in versions if row["end_dt"] < OPEN_END}
        | {event.time for event in events}
    )
    shown = times[-MOST_MOMENTS:]
    columns = {time: number for number, time in enumerate(shown)}
    by_time = defaultdict(list)
    for event in events:
        by_time[event.time].append(event)
    moments = [
        Moment(time, _later(time, before), by_time[time], _seconds(time, after))
        for before, time, after in zip([None, *shown], shown, [*shown[1:], None], strict=False)
    ]
    lanes: dict[str, list[Version]] = {}
    for row in versions:
        if not shown or row["end_dt"] <= shown[0]:
            continue
        end = None if row["end_dt"] == OPEN_END else row["end_dt"]
        first = columns.get(row["start_dt"], 0)
        last = len(shown) if end is None else columns[end]
        drawn = Version(row["label"], row["note"], row["start_dt"], end, first, last)
        lanes.setdefault(row["lane"], []).append(drawn)
    return Story(key, title, moments, lanes, events, is_cut=len(times) > len(shown))


def _events(rows: Sequence[dict[str, Any]], versions: Sequence[dict[str, Any]]) -> list[Event]:
    """The events in the order of their time, each with what became of it."""
    by_arrival = sorted(rows, key=lambda row: row["position"])
    numbers = {row["position"]: number for number, row in enumerate(by_arrival, 1)}
    winners = {row["event_dttm"]: numbers[row["position"]] for row in rows if row["holds"]}
    return [
        Event(
            number=numbers[row["position"]],
            time=row["event_dttm"],
            sent=row["sent_dttm"],
            loaded=row["loaded_at"],
            order=str(row["order_id"]),
            place=f"{row['kafka_partition']}/{row['kafka_offset']}",
            is_late=row["is_late"],
            outcome=_outcome(row["event_dttm"], versions)
            if row["holds"]
            else f"of the same time as event {winners[row['event_dttm']]}, which was sent later",
        )
        for row in rows
    ]


def _outcome(time: datetime, versions: Sequence[dict[str, Any]]) -> str:
    """What an event changed: the versions that begin at its time, and those that only end."""
    versions = [row for row in versions if not row["is_counted"]]
    begun = [row for row in versions if row["start_dt"] == time]
    lanes = {row["lane"] for row in begun}
    ended = [row for row in versions if row["end_dt"] == time and row["lane"] not in lanes]
    said = [f"{row['lane']}: {row['label']}" for row in begun]
    said += [f"{row['lane']}: taken out" for row in ended]
    return "; ".join(said) or "nothing new"


def _later(time: datetime, before: datetime | None) -> str:
    """How long after the moment before, for a person."""
    if before is None:
        return ""
    seconds = int((time - before).total_seconds())
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"+{seconds / size:.0f} {unit}"
    return f"+{seconds} s"


def _seconds(time: datetime, after: datetime | None) -> int:
    """How long it lasts; the last one, which is open, does not ask for room."""
    return max(1, int((after - time).total_seconds())) if after else 1
