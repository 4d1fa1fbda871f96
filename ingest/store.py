"""One batch into Postgres, in one transaction: events, dead letters, progress.

Postgres decides the content. The first stored enrichment of an event stays, and what goes on to the
topic is what is stored: a batch that was stored and not published is published as it was stored
then, whatever Redis says now. Which of the two a delivery is, its coordinates tell:

    stored with these coordinates    its Kafka transaction never committed: publish it
    stored with other coordinates    the source repeats itself: publish nothing

So it is with dead letters: what was rejected and not published is published as it was rejected,
though what it lacked may have come since, and a replay have stored it.

Two ingestors may hold the same partition for a moment, one of them frozen or cut off. So whoever
stores takes the batch's rows of stg.source_progress first, and looks only then: what one has made
of a delivery, the other one sees.
"""

import io
import json
import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg2 import DataError, errors
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import execute_values

from ingest.deliveries import Delivery, Place, headers_for_json
from ingest.errors import StopError
from ingest.failpoints import failpoint
from ingest.messages import MAX_BIGINT, Event, event_hash
from ingest.postgres import Postgres
from ingest.reasons import REASONS, Reason
from ingest.strict_json import compact


@dataclass(frozen=True)
class Enriched:
    """A delivery that can be stored."""

    delivery: Delivery
    event: Event
    payload: bytes


@dataclass(frozen=True)
class Rejected:
    """A delivery that cannot; with its event if only the reference data is missing."""

    delivery: Delivery
    reason: Reason
    detail: str
    event: Event | None = None


@dataclass(frozen=True)
class Prepared:
    """A batch after decoding and enriching: every delivery is in exactly one of the lists."""

    enriched: Sequence[Enriched] = ()
    rejected: Sequence[Rejected] = ()
    skipped: Sequence[Delivery] = ()


@dataclass(frozen=True)
class Onward:
    """An event that goes on to the topic, as it is stored."""

    delivery: Delivery
    event: Event
    payload: bytes


@dataclass
class Stored:
    """What a batch became, and so what its Kafka transaction must carry."""

    events: list[Onward] = field(default_factory=list)
    dead_letters: list[Rejected] = field(default_factory=list)
    duplicates: list[Delivery] = field(default_factory=list)
    skipped: Sequence[Delivery] = ()


HOLD_POSITIONS = "select stg.hold_positions()"

# Takes the rows of the batch's partitions, until the transaction ends.
HOLD_PROGRESS = """
insert into stg.source_progress as known (kafka_topic, kafka_partition, next_offset)
select topic, number, 0
from unnest(%s::text[], %s::int[]) as place (topic, number)
order by topic, number
on conflict (kafka_topic, kafka_partition) do update set next_offset = known.next_offset
returning kafka_topic, kafka_partition, next_offset
"""

# The events of the batch that are stored already, with the delivery that stored them.
SELECT_KNOWN = """
select event_id, kafka_topic, kafka_partition, kafka_offset, payload::text
from stg.order_events
where event_id = any(%s)
"""

# The deliveries that were rejected: first, or last of all that their origin had. By their bytes
# too: a topic that was made anew has other messages there.
SELECT_REJECTED = """
select topic, number, position, reason, detail
from
    unnest(
        %s::text[], %s::int[], %s::bigint[], %s::text[], %s::int[], %s::bigint[], %s::uuid[]
    ) as delivery (
        topic, number, position, origin_topic, origin_number, origin_position, hash
    )
join stg.dead_letters
    on
        kafka_topic = origin_topic
        and kafka_partition = origin_number
        and kafka_offset = origin_position
        and event_hash = hash
where
    (topic, number, position) in (
        (kafka_topic, kafka_partition, kafka_offset),
        (last_kafka_topic, last_kafka_partition, last_kafka_offset)
    )
"""

COPY_EVENTS = """
copy stg.order_events (
    event_id, object_id, object_type, sent_dttm, payload,
    kafka_topic, kafka_partition, kafka_offset, load_src
) from stdin
"""

# A replay that fails again is another attempt at the dead letter it came from; the same delivery
# once more, after a crash, is not.
INSERT_DEAD_LETTERS = """
insert into stg.dead_letters as known (
    kafka_topic, kafka_partition, kafka_offset, kafka_timestamp,
    message_key, message_value, message_headers, event_hash, object_id, reason, detail,
    last_kafka_topic, last_kafka_partition, last_kafka_offset, next_attempt_at
) values %s
on conflict (kafka_topic, kafka_partition, kafka_offset, event_hash) do update set
    attempts = known.attempts + 1,
    reason = excluded.reason,
    detail = excluded.detail,
    last_seen_at = excluded.last_seen_at,
    last_kafka_topic = excluded.last_kafka_topic,
    last_kafka_partition = excluded.last_kafka_partition,
    last_kafka_offset = excluded.last_kafka_offset,
    next_attempt_at = case
        when excluded.next_attempt_at is not null
            then greatest(known.next_attempt_at, excluded.next_attempt_at)
    end
where
    (known.last_kafka_topic, known.last_kafka_partition, known.last_kafka_offset)
    is distinct from
    (excluded.last_kafka_topic, excluded.last_kafka_partition, excluded.last_kafka_offset)
"""

