"""One batch into Postgres, in one transaction: events, dead letters, and how far each partition is.

The offsets lie beside the rows, so what is stored of a partition is what lies before its next
offset: never more, never less. Whoever stores takes the rows of its partitions first and looks only
then, so of two ingestors that hold one partition for a moment, one drops what the other has stored.
"""

import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from psycopg2 import DataError, errors
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from ingest import dead_letters
from ingest.dead_letters import Rejected
from ingest.errors import OutageError, StopError
from ingest.failpoints import failpoint
from ingest.kafka.message import Received
from ingest.orders.events import (
    COPY_EVENTS,
    COPY_HEADER,
    COPY_TRAILER,
    PRIMARY_KEY,
    SELECT_KNOWN,
    Event,
)
from ingest.postgres import END_FROZEN_WRITERS, Postgres
from ingest.reasons import Reason
from ingest.refusals import ConflictError

T = TypeVar("T")

# How often a transaction is tried that others are in the way of.
ATTEMPTS = 10
# In bytes: what is handed to the server at once.
COPY_SIZE = 1 << 20

# Whether this server has been compared with the topics since it started; see ingest/publish.py.
SELECT_GATE = """
select count(*) = cardinality(%(topics)s)
from stg.publications
where topic = any(%(topics)s) and compared_with = pg_postmaster_start_time()
"""

HOLD_POSITIONS = "select stg.hold_positions()"

# Takes the rows of the batch's partitions, until the transaction ends.
LOCK_PROGRESS = """
select kafka_partition, next_offset, topic_id
from stg.source_progress
where kafka_topic = %s and kafka_partition = any(%s)
order by kafka_partition
for update
"""

ADVANCE_PROGRESS = """
update stg.source_progress as progress
set
    next_offset = greatest(progress.next_offset, batch.next_offset),
    duplicates = progress.duplicates + batch.duplicates,
    skipped = progress.skipped + batch.skipped,
    updated_at = now() at time zone 'UTC'
from unnest(%s::int[], %s::bigint[], %s::bigint[], %s::bigint[])
    as batch (kafka_partition, next_offset, duplicates, skipped)
where progress.kafka_topic = %s and progress.kafka_partition = batch.kafka_partition
"""

# After a restore of data alone.
SEQUENCE_BEHIND = """the sequence of the positions is behind its tables. Stop every ingestor, then \
run in psql: select setval('stg.positions', greatest((select max(position) from \
stg.order_events), (select max(position) from stg.dead_letters), (select max(position) from \
stg.event_reloads)))"""


@dataclass(frozen=True)
class Source:
    """The topic that is loaded, and the topics that must have been compared with the server."""

    topic: str
    topic_id: str
    gates: list[str]


@dataclass(frozen=True)
class Batch:
    """What was read of some partitions: where that began and ends, and what it came to.

    `began` is the end of the batch before, never the offset of a message: offsets have gaps.
    """

    began: dict[int, int]
    ends: dict[int, int]
    events: Sequence[tuple[Received, Event]]
    rejected: Sequence[Rejected]
    skipped: Sequence[tuple[int, int]]  # partition, offset


def store(postgres: Postgres, batch: Batch, source: Source) -> Counter[str]:
    """Store one batch; returns how many messages became what.

    Raises OutageError or StopError, and then nothing is stored.
    """

    def attempt() -> Counter[str]:
        with postgres.transaction() as cursor:
            counts = _store(cursor, batch, source)
            failpoint("storing")
        return counts

    counts = without_conflict(postgres, attempt)
    failpoint("stored")
    return counts


def without_conflict(postgres: Postgres, attempt: Callable[[], T]) -> T:
    """Do a transaction again that others are in the way of: by a lock, or by the same new event.

    Raises what `attempt` does, and OutageError if they stay there.
    """
    for _ in range(ATTEMPTS):
        try:
            return attempt()
        except ConflictError as conflict:
            postgres.query(END_FROZEN_WRITERS)
            what = str(conflict).removeprefix("Postgres: ")
    raise OutageError("Postgres", f"others are in the way of each attempt: {what}")


def pass_gate(cursor: Cursor, topics: list[str]) -> None:
    """First of all that writes rows to be published. Raises OutageError where the gate is closed.

    The server may have lost commits whose rows are in the topics; the publisher compares them.
    """
    cursor.execute(SELECT_GATE, {"topics": topics})
    if cursor.fetchone() != (True,):
        raise OutageError("Postgres", "this server was not yet compared with the topics")
    cursor.execute(HOLD_POSITIONS)


