"""The table dds.outbox, which dbt appends to, and the topic that is its copy."""

from ingest.kafka.client import headers_of
from ingest.kafka.message import POSITION, Headers, Received, Record
from ingest.publication import SELECT_FOLLOWING, Publication
from ingest.settings import Settings

# Headers of the topic's messages: with key and value, all of the row.
OUTBOX_ID = "outbox_id"
ORDER_KEY = "h_order_pk"
STATE_HASH = "state_hash"
CREATED_AT = "created_at"

# The rows have one writer, which numbers them without gaps and commits them in order.
CUT = "select coalesce(max(position), 0) from dds.outbox"
IDENTITY = "select outbox_id from dds.outbox limit 1"
EXISTS = "select to_regclass('dds.outbox') is not null"
# Where the outbox's post-hook announces new rows.
CHANNEL = "ordervault_outbox"


def publication(settings: Settings) -> Publication:
    """dds.outbox and its topic."""
    topic = settings.kafka_dds_dst_topic

    def record(fields: list[bytes]) -> Record:
        position, order, message, outbox_id, h_order_pk, state_hash, created_at = fields
        headers: Headers = [
            (POSITION, position),
            (OUTBOX_ID, outbox_id),
            (ORDER_KEY, h_order_pk),
            (STATE_HASH, state_hash),
            (CREATED_AT, created_at),
        ]
        return Record(topic, order, message, headers)

    return Publication(
        topic=topic,
        table="dds.outbox",
        transactional_id=settings.dds_transactional_id,
        cut=CUT,
        identity=IDENTITY,
        following=SELECT_FOLLOWING.format(
            columns="order_id, message, outbox_id, h_order_pk, state_hash, created_at",
            table="dds.outbox",
            size="octet_length(message)",
        ),
        record=record,
        exists=EXISTS,
        channel=CHANNEL,
    )


RESTORED_COLUMNS = "position, order_id, message, outbox_id, h_order_pk, state_hash, created_at"


def restored_line(record: Received) -> bytes | None:
    """A line of COPY for the row that a message of the topic is a copy of, in RESTORED_COLUMNS.

    None for a message that is not ours.
    """
    headers = dict(headers_of(record))
    try:
        values = [headers[POSITION], record.key(), (record.value() or b"").replace(b"\\", b"\\\\")]
        values += [headers[name] for name in (OUTBOX_ID, ORDER_KEY, STATE_HASH, CREATED_AT)]
        return b"\t".join(values) + b"\n"  # type: ignore[arg-type]
    except (KeyError, TypeError):
        return None
