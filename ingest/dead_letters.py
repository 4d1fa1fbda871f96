"""Dead letters as a workbench: find them, send them again, give them up.

A replay sends the raw bytes to `<source topic>.retry`, which `ingest stg` reads beside the source:
the same way, the same identity, so replaying twice changes nothing. Storing an event resolves its
dead letter in the same transaction.
"""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest import deliveries
from ingest.enrich import ReferenceData, enrich, reference_ids
from ingest.errors import RejectError
from ingest.failpoints import failpoint
from ingest.kafka.broker import Broker
from ingest.kafka.producer import Record, TransactionalProducer
from ingest.messages import Event, SkippedError, decode
from ingest.postgres import Postgres
from ingest.redis import References
from ingest.settings import Settings

log = logging.getLogger(__name__)

# The columns that a person asks for, without the bytes.
COLUMNS = """
    dead_letter_no, reason, detail, object_id, attempts, first_seen_at, last_seen_at,
    next_attempt_at, resolved_at, resolution, kafka_topic, kafka_partition, kafka_offset
"""

BYTES = "message_key, message_value, message_headers"

# An empty list, like a null, means that the filter does not ask.
WHERE = """
where
    (resolved_at is null or %(resolved)s)
    and (cardinality(%(reasons)s::text[]) = 0 or reason = any(%(reasons)s))
    and (cardinality(%(orders)s::bigint[]) = 0 or object_id = any(%(orders)s))
    and (cardinality(%(numbers)s::bigint[]) = 0 or dead_letter_no = any(%(numbers)s))
    and (%(since)s::timestamp is null or first_seen_at >= %(since)s)
    and (%(until)s::timestamp is null or first_seen_at < %(until)s)
"""

SELECT = f"select {COLUMNS} from stg.dead_letters {WHERE} order by dead_letter_no limit %(limit)s"

SELECT_WITH_BYTES = f"""
select {COLUMNS}, {BYTES} from stg.dead_letters {WHERE} order by dead_letter_no limit %(limit)s
"""

COUNT = f"select count(*) from stg.dead_letters {WHERE}"

DROP = f"""
update stg.dead_letters
set resolved_at = now() at time zone 'UTC', resolution = 'dropped', next_attempt_at = null
{WHERE}
"""

# Only one ingestor looks at a time.
TRY_LOCK = """
select pg_try_advisory_xact_lock(hashtext('ordervault.dead_letters.waiting')) as is_ours
"""

SELECT_DUE = f"""
select {COLUMNS}, {BYTES}
from stg.dead_letters
where resolved_at is null and next_attempt_at <= now() at time zone 'UTC'
order by next_attempt_at
limit %s
"""

# Looked at, and sent again or not: the next look comes later and later, at last once an hour.
POSTPONE = """
update stg.dead_letters
set
    attempts = attempts + 1,
    next_attempt_at = now() at time zone 'UTC'
    + least(interval '1 hour', make_interval(secs => %s) * power(2, least(attempts, 20)))
where dead_letter_no = any(%s)
"""

# Sent again by hand: no need to look at once.
NOT_SOON = """
update stg.dead_letters
set next_attempt_at = now() at time zone 'UTC' + make_interval(secs => %s)
where dead_letter_no = any(%s) and next_attempt_at is not null
"""

NEVER_AGAIN = "update stg.dead_letters set next_attempt_at = null where dead_letter_no = any(%s)"


@dataclass(frozen=True)
class Filter:
    """Which dead letters: all of what is given must hold. Times are UTC, of the first sight."""

    reasons: Sequence[str] = ()
    orders: Sequence[int] = ()
    numbers: Sequence[int] = ()
    since: datetime | None = None
    until: datetime | None = None
    resolved: bool = False

    def values(self, limit: int | None = None) -> dict[str, Any]:
        """The parameters of the statements above."""
        return {
            "reasons": list(self.reasons),
            "orders": list(self.orders),
            "numbers": list(self.numbers),
            "since": self.since,
            "until": self.until,
            "resolved": self.resolved,
            "limit": limit,
        }


def find(
    postgres: Postgres, wanted: Filter, *, limit: int | None = None, with_bytes: bool = False
) -> list[dict[str, Any]]:
    """The dead letters, oldest first."""
    with postgres.transaction(dictionaries=True) as cursor:
        cursor.execute(SELECT_WITH_BYTES if with_bytes else SELECT, wanted.values(limit))
        return [dict(row) for row in cursor.fetchall()]


