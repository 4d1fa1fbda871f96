"""Reads what is committed in a topic, without a group: all of it, or the last of each partition."""

import logging
import time
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from ingest.deliveries import Delivery, Place
from ingest.errors import OutageError
from ingest.kafka.client import (
    REQUEST_TIMEOUT,
    configuration,
    delivery_of,
    group_offsets,
    guarded,
)
from ingest.settings import Settings

log = logging.getLogger(__name__)

# How far before the end to start looking; transaction markers and aborted records are there too.
FIRST_STEP = 100
CHUNK = 10_000
NOT_LEADER = KafkaError.NOT_LEADER_FOR_PARTITION


def read_all(settings: Settings, topic: str) -> Iterator[Delivery]:
    """Every committed message up to the present end; in order within a partition.

    Raises OutageError, or StopError if the topic is missing.
    """
    with _consumer(settings) as consumer:
        ends = {
            number: _range(consumer, topic, number)[1] for number in _partitions(consumer, topic)
        }
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in ends])
        yield from _until(consumer, ends)


def last_records(settings: Settings, topic: str) -> list[Delivery]:
    """The last committed message of each partition that has one. Raises as `read_all`."""
    found = []
    with _consumer(settings) as consumer:
        for number in _partitions(consumer, topic):
            if record := _last(consumer, topic, number):
                found.append(record)
    return found


def committed_offsets(
    settings: Settings,
    group: str,
    topics: Sequence[str],
    *,
    only: Container[Place] | None = None,
    timeout: float = REQUEST_TIMEOUT,
    isolation_level: str = "read_committed",
) -> dict[Place, int | None]:
    """The offset that a group has committed, for each partition of the topics; None if none.

    With `only`, for each of those.

    Raises OutageError, also if a transaction has offsets of the group for longer than `timeout`:
    with `read_uncommitted` those do not matter.
    """
    with _consumer(settings, group, isolation_level) as consumer:
        places = [
            (topic, number)
            for topic in topics
            for number in _partitions(consumer, topic)
            if only is None or (topic, number) in only
        ]
        return group_offsets(consumer, places, timeout)


def end_offsets(
    settings: Settings, topics: Sequence[str], *, isolation_level: str = "read_committed"
) -> dict[Place, int]:
    """For each partition, the offset after the last message that can be read."""
    with _consumer(settings, isolation_level=isolation_level) as consumer:
        return {
            (topic, number): _range(consumer, topic, number)[1]
            for topic in topics
            for number in _partitions(consumer, topic)
        }


def open_messages(
    settings: Settings, topics: Sequence[str], seconds: float
) -> Iterator[Iterator[Delivery]]:
    """For each partition in which a transaction stays open for `seconds`: what is unread for it.

    From its first message on, with what others have there. Use each before the next one.
    """
    unreadable = _unreadable(settings, topics, seconds)
    if not unreadable:
        return
    with _consumer(settings, isolation_level="read_uncommitted") as consumer:
        for place, (start, end) in unreadable.items():
            consumer.assign([TopicPartition(*place, start)])
            yield _until(consumer, {place[1]: end})


def outsider(settings: Settings, group: str) -> Any:
    """What a transaction needs to commit offsets of a group without being a member."""
    with _consumer(settings, group) as consumer:
        return consumer.consumer_group_metadata()


def wait_for_transactions(settings: Settings, topics: list[str]) -> None:
    """Return when every transaction has ended that is open in the topics now.

    Until then nobody reads what lies behind its first message. Raises OutageError if one lasts
    longer than ours may.
    """
    longest = settings.kafka_transaction_timeout_ms / 1000 + REQUEST_TIMEOUT
    if _unreadable(settings, topics, 0):
        log.warning("waiting for a transaction to end, for up to %.0f s", longest)
        if _unreadable(settings, topics, longest):
            raise OutageError("Kafka", f"a transaction has been open for {longest:.0f} s")


def _unreadable(
    settings: Settings, topics: Sequence[str], seconds: float
) -> dict[Place, tuple[int, int]]:
    """The offsets that open transactions hide from readers, from first to end.

    For each partition that has any; empty if all that is there now can be read within `seconds`.
    """
    deadline = time.monotonic() + seconds
    ends = end_offsets(settings, topics, isolation_level="read_uncommitted")
    while True:
        readable = end_offsets(settings, topics)
        found = {
            place: (readable[place], end) for place, end in ends.items() if readable[place] < end
        }
        if not found or time.monotonic() >= deadline:
            return found
        time.sleep(0.1)


@contextmanager
def _consumer(
    settings: Settings, group: str = "unused", isolation_level: str = "read_committed"
) -> Iterator[Consumer]:
    consumer = Consumer(
        {
            **configuration(settings),
            "group.id": group,  # required; nothing is ever committed here
            "isolation.level": isolation_level,
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
        }
    )
    try:
        with guarded():
            yield consumer
    finally:
        consumer.close()


def _partitions(consumer: Consumer, topic: str) -> list[int]:
    metadata = consumer.list_topics(topic, REQUEST_TIMEOUT).topics[topic]
    if metadata.error:
        raise KafkaException(metadata.error)
    return sorted(metadata.partitions)


def _last(consumer: Consumer, topic: str, number: int) -> Delivery | None:
    low, high = _range(consumer, topic, number)
    start, step = high, FIRST_STEP
    while start > low:
        end, start = start, max(low, start - step)
        consumer.assign([TopicPartition(topic, number, start)])
        last = None
        for delivery in _until(consumer, {number: end}):
            last = delivery
        if last is not None:
            return last
        step *= 10
    return None


def _range(consumer: Consumer, topic: str, number: int) -> tuple[int, int]:
    """The first offset of a partition, and the one after the last that can be read."""
    deadline = time.monotonic() + REQUEST_TIMEOUT
    while True:
        try:
            low, high = consumer.get_watermark_offsets(
                TopicPartition(topic, number), REQUEST_TIMEOUT
            )
        except KafkaException as error:  # a topic just made, or a leader that moves
            if error.args[0].code() != NOT_LEADER or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return low, high


def _until(consumer: Consumer, ends: dict[int, int]) -> Iterator[Delivery]:
    """The messages before the partitions' ends: Kafka's own ends move while others write."""
    unfinished = {number for number, end in ends.items() if end > 0}
    idle = 0.0
    while unfinished:
        messages: list[Message] = consumer.consume(CHUNK, 0.2)
        idle = 0.0 if messages else idle + 0.2
        if idle > REQUEST_TIMEOUT:
            raise OutageError("Kafka", "a topic cannot be read to its end")
        for message in messages:
            error = message.error()
            if error and error.code() != KafkaError._PARTITION_EOF:
                raise KafkaException(error)
            number, offset = message.partition() or 0, message.offset() or 0
            if error is None and offset < ends[number]:
                yield delivery_of(message)
            # The last offsets may belong to transaction markers, which nobody is given. A leader
            # that is new says too early that there is no more.
            if offset >= ends[number] - (0 if error else 1):
                unfinished.discard(number)
