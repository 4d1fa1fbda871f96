"""Runs histories through real dbt, finds the one that comes out wrong, and tells its story."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg2.extras import execute_values

from ingest.orders.strict_json import encode
from tests.convergence.comparison import differences
from tests.convergence.histories import History
from tests.convergence.model import Event, Row, warehouse
from tests.dbt_project import DbtProject
from tests.world import World

INSERT = """
insert into stg.order_events (
    event_id, object_id, object_type, sent_dttm, payload,
    kafka_topic, kafka_partition, kafka_offset, loaded_at
) values %s
"""

Found = dict[str, tuple[list[Row], list[Row]]]


def insert(connection: Any, events: Sequence[Event]) -> None:
    """Store events as `ingest stg` would, with a loaded_at of the test's choice."""
    rows = [
        (
            *(event.event_id, event.object_id, "order", event.sent_dttm),
            *(encode(event.message).decode(), event.load_src, 0, 0, event.loaded_at),
        )
        for event in events
    ]
    with connection.cursor() as cursor:
        if rows:
            execute_values(cursor, INSERT, rows, page_size=1000)


@dataclass(frozen=True)
class Harness:
    """Loads histories, each on keys of its own, all in one database."""

    world: World
    dbt: DbtProject

    def differences(self, histories: Sequence[History], *last: str) -> Found:
        """Load batch by batch, build after each; then with the options `last`; compare."""
        apart = [history.renamed(number) for number, history in enumerate(histories)]
        self.world.new_database()
        for batch in range(max(len(history.batches) for history in apart)):
            arrived = [e for h in apart if batch < len(h.batches) for e in h.batches[batch]]
            insert(self.world.connection, arrived)
            self.dbt.build(self.world)
        if last:
            self.dbt.build(self.world, *last)
        return differences(self.world, warehouse([e for h in apart for e in h.events]))

    def check(self, histories: Sequence[History], *last: str) -> None:
        """Fail with the story of the smallest history found that comes out wrong."""
        if not self.differences(histories, *last):
            return
        history = self._smallest(self._culprit(histories, last), last)
        found = self.differences([history], *last)
        raise AssertionError(story(history, found) if found else "only several histories together")

    def _culprit(self, histories: Sequence[History], last: tuple[str, ...]) -> History:
        while len(histories) > 1:
            half = len(histories) // 2
            first, second = histories[:half], histories[half:]
            histories = first if self.differences(first, *last) else second
        return histories[0]

    def _smallest(self, history: History, last: tuple[str, ...]) -> History:
        """Leave out events, and put batches together, as long as it comes out wrong."""
        smaller = True
        while smaller:
            smaller = False
            for candidate in _simpler(history):
                if self.differences([candidate], *last):
                    history, smaller = candidate, True
                    break
        return history


def _simpler(history: History) -> list[History]:
    candidates = []
    for event in history.events:
        left = [tuple(e for e in batch if e is not event) for batch in history.batches]
        candidates.append(History(tuple(batch for batch in left if batch)))
    for number in range(1, len(history.batches)):
        batches = history.batches
        together = (*batches[: number - 1], batches[number - 1] + batches[number])
        candidates.append(History((*together, *batches[number + 1 :])))
    return [candidate for candidate in candidates if candidate.events]


def story(history: History, found: Found) -> str:
    """The history event by event, and for each table that differs what is and what must be."""
    lines = [f"{', '.join(found)} came out wrong", "What arrived:"]
    for number, batch in enumerate(history.batches, 1):
        lines.append(f"  batch {number}")
        lines += [f"    {_told(event)}" for event in sorted(batch, key=lambda e: e.event_dttm)]
    for table, (missing, extra) in found.items():
        lines.append(f"{table}:")
        rows = [("must be", row) for row in missing] + [("is", row) for row in extra]
        for word, row in sorted(rows, key=lambda pair: str(pair[1].get("start_dt"))):
            shown = {k: str(v) for k, v in row.items() if not k.endswith("_pk")}
            lines.append(f"  {word:8}{shown}")
    return "\n".join(lines)


def _told(event: Event) -> str:
    payload = event.payload
    items = ", ".join(
        f"{item['quantity']}×{item['id']} {item['name']!r} [{item['category']}] à {item['price']}"
        for item in payload["order_items"]
    )
    steps = ", ".join(f"{entry['status']} {entry['dttm']}" for entry in payload["statuses"])
    return (
        f"at {event.event_dttm} (sent {event.sent_dttm}, event {event.event_id.int % 2**64}):"
        f" order {event.object_id} of {payload['user']} at {payload['restaurant']},"
        f" {items or 'nothing'}; cost {payload['cost']}; {steps or 'no status'}"
    )
