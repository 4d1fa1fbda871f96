"""Dead letters tried again, from the table: the bytes go the way that a message from Kafka goes."""

import logging
from collections import Counter
from collections.abc import Sequence

from psycopg2.extensions import cursor as Cursor  # noqa: N812

from ingest import publications
from ingest.errors import RejectError
from ingest.failpoints import failpoint
from ingest.postgres import Postgres
from ingest.prepare import Prepared, Preparer
from ingest.reasons import Reason
from ingest.settings import Settings
from ingest.store import copy, pass_gate, select_known, without_conflict

log = logging.getLogger(__name__)

# Of the messages that are tried in one transaction: how many, and bytes of them.
MOST_ROWS = 1000
MOST_BYTES = 8_000_000

# Rows that wait for reference data, and whose time has come.
SELECT_DUE = """
select position
from stg.dead_letters
where resolved_at is null and next_attempt_at <= now() at time zone 'UTC'
order by next_attempt_at
limit %s
"""

SELECT_LETTERS = """
select position, message_value, kafka_topic, kafka_partition, kafka_offset
from (
    select *, sum(octet_length(message_value)) over (order by position)
        - octet_length(message_value) as bytes_before
    from stg.dead_letters
    where
        position = any(%s)
        and resolved_at is null
        and (message_value is not null or first_reason = 'empty') -- its bytes are there
) as letters
where bytes_before < %s or bytes_before is null
order by position
"""

# Whoever comes second finds them resolved, and leaves them.
LOCK_OPEN = """
select position
from stg.dead_letters
where position = any(%s) and resolved_at is null
order by position
for update
"""

RESOLVE = """
update stg.dead_letters
set
    resolved_at = now() at time zone 'UTC',
    resolution = %s,
    last_seen_at = now() at time zone 'UTC',
    next_attempt_at = null
where position = any(%s)
"""

# The next look comes later and later, at last once an hour.
FAILED = """
update stg.dead_letters
set
    attempts = attempts + 1,
    last_seen_at = now() at time zone 'UTC',
    reason = failed.reason,
    detail = failed.detail,
    next_attempt_at = case when failed.waits then
        now() at time zone 'UTC'
        + least(interval '1 hour', make_interval(secs => %s) * power(2, least(attempts, 20)))
    end
from unnest(%s::bigint[], %s::text[], %s::text[], %s::boolean[])
    as failed (position, reason, detail, waits)
where dead_letters.position = failed.position
"""


def replay_due(settings: Settings, postgres: Postgres, preparer: Preparer) -> None:
    """Try those again whose reference data may have come. Raises OutageError or StopError."""
    due = [position for (position,) in postgres.query(SELECT_DUE, MOST_ROWS)]
    counts = _replay_part(settings, postgres, preparer, due) if due else Counter()
    if counts["stored"]:
        log.info("replayed %d dead letters whose reference data has come", counts["stored"])


def replay_positions(
    settings: Settings, postgres: Postgres, preparer: Preparer, positions: Sequence[int]
) -> Counter[str]:
    """Try dead letters again; returns how many became what: stored, skipped, or a reason's code.

    Raises OutageError or StopError.
    """
    counts: Counter[str] = Counter()
    for start in range(0, len(positions), MOST_ROWS):
        counts += _replay_part(settings, postgres, preparer, positions[start : start + MOST_ROWS])
    return counts


def _replay_part(
    settings: Settings, postgres: Postgres, preparer: Preparer, positions: Sequence[int]
) -> Counter[str]:
    counts: Counter[str] = Counter()
    left = list(positions)
    while rows := postgres.query(SELECT_LETTERS, left, MOST_BYTES):
        # References first: no transaction is open while Redis is asked.
        prepared = preparer.prepare(
            (position, None if value is None else bytes(value), (topic.encode(), partition, offset))
            for position, value, topic, partition, offset in rows
        )
        failpoint("replayed")
        counts += _store(postgres, prepared, settings)
        done = {row[0] for row in rows}
        left = [position for position in left if position not in done]
    return counts


def _store(postgres: Postgres, prepared: Prepared[int], settings: Settings) -> Counter[str]:
    topics = publications.gates(settings)

    def attempt() -> Counter[str]:
        with postgres.transaction() as cursor:
            pass_gate(cursor, topics)
            counts = _store_open(cursor, prepared, settings.reference_retry_seconds)
            failpoint("resolving")
        return counts

    return without_conflict(postgres, attempt)


def _store_open(cursor: Cursor, prepared: Prepared[int], retry_seconds: float) -> Counter[str]:
    tried = [p for p, _ in prepared.events] + [p for p, _ in prepared.rejected] + prepared.skipped
    cursor.execute(LOCK_OPEN, (tried,))
    still_open = {position for (position,) in cursor}
    events = [(p, row) for p, row in prepared.events if p in still_open]
    failed = {p: error for p, error in prepared.rejected if p in still_open}
    skipped = [p for p in prepared.skipped if p in still_open]
    known = select_known(cursor, [row for _, row in events])
    new = {row.event_id: row for _, row in reversed(events) if row.event_id not in known}
    refused = copy(cursor, sorted(new.values(), key=lambda row: row.offset))
    for position, row in events:
        if row.event_id in refused:
            failed[position] = RejectError(Reason.REFUSED_BY_POSTGRES, refused[row.event_id])
    stored = [position for position, _ in events if position not in failed]
    cursor.execute(RESOLVE, ("stored", stored))
    cursor.execute(RESOLVE, ("skipped", skipped))
    errors = list(failed.values())
    columns = (
        list(failed),
        [error.reason.value for error in errors],
        [error.detail.replace("\0", "\ufffd") for error in errors],
        [error.reason.waits_for_reference for error in errors],
    )
    cursor.execute(FAILED, (retry_seconds, *columns))
    counts = Counter(error.reason.value for error in errors)
    counts["stored"], counts["skipped"] = len(stored), len(skipped)
    return counts