def _store(cursor: Cursor, batch: Batch, source: Source) -> Counter[str]:
    pass_gate(cursor, source.gates)
    reached = _lock_progress(cursor, batch, source)
    events, rejected, skipped = batch.events, batch.rejected, batch.skipped
    if reached != batch.began:  # somebody else has stored a part
        events = [(s, row) for s, row in events if row.offset >= reached[row.partition]]
        rejected = [row for row in rejected if row.offset >= reached[row.partition]]
        skipped = [(p, offset) for p, offset in skipped if offset >= reached[p]]
    new, duplicates = _new(cursor, [row for _, row in events])
    refused = copy(cursor, new)
    stored_events = len(new) - len(refused)
    if refused:
        rejected = [*rejected, *_refusals(events, refused)]
    stored = dead_letters.insert(cursor, rejected, source.topic, source.topic_id)
    counts = Counter(row.reason.value for row in rejected if (row.partition, row.offset) in stored)
    duplicates += [row.partition for row in rejected if (row.partition, row.offset) not in stored]
    _advance(cursor, batch.ends, duplicates, [partition for partition, _ in skipped], source.topic)
    counts["stored"] = stored_events
    counts["duplicate"] = len(duplicates)
    counts["skipped"] = len(skipped)
    return counts


def _lock_progress(cursor: Cursor, batch: Batch, source: Source) -> dict[int, int]:
    """How far each partition is stored; until we end, nobody else stores more of it."""
    cursor.execute(LOCK_PROGRESS, (source.topic, list(batch.began)))
    reached: dict[int, int] = {}
    for partition, next_offset, topic_id in cursor:
        if next_offset < batch.began[partition] or topic_id != source.topic_id:
            raise OutageError(
                "Postgres",
                f"{source.topic} [{partition}] stands at offset {next_offset}, it was at"
                f" {batch.began[partition]}: commits were lost, or somebody moved it",
            )
        reached[partition] = next_offset
    if reached.keys() != batch.began.keys():
        raise OutageError("Postgres", f"rows of {source.topic} in stg.source_progress are gone")
    return reached


def _new(cursor: Cursor, events: Sequence[Event]) -> tuple[list[Event], list[int]]:
    """The events that are not stored yet, each once; and the partitions of the others."""
    known = select_known(cursor, events)
    new, duplicates = [], []
    for row in events:
        if row.event_id in known:
            duplicates.append(row.partition)
        else:
            known.add(row.event_id)
            new.append(row)
    return new, duplicates


def select_known(cursor: Cursor, events: Iterable[Event]) -> set[str]:
    """The ids of those that are stored."""
    ids = ",".join([row.event_id for row in events])
    if not ids:
        return set()
    cursor.execute(SELECT_KNOWN, (f"{{{ids}}}",))
    return {event_id for (event_id,) in cursor}


def copy(cursor: Cursor, rows: Sequence[Event]) -> dict[str, str]:
    """Store events in their order; returns those that Postgres refuses, with its data error.

    Raises ConflictError if another ingestor has just stored one of them.
    """
    if not rows:
        return {}
    cursor.execute("savepoint before_copy")
    try:
        stream = b"".join([COPY_HEADER, *[event.row for event in rows], COPY_TRAILER])
        cursor.copy_expert(COPY_EVENTS, io.BytesIO(stream), COPY_SIZE)
    except errors.UniqueViolation as error:
        # A shard's has a number behind it.
        if not (error.diag.constraint_name or "").startswith(PRIMARY_KEY):
            raise StopError(f"{error.diag.message_primary}: {SEQUENCE_BEHIND}") from error
        raise ConflictError(error) from None
    except DataError as error:
        cursor.execute("rollback to savepoint before_copy")
        if len(rows) == 1:
            return {rows[0].event_id: str(error).strip()}
        half = len(rows) // 2
        return copy(cursor, rows[:half]) | copy(cursor, rows[half:])
    return {}


def _refusals(
    events: Iterable[tuple[Received, Event]], refused: dict[str, str]
) -> Iterator[Rejected]:
    for source, row in events:
        if (detail := refused.pop(row.event_id, None)) is not None:
            reason = Reason.REFUSED_BY_POSTGRES
            yield Rejected(row.partition, row.offset, reason, detail, source)


def _advance(
    cursor: Cursor, ends: dict[int, int], duplicates: list[int], skipped: list[int], topic: str
) -> None:
    repeated, left = Counter(duplicates), Counter(skipped)
    partitions = list(ends)
    values = (
        partitions,
        [ends[partition] for partition in partitions],
        [repeated[partition] for partition in partitions],
        [left[partition] for partition in partitions],
    )
    cursor.execute(ADVANCE_PROGRESS, (*values, topic))
