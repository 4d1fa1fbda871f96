"""Waits for messages that say that there is work: no data depends on them."""

import time
from contextlib import suppress
from typing import Self

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from ingest.kafka.admin import Admin
from ingest.kafka.client import (
    ANSWER_TIMEOUT,
    classified,
    configuration,
    guarded,
    raise_first,
    within,
)
from ingest.settings import Settings


class WakeUps:
    """Reads the end of a topic, and tells its group how far that is: the lag is what is to be done.

    It assigns itself all partitions, and is no member of the group: a build may take longer than a
    member may be silent, and Kafka's client may never return from closing a member that is just
    given its partitions. Two of one group are both woken; both build, which is safe.
    """

    def __init__(self, settings: Settings, topic: str, group: str) -> None:
        """Raises OutageError, or StopError for a topic that is missing."""
        self._errors: list[KafkaError] = []
        self._topic = topic
        self._ends: dict[int, int] = {}
        admin = Admin(settings)
        ends = admin.ends(topic, admin.partitions(topic))
        self._consumer = Consumer(
            {
                **configuration(settings),
                "group.id": group,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "enable.auto.commit": False,
                "error_cb": self._errors.append,
                "on_commit": self._on_commit,
            }
        )
        with guarded():
            self._consumer.assign([TopicPartition(topic, *place) for place in ends.items()])

    def wait(self, seconds: float) -> bool:
        """Whether a message comes within so many seconds; takes what is there then.

        Raises OutageError or StopError.
        """
        came, deadline = False, time.monotonic() + seconds
        with guarded():
            messages = self._consumer.consume(1, seconds)
            while messages:
                came |= any([self._take(message) for message in messages])
                is_over = time.monotonic() > deadline  # a stream does not end
                messages = [] if is_over else self._consumer.consume(10_000, 0)
        raise_first(self._errors)
        return came

    def _take(self, message: Message) -> bool:
        error, partition, offset = message.error(), message.partition() or 0, message.offset() or 0
        if error is None:
            self._ends[partition] = offset + 1
            return True
        if error.code() != KafkaError._PARTITION_EOF:
            raise classified(error)
        self._ends[partition] = offset  # beyond the markers, so that the lag comes to 0
        return False

    def commit(self) -> None:
        """Tell the group that all is done that the messages were about."""
        if self._ends:
            with suppress(KafkaException):
                self._consumer.commit(
                    offsets=[TopicPartition(self._topic, *place) for place in self._ends.items()],
                    asynchronous=True,
                )
            self._ends = {}

    def _on_commit(self, error: KafkaError | None, places: list[TopicPartition]) -> None:
        """What the group has not taken it is told with the next commit."""
        if error is not None:
            self._ends = {place.partition: place.offset for place in places} | self._ends

    def __enter__(self) -> Self:
        """Leave the group with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the group with the block."""
        with suppress(TimeoutError):
            within(ANSWER_TIMEOUT, self._consumer.close)