# A dead letter that waits for reference data is looked at again (`dead_letters.replay_known`).
DEAD_LETTER_VALUES = f"({', '.join(['%s'] * 14)}, case when %s then now() at time zone 'UTC' end)"

# Of an event that is not stored: by no delivery, nothing.
UNKNOWN: tuple[tuple[str, int, int] | None, bytes] = (None, b"")

# The constraint that two ingestors with the same event meet at.
PRIMARY_KEY = "order_events_pkey"

# After a restore of data alone.
SEQUENCE_BEHIND = """the sequence of the events' positions is behind its table. \
Stop every ingestor, then run in psql: select setval('stg.positions', greatest(\
(select max(event_no) from stg.order_events), (select max(event_no) from stg.event_reloads)))"""

OBJECT_ID = re.compile(rb'"object_id"\s*:\s*"?(\d{1,19})\b')

# Whatever bytes are stored now are no dead letters any more, however they came.
RESOLVE_DEAD_LETTERS = """
update stg.dead_letters
set resolved_at = now() at time zone 'UTC', resolution = 'stored', next_attempt_at = null
where event_hash = any(%s) and resolved_at is null
"""

# Deliveries below the stored offset were counted by an attempt before this one.
ADVANCE_PROGRESS = """
update stg.source_progress
set
    next_offset = greatest(next_offset, %(next)s),
    duplicates = duplicates
    + (select count(*) from unnest(%(duplicates)s::bigint[]) as o where o >= next_offset),
    skipped = skipped
    + (select count(*) from unnest(%(skipped)s::bigint[]) as o where o >= next_offset),
    updated_at = now() at time zone 'UTC'
where kafka_topic = %(topic)s and kafka_partition = %(partition)s
"""


def store(postgres: Postgres, prepared: Prepared, offsets: dict[Place, int], source: str) -> Stored:
    """Store one batch; the topic `source` is what its events are loaded from.

    Raises OutageError or StopError, and then nothing is stored.
    """
    while True:
        try:
            with postgres.transaction() as cursor:
                stored = _store(cursor, prepared, offsets, source)
                failpoint("storing")
            return stored
        except StoredMeanwhileError:  # by another ingestor: look again what is there
            continue


class StoredMeanwhileError(Exception):
    """Another ingestor stored an event of the batch between the look and the COPY."""


def _store(cursor: Cursor, prepared: Prepared, offsets: dict[Place, int], source: str) -> Stored:
    cursor.execute(HOLD_POSITIONS)
    reached = _hold_progress(cursor, offsets)
    # Deliveries as they came, so that an order's messages keep their order.
    rows: list[Enriched | Rejected] = sorted(
        [*prepared.enriched, *prepared.rejected], key=lambda row: row.delivery.number
    )
    known = _known(cursor, {row.event.event_id for row in rows if row.event})
    rejected = _rejected(
        cursor, [row.delivery for row in rows if row.delivery.offset < reached[row.delivery.place]]
    )
    new: dict[uuid.UUID, Enriched] = {}
    for enriched in prepared.enriched:
        if enriched.event.event_id not in known and enriched.delivery.coordinates not in rejected:
            new.setdefault(enriched.event.event_id, enriched)
    refused = _copy(cursor, sorted(new.values(), key=lambda row: row.event.event_id.bytes), source)

    stored = Stored(skipped=prepared.skipped)
    for row in rows:
        delivery, event = row.delivery, row.event
        stored_by, payload = known.get(event.event_id, UNKNOWN) if event else UNKNOWN
        if event and stored_by == delivery.coordinates:
            stored.events.append(Onward(delivery, event, payload))
        elif delivery.coordinates in rejected:
            reason, detail = rejected[delivery.coordinates]
            stored.dead_letters.append(Rejected(delivery, reason, detail, event))
        elif stored_by:
            stored.duplicates.append(delivery)
        elif isinstance(row, Rejected):
            stored.dead_letters.append(row)
        elif row.event.event_id in refused:
            detail = refused[row.event.event_id]
            stored.dead_letters.append(
                Rejected(delivery, Reason.REFUSED_BY_POSTGRES, detail, event)
            )
        elif new[row.event.event_id] is row:
            stored.events.append(Onward(delivery, row.event, row.payload))
        else:
            stored.duplicates.append(delivery)

    _insert_dead_letters(
        cursor, [row for row in stored.dead_letters if row.delivery.coordinates not in rejected]
    )
    # Duplicates too: another ingestor may have stored the bytes just before we rejected them.
    stored_now = [onward.delivery for onward in stored.events] + stored.duplicates
    hashes = [event_hash(delivery.value) for delivery in stored_now]
    cursor.execute(RESOLVE_DEAD_LETTERS, (hashes,))
    _advance(cursor, stored, offsets)
    return stored


