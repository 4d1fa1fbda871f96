"""The table stg.order_events, and the topic that is its copy: an event as row and as message."""

from struct import Struct

import msgspec

from ingest.kafka.client import headers_of
from ingest.kafka.message import POSITION, Headers, Received, Record
from ingest.orders.message import Envelope
from ingest.orders.values import event_id, moment, since_2000
from ingest.publication import SELECT_FOLLOWING, STG_CUT, TABLE_ID, Publication
from ingest.settings import Settings

# Headers of the topic's messages: with key and value, all of the row.
EVENT_ID = "event_id"
SOURCE = "source"  # topic/partition/offset
LOADED_AT = "loaded_at"

# In COPY's binary format, for which Postgres takes a fifth less time than for text. A row is the
# number of its fields, and each field behind its length; here those of a fixed length come first.
COPY_EVENTS = """
copy stg.order_events (
    event_id, object_id, sent_dttm, kafka_partition, kafka_offset,
    object_type, kafka_topic, payload
) from stdin (format binary)
"""
COPY_HEADER, COPY_TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
ROW = Struct("> h i16s iq iq ii iq i")  # ends with the length of object_type
LENGTH = Struct("> i")
JSONB = Struct("> iB")  # its length, and the version of its format
JSONB_VERSION = 1

# Of the given events, those that are stored.
SELECT_KNOWN = """
select replace(event_id::text, '-', '')
from stg.order_events
where event_id = any(%s::uuid[])
"""

# The constraint that two ingestors with the same new event meet at.
PRIMARY_KEY = "order_events_pkey"


class Event(msgspec.Struct, frozen=True, gc=False):
    """An event that can be stored, as a row of COPY."""

    partition: int
    offset: int
    event_id: str  # 32 hexadecimal digits
    row: bytes


def event(raw: bytes, message: Envelope, payload: bytes, origin: tuple[bytes, int, int]) -> Event:
    """The event in the bytes `raw`, of what they were decoded and enriched to.

    `origin` is its topic, partition and offset.
    """
    identity = event_id(raw, message)
    topic, partition, offset = origin
    object_type, sent = message.object_type.encode(), since_2000(message.sent_dttm)
    row = b"%b%b%b%b%b%b" % (
        ROW.pack(
            *(8, 16, bytes.fromhex(identity), 8, int(message.object_id), 8, sent),
            *(4, partition, 8, offset, len(object_type)),
        ),
        object_type,
        LENGTH.pack(len(topic)),
        topic,
        JSONB.pack(len(payload) + 1, JSONB_VERSION),
        payload,
    )
    return Event(partition, offset, identity, row)


class Stored(msgspec.Struct):
    """Of a stored payload, what is a column too."""

    object_type: str
    sent_dttm: str


def restored_line(record: Received) -> bytes | None:
    """A line of COPY for the row that a message of the topic is a copy of, in RESTORED_COLUMNS.

    None for a message that is not ours.
    """
    headers = dict(headers_of(record))
    try:
        payload = record.value() or b""
        stored = msgspec.json.decode(payload, type=Stored)
        topic, partition, offset = (headers[SOURCE] or b"").split(b"/")
        text, sent = payload.replace(b"\\", b"\\\\"), str(moment(stored.sent_dttm)).encode()
        values = [headers[POSITION], headers[EVENT_ID], record.key(), stored.object_type.encode()]
        values += [sent, text, topic, partition, offset, headers[LOADED_AT]]
        return b"\t".join(values) + b"\n"  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError):  # msgspec's errors are ValueErrors
        return None


RESTORED_COLUMNS = (
    "position, event_id, object_id, object_type, sent_dttm, payload,"
    " kafka_topic, kafka_partition, kafka_offset, loaded_at"
)


def publication(settings: Settings) -> Publication:
    """stg.order_events and its topic."""
    topic = settings.kafka_stg_dst_topic

    def record(fields: list[bytes]) -> Record:
        position, identity, order, payload, source, loaded_at = fields
        headers: Headers = [
            (POSITION, position),
            (EVENT_ID, identity),
            (SOURCE, source),
            (LOADED_AT, loaded_at),
        ]
        return Record(topic, order, payload, headers)

    return Publication(
        topic=topic,
        table="stg.order_events",
        transactional_id=settings.stg_transactional_id,
        cut=STG_CUT,
        identity=TABLE_ID,
        following=SELECT_FOLLOWING.format(
            columns=(
                "event_id, object_id, payload,"
                " concat_ws('/', kafka_topic, kafka_partition, kafka_offset), loaded_at"
            ),
            table="stg.order_events",
            size="pg_column_size(payload)",
        ),
        record=record,
    )
