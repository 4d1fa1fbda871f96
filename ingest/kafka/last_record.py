"""The last committed record of a partition."""

import time
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from ingest.deliveries import Headers
from ingest.errors import OutageError
from ingest.kafka.client import REQUEST_TIMEOUT, configuration, guarded
from ingest.kafka.source import headers_of
from ingest.settings import Settings

# How far before the end to start looking; transaction markers and aborted records are there too.
FIRST_STEP = 100


@dataclass(frozen=True)
class LastRecord:
    """A record's value and headers."""

    value: bytes | None
    headers: Headers


def last_records(settings: Settings, topic: str) -> list[LastRecord]:
    """The last committed record of each partition of `topic` that has one.

    Raises OutageError, or StopError if the topic is missing.
    """
    consumer = Consumer(
        {
            **configuration(settings),
            "group.id": "unused",  # required, but nothing is committed
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
        }
    )
    try:
        with guarded():
            metadata = consumer.list_topics(topic, REQUEST_TIMEOUT).topics[topic]
            if metadata.error:
                raise KafkaException(metadata.error)
            found = (_last(consumer, topic, number) for number in sorted(metadata.partitions))
            return [record for record in found if record is not None]
    finally:
        consumer.close()


def _last(consumer: Consumer, topic: str, number: int) -> LastRecord | None:
    place = TopicPartition(topic, number)
    low, high = consumer.get_watermark_offsets(place, REQUEST_TIMEOUT)
    start, step = high, FIRST_STEP
    while start > low:
        end, start = start, max(low, start - step)
        if record := _last_between(consumer, TopicPartition(topic, number, start), end):
            return record
        step *= 10
    return None


def _last_between(consumer: Consumer, start: TopicPartition, end: int) -> LastRecord | None:
    """The last record from `start` to before `end`, or to the end of what is committed."""
    found = None
    deadline = time.monotonic() + REQUEST_TIMEOUT
    consumer.assign([start])
    while time.monotonic() < deadline:
        message = consumer.poll(0.1)
        if message is None:
            continue
        error = message.error()
        if error and error.code() == KafkaError._PARTITION_EOF:
            return found
        if error:
            raise KafkaException(error)
        if (message.offset() or 0) >= end:
            return found
        found = LastRecord(message.value(), headers_of(message))
    raise OutageError("Kafka", f"{start.topic} [{start.partition}] cannot be read to its end")