def _hold_progress(cursor: Cursor, places: Iterable[Place]) -> dict[Place, int]:
    """How far each partition was stored before; until we end, nobody else stores more of it."""
    topics, numbers = zip(*places, strict=True) if places else ((), ())
    cursor.execute(HOLD_PROGRESS, (list(topics), list(numbers)))
    return {(topic, number): next_offset for topic, number, next_offset in cursor}


def _known(
    cursor: Cursor, event_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, tuple[tuple[str, int, int], bytes]]:
    cursor.execute(SELECT_KNOWN, (list(event_ids),))
    return {row[0]: ((row[1], row[2], row[3]), compact(row[4])) for row in cursor}


def _rejected(
    cursor: Cursor, batch: Sequence[Delivery]
) -> dict[tuple[str, int, int], tuple[Reason, str]]:
    """The coordinates of those that an attempt before this one rejected, and why."""
    if not batch:
        return {}
    rows = [(*each.coordinates, *each.origin, event_hash(each.value)) for each in batch]
    cursor.execute(SELECT_REJECTED, [list(column) for column in zip(*rows, strict=True)])
    return {row[:3]: (REASONS[row[3]], row[4]) for row in cursor}


def _copy(cursor: Cursor, rows: Sequence[Enriched], source: str) -> dict[uuid.UUID, str]:
    """Store the rows; those that Postgres refuses with a data error, with the error's text."""
    if not rows:
        return {}
    cursor.execute("savepoint before_copy")
    try:
        cursor.copy_expert(COPY_EVENTS, io.StringIO("".join(_line(row, source) for row in rows)))
    except errors.UniqueViolation as error:
        if error.diag.constraint_name != PRIMARY_KEY:
            raise StopError(f"{error.diag.message_primary}: {SEQUENCE_BEHIND}") from error
        raise StoredMeanwhileError from None
    except DataError as error:
        cursor.execute("rollback to savepoint before_copy")
        if len(rows) == 1:
            return {rows[0].event.event_id: str(error).strip()}
        half = len(rows) // 2
        return _copy(cursor, rows[:half], source) | _copy(cursor, rows[half:], source)
    return {}


def _line(row: Enriched, source: str) -> str:
    """A line of COPY's text format. JSON holds no tab or newline outside its escapes."""
    event, delivery = row.event, row.delivery
    values = (
        event.event_id,
        int(event.message.object_id),
        event.message.object_type,
        event.message.sent_dttm,
        row.payload.decode(),
        *delivery.coordinates,
        source,
    )
    return "\t".join(str(value).replace("\\", "\\\\") for value in values) + "\n"


def _insert_dead_letters(cursor: Cursor, rows: Sequence[Rejected]) -> None:
    # A letter that was replayed twice in one batch is one row of the statement: the last replay.
    # Should the batch come again, the first one is another attempt.
    letters = {(row.delivery.origin, event_hash(row.delivery.value)): row for row in rows}
    if letters:
        values = [_dead_letter(row) for row in letters.values()]
        execute_values(cursor, INSERT_DEAD_LETTERS, values, DEAD_LETTER_VALUES, len(values))


def _dead_letter(row: Rejected) -> tuple[Any, ...]:
    delivery = row.delivery
    return (
        *delivery.origin,
        delivery.sent_at,
        delivery.key,
        delivery.value,
        json.dumps(headers_for_json(delivery.headers)),
        event_hash(delivery.value),
        object_id_in(delivery.value),
        row.reason.value,
        row.detail.replace("\0", "\ufffd"),
        *delivery.coordinates,
        row.reason.waits_for_reference,
    )


def object_id_in(value: bytes | None) -> int | None:
    """The order, if the message names it, however bad it is: operators search by it."""
    named = OBJECT_ID.search(value or b"")
    number = int(named[1]) if named else None
    return number if number is not None and number <= MAX_BIGINT else None


def _advance(cursor: Cursor, stored: Stored, offsets: dict[Place, int]) -> None:
    duplicates, skipped = _by_place(stored.duplicates), _by_place(stored.skipped)
    for place, next_offset in sorted(offsets.items()):
        values = {
            "topic": place[0],
            "partition": place[1],
            "next": next_offset,
            "duplicates": duplicates[place],
            "skipped": skipped[place],
        }
        cursor.execute(ADVANCE_PROGRESS, values)


def _by_place(deliveries: Iterable[Delivery]) -> dict[Place, list[int]]:
    places: dict[Place, list[int]] = defaultdict(list)
    for delivery in deliveries:
        places[delivery.place].append(delivery.offset)
    return places
