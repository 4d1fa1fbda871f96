"""Messages that could not be loaded: the table stg.dead_letters, and the topic that is its copy.

The one place that knows how a dead letter is a row, and how it is a message. The message is what
came: key, value and headers. More headers, by the names that operators' tools know, say where it
was and why it was rejected.
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import execute_values

from ingest.kafka.client import headers_of
from ingest.kafka.message import (
    POSITION,
    Headers,
    Received,
    Record,
    headers_for_json,
    headers_of_json,
    headers_size,
)
from ingest.publication import SELECT_FOLLOWING, STG_CUT, TABLE_ID, Publication
from ingest.reasons import REASONS, Reason
from ingest.settings import Settings

PREFIX = "__connect.errors."
ORIGIN_TOPIC = f"{PREFIX}topic"
ORIGIN_TOPIC_ID = f"{PREFIX}topic.id"
ORIGIN_PARTITION = f"{PREFIX}partition"
ORIGIN_OFFSET = f"{PREFIX}offset"
ERROR_REASON = f"{PREFIX}exception.class.name"
ERROR_DETAIL = f"{PREFIX}exception.message"
ORIGIN_TIMESTAMP = f"{PREFIX}timestamp"
FIRST_SEEN_AT = f"{PREFIX}first_seen_at"
LEFT_OUT = "left_out"

EPOCH = datetime(1970, 1, 1)
MAX_BIGINT = 2**63 - 1
OBJECT_ID = re.compile(rb'"object_id"\s*:\s*"?(\d{1,19})\b')
# In bytes, of the values in one statement.
MOST_BYTES = 1_000_000
# Larger values stay in the source topic only: an ingestor has some hundred megabytes of memory.
LARGEST_KEPT = 16_000_000

COLUMNS = (
    "kafka_topic, topic_id, kafka_partition, kafka_offset, kafka_timestamp,"
    " message_key, message_value, message_headers, object_id,"
    " first_reason, first_detail, reason, detail, next_attempt_at"
)
# One that is there already was read again, after `ingest seek`: nothing changes.
INSERT = f"""
insert into stg.dead_letters ({COLUMNS})
values %s
on conflict on constraint dead_letters_message_key do nothing
returning kafka_partition, kafka_offset
"""
VALUES = f"({', '.join(['%s'] * 13)}, case when %s then now() at time zone 'UTC' end)"


class Rejected(NamedTuple):
    """A message of the source that cannot be loaded, and why."""

    partition: int
    offset: int
    reason: Reason
    detail: str
    source: Received | None  # None: Kafka's client cannot decode it


def insert(
    cursor: Cursor, rejected: Sequence[Rejected], topic: str, topic_id: str
) -> set[tuple[int, int]]:
    """Store dead letters of a source topic; returns partition and offset of those that are new."""
    stored: set[tuple[int, int]] = set()
    for part in _parts(rejected):
        rows = [_row(letter, topic, topic_id) for letter in part]
        stored.update(execute_values(cursor, INSERT, rows, VALUES, len(rows), fetch=True))
    return stored


def _parts(rejected: Sequence[Rejected]) -> Iterator[list[Rejected]]:
    """So many at a time that a statement holds some megabytes."""
    part: list[Rejected] = []
    size = 0
    for letter in rejected:
        part.append(letter)
        size += 1000 + _size(letter.source)
        if size > MOST_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def _size(source: Received | None) -> int:
    """Of a message, in bytes."""
    if source is None:
        return 0
    return len(source) + len(source.key() or b"") + headers_size(headers_of(source))


def _row(letter: Rejected, topic: str, topic_id: str) -> tuple[Any, ...]:
    source, detail = letter.source, letter.detail.replace("\0", "\ufffd")
    where = (topic, topic_id, letter.partition, letter.offset)
    why = (letter.reason.value, detail) * 2
    if source is None:
        return (*where, None, None, None, "[]", None, *why, False)
    value, headers = source.value(), headers_of(source)
    if len(value or b"") > LARGEST_KEPT:
        detail = f"{detail}; its bytes are in the source topic only"
        value, why = None, (letter.reason.value, detail) * 2
    return (
        *where,
        _sent_at(source),
        source.key(),
        value,
        json.dumps(headers_for_json(headers)),
        object_id_in(value),
        *why,
        letter.reason.waits_for_reference and value is not None,
    )


def _sent_at(source: Received) -> datetime | None:
    """Kafka's timestamp in UTC; None if there is none, or for one of the year 55000."""
    kind, milliseconds = source.timestamp()
    try:
        return EPOCH + timedelta(milliseconds=milliseconds) if kind else None
    except OverflowError:
        return None


