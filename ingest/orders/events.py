"""The table stg.order_events, and the topic that is its copy: an event as row and as message."""

import msgspec

from ingest.kafka.client import headers_of
from ingest.kafka.message import POSITION, Headers, Received, Record
from ingest.orders.message import Envelope
from ingest.orders.values import event_id, moment
from ingest.publication import SELECT_FOLLOWING, STG_CUT, TABLE_ID, Publication
from ingest.settings import Settings

# Headers of the topic's messages: with key and value, all of the row.
EVENT_ID = "event_id"
SOURCE = "source"  # topic/partition/offset
LOADED_AT = "loaded_at"

COPY_EVENTS = """
copy stg.order_events (
    event_id, object_id, object_type, sent_dttm, payload,
    kafka_topic, kafka_partition, kafka_offset
) from stdin
"""

# A row of it.
LINE = b"%b\t%d\t%b\t%b\t%b\t%b\t%d\t%d\n"

# Of the given events, those that are stored.
SELECT_KNOWN = """
select replace(event_id::text, '-', '')
from stg.order_events
where event_id = any(%s::uuid[])
"""

# The length of a timestamp without fractions and offset.
PLAIN = 19

# The constraint that two ingestors with the same new event meet at.
PRIMARY_KEY = "order_events_pkey"


class Event(msgspec.Struct, frozen=True, gc=False):
    """An event that can be stored, as a line of COPY."""

    partition: int
    offset: int
    event_id: str  # 32 hexadecimal digits
    line: bytes


def event(raw: bytes, message: Envelope, payload: bytes, origin: tuple[bytes, int, int]) -> Event:
    """The event in the bytes `raw`, of what they were decoded and enriched to.

    `origin` is its topic, partition and offset.
    """
    identity = event_id(raw, message)
    if b"\\" in payload:  # JSON holds no tab or newline outside its escapes
        payload = payload.replace(b"\\", b"\\\\")
    sent = message.sent_dttm
    if len(sent) != PLAIN:  # Postgres would drop an offset silently
        sent = str(moment(sent))
    topic, partition, offset = origin
    line = LINE % (
        identity.encode(),
        int(message.object_id),
        message.object_type.encode(),
        sent.encode(),
        payload,
        topic,
        partition,
        offset,
    )
    return Event(partition, offset, identity, line)


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
