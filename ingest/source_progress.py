"""How far each partition of the source has been read: the rows of stg.source_progress."""

from collections.abc import Sequence

from ingest.errors import StopError
from ingest.kafka.admin import Admin
from ingest.postgres import Postgres

ADD_PROGRESS = """
insert into stg.source_progress (kafka_topic, kafka_partition, topic_id, next_offset)
values (%s, %s, %s, %s)
on conflict (kafka_topic, kafka_partition) do nothing
"""
SELECT_PROGRESS = """
select kafka_partition, next_offset, topic_id
from stg.source_progress
where kafka_topic = %s and kafka_partition = any(%s)
"""


def next_offsets(
    postgres: Postgres, topic: str, topic_id: str, partitions: Sequence[int]
) -> dict[int, int]:
    """Where reading of each partition goes on; those of another topic of that name are left out."""
    rows = postgres.query(SELECT_PROGRESS, topic, list(partitions))
    return {number: offset for number, offset, known in rows if known == topic_id}


def start(
    postgres: Postgres, admin: Admin, topic: str, topic_id: str, partitions: Sequence[int]
) -> dict[int, int]:
    """Likewise, of partitions that are about to be read; a new one begins at its first message.

    Raises StopError if a partition cannot be read from there.
    """
    lowest = admin.beginnings(topic, partitions)
    highest = admin.ends(topic, partitions, committed=False)
    with postgres.transaction() as cursor:
        for number in sorted(partitions):
            cursor.execute(ADD_PROGRESS, (topic, number, topic_id, lowest[number]))
        cursor.execute(SELECT_PROGRESS, (topic, list(partitions)))
        found = sorted(cursor.fetchall())
    for number, offset, known in found:
        span = (lowest[number], highest[number])
        if why := why_unreadable(topic, number, offset, span, is_same=known == topic_id):
            raise StopError(why)
    return {number: offset for number, offset, _ in found}


def why_unreadable(
    topic: str, partition: int, offset: int, span: tuple[int, int], *, is_same: bool
) -> str:
    """Why a partition cannot be read from this offset, the next one in Postgres; empty if it can.

    `span` is its first offset and its end; `is_same`: the topic is the one that was read.
    """
    lowest, highest = span
    if not is_same:
        return (
            f"the topic {topic} was made anew since it was read: offset {offset} of [{partition}]"
            f" is of the old one. `ingest seek {topic} --to beginning` reads the new one; what is"
            " stored already changes nothing."
        )
    if offset < lowest:
        return (
            f"Kafka has deleted messages of {topic} [{partition}] before they were read: the next"
            f" offset is {offset}, the first one left {lowest}. They are lost to us. `ingest seek"
            f" {topic} --partition {partition} --to {lowest}` goes on without them."
        )
    if offset > highest:
        return (
            f"Kafka has lost messages of {topic} [{partition}]: it ends at offset {highest} and has"
            f" been read up to {offset}. `ingest seek {topic} --partition {partition} --to"
            f" {highest}` reads what comes next; have sent again what was lost."
        )
    return ""


def hidden(admin: Admin, topic: str) -> dict[int, int]:
    """How many offsets of each partition lie behind open transactions of the source's producers."""
    partitions = admin.partitions(topic)
    ends = admin.ends(topic, partitions, committed=False)
    readable = admin.ends(topic, partitions)  # asked later: what comes meanwhile is not hidden
    return {n: end - readable[n] for n, end in ends.items() if end > readable[n]}
