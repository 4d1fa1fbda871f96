"""A member of a consumer group that only waits for messages: no data depends on them."""

import time
from contextlib import suppress
from typing import Self

from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from ingest.kafka.client import ANSWER_TIMEOUT, classified, guarded, within
from ingest.kafka.consumer import member
from ingest.settings import Settings


class WakeUps:
    """A member of a group that only waits for messages: no data depends on them.

    The group's lag shows how much is to be done.
    """

    def __init__(self, settings: Settings, topic: str, group: str) -> None:
        self._error: Exception | None = None
        self._consumer = member(
            settings,
            group,
            {
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "auto.offset.reset": "latest",
                "error_cb": self._note,
            },
        )
        self._ends: dict[int, int] = {}
        self._topic = topic
        self._consumer.subscribe([topic])

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
        if self._error:
            error, self._error = self._error, None
            raise error
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

    def __enter__(self) -> Self:
        """Leave the group with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the group with the block."""
        with suppress(TimeoutError):
            within(ANSWER_TIMEOUT, self._consumer.close)

    def _note(self, error: KafkaError) -> None:
        if error.fatal() or error.code() == KafkaError._ALL_BROKERS_DOWN:
            self._error = classified(error)