def count(postgres: Postgres, wanted: Filter) -> int:
    """How many dead letters the filter finds."""
    with postgres.transaction() as cursor:
        cursor.execute(COUNT, wanted.values())
        return int(cursor.fetchall()[0][0])


def drop(postgres: Postgres, wanted: Filter) -> int:
    """Give dead letters up: they stay in the table, and nobody looks at them again."""
    with postgres.transaction() as cursor:
        cursor.execute(DROP, wanted.values())
        return cursor.rowcount


def replay(settings: Settings, postgres: Postgres, wanted: Filter) -> int:
    """Send dead letters again; returns how many. What becomes of them, `ingest stg` decides.

    One that is larger than the retry topic takes is left out, with a warning.
    """
    sent = 0
    limit = Broker(settings).value_limits([settings.retry_topic])[settings.retry_topic]
    transactional_id = f"{settings.stg_transactional_id}-replay-{uuid.uuid4().hex[:8]}"
    with TransactionalProducer(settings, transactional_id) as producer:
        numbers = [row["dead_letter_no"] for row in find(postgres, wanted)]
        for start in range(0, len(numbers), settings.batch_size):
            batch = Filter(numbers=numbers[start : start + settings.batch_size], resolved=True)
            rows = find(postgres, batch, with_bytes=True)
            records = [_record(row, settings) for row in rows]
            fitting = [record for record in records if record.size <= limit]
            producer.send(fitting)
            failpoint("replayed")
            with postgres.transaction() as cursor:
                cursor.execute(NOT_SOON, (settings.reference_retry_seconds, batch.numbers))
            sent += len(fitting)
            for row, record in zip(rows, records, strict=True):
                if record.size > limit:
                    log.warning(
                        "left out dead letter %d: its %d bytes are more than %s takes; raise the"
                        " topic's max.message.bytes",
                        *(row["dead_letter_no"], record.size, settings.retry_topic),
                    )
    return sent


def replay_known(
    settings: Settings,
    postgres: Postgres,
    references: References,
    producer: TransactionalProducer,
    limit: int,
) -> int:
    """Replay what only waited for reference data that Redis has by now; returns how many.

    What has more than `limit` bytes the retry topic does not take: a person has to look at it.
    Sent first and noted second: a crash between sends twice, which changes nothing. Raises
    OutageError.
    """
    with postgres.transaction(dictionaries=True) as cursor:
        cursor.execute(TRY_LOCK)
        if not cursor.fetchall()[0]["is_ours"]:  # type: ignore[call-overload]
            return 0
        cursor.execute(SELECT_DUE, (settings.batch_size,))
        due: list[dict[str, Any]] = [dict(row) for row in cursor]
        known, waiting, hopeless = _sorted_out(due, settings, references, limit)
        if known:
            producer.send([_record(row, settings) for row in known])
            failpoint("replayed")
        numbers = [row["dead_letter_no"] for row in [*known, *waiting]]
        cursor.execute(POSTPONE, (settings.reference_retry_seconds, numbers))
        cursor.execute(NEVER_AGAIN, ([row["dead_letter_no"] for row in hopeless],))
    return len(known)


def _record(row: dict[str, Any], settings: Settings) -> Record:
    origin = {
        deliveries.ORIGIN_TOPIC: row["kafka_topic"],
        deliveries.ORIGIN_PARTITION: row["kafka_partition"],
        deliveries.ORIGIN_OFFSET: row["kafka_offset"],
    }
    kept = [
        pair for pair in deliveries.headers_of_json(row["message_headers"]) if pair[0] not in origin
    ]
    return Record(
        settings.retry_topic,
        _bytes(row["message_key"]),
        _bytes(row["message_value"]),
        [*kept, *((name, str(value).encode()) for name, value in origin.items())],
    )


def _bytes(value: memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)


def _sorted_out(
    rows: list[dict[str, Any]], settings: Settings, references: References, limit: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows whose references Redis knows now, those it does not, those that wait for nothing."""
    known, waiting, hopeless = [], [], []
    decoded: list[tuple[dict[str, Any], Event]] = []
    for row in rows:
        record = _record(row, settings)
        try:
            event = decode(record.value, settings.limits)
        except (RejectError, SkippedError):
            hopeless.append(row)
            continue
        if record.size > limit:
            hopeless.append(row)
        else:
            decoded.append((row, event))
    raw = references.fetch(reference_ids(event for _, event in decoded))
    data = ReferenceData(raw)
    for row, event in decoded:
        try:
            enrich(event, data, settings.max_message_bytes * 2)
            known.append(row)
        except RejectError:
            waiting.append(row)
    return known, waiting, hopeless