def object_id_in(value: bytes | None) -> int | None:
    """The order, if the message names it, however bad it is: operators search by it."""
    named = OBJECT_ID.search(value or b"")
    number = int(named[1]) if named else None
    return number if number is not None and number <= MAX_BIGINT else None


def publication(settings: Settings, room: int) -> Publication:
    """stg.dead_letters and its topic, which takes messages of `room` bytes."""
    topic = settings.dead_letter_topic

    def record(fields: list[bytes]) -> Record:
        position, source, topic_id, partition, offset, timestamp, *rest = fields
        key, value, headers, reason, detail, first_seen_at = rest
        ours: Headers = [
            (POSITION, position),
            (ORIGIN_TOPIC, source),
            (ORIGIN_TOPIC_ID, topic_id),
            (ORIGIN_PARTITION, partition),
            (ORIGIN_OFFSET, offset),
            (ORIGIN_TIMESTAMP, timestamp or None),
            (ERROR_REASON, reason),
            (ERROR_DETAIL, msgspec.json.decode(detail).encode()),
            (FIRST_SEEN_AT, first_seen_at),
        ]
        stored = headers_of_json(msgspec.json.decode(headers))
        theirs = [pair for pair in stored if not _is_ours(pair[0])]
        whole = Record(topic, _bytes(key), _bytes(value), theirs + ours)
        if whole.size <= room:
            return whole
        left_out: Headers = [(LEFT_OUT, b"key, value and headers: too large, see stg.dead_letters")]
        assert headers_size(ours + left_out) < room
        return Record(topic, None, None, ours + left_out)

    return Publication(
        topic=topic,
        table="stg.dead_letters",
        transactional_id=f"{settings.stg_transactional_id}-dlq",
        cut=STG_CUT,
        identity=TABLE_ID,
        following=SELECT_FOLLOWING.format(
            columns=(
                "kafka_topic, topic_id, kafka_partition, kafka_offset,"
                " coalesce(kafka_timestamp::text, ''),"
                " coalesce(message_key::text, ''), coalesce(message_value::text, ''),"
                " message_headers, first_reason, to_json(first_detail), first_seen_at"
            ),
            table="stg.dead_letters",
            # Bytes come as two hexadecimal digits each.
            size=(
                "2 * coalesce(octet_length(message_key), 0)"
                " + 2 * coalesce(octet_length(message_value), 0) + pg_column_size(message_headers)"
            ),
        ),
        record=record,
    )


def _is_ours(name: str) -> bool:
    return name.startswith(PREFIX) or name in (POSITION, LEFT_OUT)


def _bytes(column: bytes) -> bytes | None:
    """A bytea as text: hexadecimal behind a backslash and an x; nothing for null."""
    return bytes.fromhex(column[2:].decode()) if column else None


def row_of(record: Received) -> dict[str, Any] | None:
    """The row that a message of the topic is a copy of; None for one that is not ours.

    Of one whose bytes were left out nothing can be made but a row without bytes.
    """
    headers = headers_of(record)
    ours = {name: value for name, value in headers if value is not None and _is_ours(name)}
    try:
        text = {name: value.decode() for name, value in ours.items()}
        reason = REASONS[text[ERROR_REASON]]
        value = record.value()
        return {
            "position": int(text[POSITION]),
            "kafka_topic": text[ORIGIN_TOPIC],
            "topic_id": text[ORIGIN_TOPIC_ID],
            "kafka_partition": int(text[ORIGIN_PARTITION]),
            "kafka_offset": int(text[ORIGIN_OFFSET]),
            "kafka_timestamp": text.get(ORIGIN_TIMESTAMP),
            "message_key": record.key(),
            "message_value": value,
            "message_headers": json.dumps(
                headers_for_json([pair for pair in headers if not _is_ours(pair[0])])
            ),
            "object_id": object_id_in(value),
            "first_reason": reason.value,
            "first_detail": text[ERROR_DETAIL],
            "reason": reason.value,
            "detail": text[ERROR_DETAIL],
            "first_seen_at": text[FIRST_SEEN_AT],
            "next_attempt_at": datetime.now(UTC).replace(tzinfo=None)
            if reason.waits_for_reference and value is not None
            else None,
        }
    except (KeyError, ValueError):
        return None
