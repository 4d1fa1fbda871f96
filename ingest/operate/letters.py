"""Dead letters as a workbench: find them, try them again, give them up."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ingest.postgres import Postgres

if TYPE_CHECKING:
    from ingest.settings import Settings

# The columns that a person asks for, without the bytes.
COLUMNS = """
    position, reason, detail, first_reason, first_detail, object_id, attempts,
    first_seen_at, last_seen_at, next_attempt_at, resolved_at, resolution,
    kafka_topic, topic_id, kafka_partition, kafka_offset, kafka_timestamp
"""

BYTES = "message_key, message_value, message_headers"

# An empty list, like a null, means that the filter does not ask.
WHERE = """
where
    (resolved_at is null or %(resolved)s)
    and (cardinality(%(reasons)s::text[]) = 0 or reason = any(%(reasons)s))
    and (cardinality(%(orders)s::bigint[]) = 0 or object_id = any(%(orders)s))
    and (cardinality(%(positions)s::bigint[]) = 0 or position = any(%(positions)s))
    and (%(since)s::timestamp is null or first_seen_at >= %(since)s)
    and (%(until)s::timestamp is null or first_seen_at < %(until)s)
"""

SELECT = f"select {COLUMNS} from stg.dead_letters {WHERE} order by position limit %(limit)s"

SELECT_WITH_BYTES = f"""
select {COLUMNS}, {BYTES} from stg.dead_letters {WHERE} order by position limit %(limit)s
"""

SELECT_POSITIONS = f"select position from stg.dead_letters {WHERE} order by position"

COUNT = f"select count(*) from stg.dead_letters {WHERE}"

DROP = f"""
update stg.dead_letters
set resolved_at = now() at time zone 'UTC', resolution = 'dropped', next_attempt_at = null
{WHERE}
returning position
"""


@dataclass(frozen=True)
class Filter:
    """Which dead letters: all of what is given must hold. Times are UTC, of the first sight."""

    reasons: Sequence[str] = ()
    orders: Sequence[int] = ()
    positions: Sequence[int] = ()
    since: datetime | None = None
    until: datetime | None = None
    resolved: bool = False

    def values(self, limit: int | None = None) -> dict[str, Any]:
        """The parameters of the statements above."""
        return {
            "reasons": list(self.reasons),
            "orders": list(self.orders),
            "positions": list(self.positions),
            "since": self.since,
            "until": self.until,
            "resolved": self.resolved,
            "limit": limit,
        }


def find(
    postgres: Postgres, wanted: Filter, *, limit: int | None = None, with_bytes: bool = False
) -> list[dict[str, Any]]:
    """The dead letters, oldest first."""
    return postgres.rows(SELECT_WITH_BYTES if with_bytes else SELECT, **wanted.values(limit))


def count(postgres: Postgres, wanted: Filter) -> int:
    """How many dead letters the filter finds."""
    return int(postgres.value(COUNT, **wanted.values()))


def replay(settings: "Settings", postgres: Postgres, wanted: Filter) -> Counter[str]:
    """Try dead letters again; returns how many became what. Raises OutageError or StopError."""
    from ingest import publications
    from ingest.prepare import Preparer
    from ingest.redis import References
    from ingest.replay import replay_positions

    positions = [position for (position,) in postgres.query(SELECT_POSITIONS, **wanted.values())]
    with References(settings) as references:
        preparer = Preparer(references, publications.room(settings), settings.limits)
        return replay_positions(settings, postgres, preparer, positions)


def drop(postgres: Postgres, wanted: Filter) -> int:
    """Give dead letters up: they stay in the table, and nobody looks at them again."""
    return len(postgres.query(DROP, **wanted.values()))
