"""The consumer: a member of a consumer group that knows which partitions are its own."""

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from ingest.deliveries import Delivery, Place
from ingest.errors import OutageError, StopError
from ingest.kafka.client import (
    ANSWER_TIMEOUT,
    REQUEST_TIMEOUT,
    classified,
    configuration,
    delivery_of,
    group_offsets,
    guarded,
    place_of,
    within,
)
from ingest.settings import Settings

log = logging.getLogger(__name__)

# How long a poll waits for a message, and then for others to fill the batch, in seconds.
POLL_TIMEOUT = 0.5
FILL_TIMEOUT = 0.05
# How long a partition may take to show a message or its end, in seconds beyond the length of a
# transaction of ours, which may have the group's offsets.
START_TIMEOUT = 15.0
# How long a batch may take but for its transaction, in seconds: Redis and Postgres.
LOADING = 120.0


@dataclass(frozen=True)
class Batch:
    """What one poll brought: messages, the offsets to commit with them, and on whose behalf."""

    deliveries: list[Delivery] = field(default_factory=list)
    offsets: dict[Place, int] = field(default_factory=dict)
    group: Any = None  # the consumer group's metadata, taken right after the poll


class Source:
    """A member of a consumer group.

    The broker fences a commit by the group's generation, not by who owns a partition, so this class
    knows which partitions are ours: it drops messages of a partition that was taken away while
    they were being fetched, and whoever uses it holds no batch across polls.
    """

    def __init__(
        self,
        settings: Settings,
        topics: list[str],
        group: str,
        on_assigned: Callable[[dict[Place, int | None]], None] = lambda committed: None,
    ) -> None:
        """Join `group`.

        Before the first message of a partition is handed out, and before a partition is read again
        after an outage, `on_assigned` is told the group's committed offset of it, None if there is
        none; it may raise OutageError or StopError.
        """
        self._settings = settings
        self._group = group
        self._on_assigned = on_assigned
        self._owned: set[Place] = set()  # as the group's rebalances say
        self._taken: set[Place] = set()  # revoked during the present poll
        self._started: set[Place] = set()  # owned, and read from since they came
        self._unread: set[Place] = set()  # given up by the client: no offset, or out of range
        self._ended: set[Place] = set()  # owned, and once read to the end
        self._committed: dict[Place, int] = {}
        self._is_assigned = False  # no partitions are on their way from or to us
        self._waits = False  # and so all that we own is paused
        self._changed = time.monotonic()  # when partitions last came, went or were paused
        self._fatal: Exception | None = None
        self._away: Exception | None = None  # no broker answers; said once for each outage
        self._refused: Exception | None = None  # a commit; said once
        self._topics = topics
        self._consumer = self._member()

    @property
    def _max_poll_interval(self) -> float:
        """In seconds. A member that does not rejoin holds up its group for so long."""
        settings = self._settings
        longest = settings.kafka_transaction_timeout_ms / 1000 + LOADING
        return max(longest, settings.kafka_session_timeout_ms / 1000)

    def poll(self, size: int) -> Batch:
        """Up to `size` messages, none if there are none for POLL_TIMEOUT seconds.

        Raises OutageError or StopError.
        """
        self._taken.clear()
        with guarded():
            messages = self._consume(1, POLL_TIMEOUT)
            if messages and size > 1:
                messages += self._consume(size - 1, FILL_TIMEOUT)
            # Taken later, after a rebalance, it would let a batch of a lost partition through.
            batch = Batch(group=self._consumer.consumer_group_metadata())
            if self._fatal:
                raise self._fatal
            if self._refused:
                refused, self._refused = self._refused, None
                raise refused
            if self._away and not messages:
                away, self._away = self._away, None
                raise away
            if not self._consumer.memberid():
                self._look_for_silence()
                return Batch()
            read = []
            for message in messages:
                error = message.error()
                if error and error.code() == KafkaError._AUTO_OFFSET_RESET:
                    log.debug("%s [%d]: %s", *place_of(message), error.str())
                    self._unread.add(place_of(message))
                else:
                    read.append(message)
            ours = {place_of(message) for message in read} & self._owned - self._taken
            self._start(ours - self._started, read=True)
            for message in read:
                self._take(message, batch)
            self._start(self._unread & self._owned, read=False)
            if self._taken & self._owned:  # lost and won back in one poll: read them again
                self.rewind(self._taken & self._owned)
            self._look_for_silence()
        return batch

    def _consume(self, size: int, timeout: float) -> list[Message]:
        messages: list[Message] = self._consumer.consume(size, timeout)
        return messages

    @property
    def drained(self) -> bool:
        """Whether every partition has been read to the end that it had when it came to us.

        Whoever has lost its partitions does not know yet which ones will be its own.
        """
        return self._is_assigned and self._owned <= self._ended

    def committed(self, offsets: dict[Place, int]) -> None:
        """Remember that a transaction committed these offsets."""
        self._committed |= offsets

    def ahead(self, batch: Batch) -> dict[Place, int]:
        """The batch's offsets that are not committed yet."""
        return {
            place: offset
            for place, offset in batch.offsets.items()
            if offset > self._committed.get(place, -1)
        }

    def commit(self, offsets: dict[Place, int]) -> None:
        """Commit offsets outside of a transaction, for who would not mind reading again.

        Returns at once: Kafka's client waits for an answer as long as the group's coordinator is
        away. A later `poll` raises OutageError if there was an error.
        """
        if not offsets:  # Kafka's client would take that for "all that was stored", and refuse
            return
        with guarded():
            self._consumer.commit(
                offsets=[TopicPartition(*place, offset) for place, offset in offsets.items()],
                asynchronous=True,
            )
        self._committed |= offsets

    def rewind(self, places: Iterable[Place] | None = None) -> None:
        """Go on from the committed offsets: of all partitions that are ours if none are named."""
        wanted = self._owned if places is None else set(places)
        if not wanted:
            return
        with guarded():
            committed = self._committed_offsets(wanted)
            self._believe(committed)
            # Whoever was away may have come back with less than it had.
            self._on_assigned(committed)
            self._read_from(committed)

    def wait(self, seconds: float) -> None:
        """Stay in the group without reading; `rewind` must follow.

        What is polled of a partition that comes meanwhile is dropped, for `rewind` to read again.
        """
        deadline = time.monotonic() + seconds
        self._waits = True
        try:
            with guarded():
                while time.monotonic() < deadline:
                    self._away = None  # whoever waits knows
                    self._changed = time.monotonic()  # what is paused is silent
                    self._consumer.pause([TopicPartition(*place) for place in self._owned])
                    with suppress(OutageError):  # else `rewind` were never reached
                        self.poll(1)
                self._consumer.resume([TopicPartition(*place) for place in self._owned])
        finally:
            self._waits = False

    def close(self) -> None:
        """Leave the group.

        Kafka's client tries for as long as the coordinator is away: left behind, it ends with us.
        """
        _leave(self._consumer)

    def __enter__(self) -> Self:
        """Leave the group with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the group with the block."""
        self.close()

    def _member(self) -> Consumer:
        """A client that joins the group."""
        consumer = Consumer(
            {
                **configuration(self._settings),
                "group.id": self._group,
                "session.timeout.ms": self._settings.kafka_session_timeout_ms,
                "heartbeat.interval.ms": self._settings.kafka_session_timeout_ms // 5,
                "max.poll.interval.ms": int(self._max_poll_interval * 1000),
                "partition.assignment.strategy": "cooperative-sticky",
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 100,  # after which an end is told; data is sent at once anyway
                "auto.offset.reset": "error",  # loud; _start knows where a new group begins
                "error_cb": self._remember,
                "on_commit": self._answered,
            }
        )
        consumer.subscribe(
            self._topics, on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked
        )
        return consumer

    def _take(self, message: Message, batch: Batch) -> None:
        """Put a message, or the news that a partition ends here, into the batch."""
        place, offset = place_of(message), message.offset() or 0
        error = message.error()
        if error and error.code() != KafkaError._PARTITION_EOF:
            raise KafkaException(error)
        if place not in self._owned or place in self._taken:
            return
        if error:
            self._ended.add(place)
            batch.offsets[place] = offset
            return
        if offset < self._committed.get(place, 0):  # fetched before a transaction was settled
            return
        batch.offsets[place] = offset + 1
        batch.deliveries.append(delivery_of(message, len(batch.deliveries)))

    def _start(self, places: set[Place], *, read: bool) -> None:
        """Look at partitions that came: where the group stands, and that they can be read there."""
        if not places:
            return
        committed = self._committed_offsets(places)
        self._believe(committed)
        for place, offset in committed.items():
            if not read and offset is not None:
                self._check_range(place, offset)
        self._on_assigned(committed)
        if not read:  # the client has given them up
            self._read_from(committed)
        self._started |= places

    def _look_for_silence(self) -> None:
        """Say what Kafka's client waits for without a word.

        For partitions, while another member does not rejoin or the group's coordinator does not
        answer; for offsets that a transaction has.
        """
        silent = self._owned - self._started - self._ended
        longest = self._settings.kafka_transaction_timeout_ms / 1000 + START_TIMEOUT
        passed = time.monotonic() - self._changed
        if silent and passed > longest:
            self._changed = time.monotonic()
            self._committed_offsets(silent)
        if not self._is_assigned and passed > self._max_poll_interval + START_TIMEOUT:
            self._changed = time.monotonic()
            if not self._consumer.memberid():  # it has forgotten, or waits for a broker
                forgetful, self._consumer = self._consumer, self._member()
                self._went(set(self._owned))
                _leave(forgetful)
            raise OutageError(
                "Kafka", f"the group {self._group} has given no partitions for {passed:.0f} s"
            )

    def _believe(self, committed: dict[Place, int | None]) -> None:
        """What the group says holds, not what we remember.

        A broker that restarts may have lost a transaction whose end it had acknowledged.
        """
        self._committed |= {
            place: -1 if offset is None else offset for place, offset in committed.items()
        }

    def _read_from(self, committed: dict[Place, int | None]) -> None:
        """Read partitions from there, None being the beginning.

        Assigned anew, since the client refuses to seek in a partition that it has given up, and it
        may have done so unheard: a pause throws away what it had to say of it.
        """
        starts = [
            TopicPartition(*place, OFFSET_BEGINNING if offset is None else offset)
            for place, offset in committed.items()
        ]
        self._consumer.incremental_unassign(starts)
        self._consumer.incremental_assign(starts)
        self._unread -= committed.keys()
        self._ended -= committed.keys()

    def _check_range(self, place: Place, offset: int) -> None:
        """Raise StopError unless the partition can be read there after all.

        The client may give up a position when a broker starts again, though nothing is lost.
        """
        low, high = self._consumer.get_watermark_offsets(TopicPartition(*place), REQUEST_TIMEOUT)
        topic, partition = place
        if offset < low:
            raise StopError(
                f"Kafka has deleted messages of {topic} [{partition}] before they were read:"
                f" offset {offset} is out of range. They are lost to us. To go on without them:"
                " kafka-consumer-groups --reset-offsets --to-earliest --topic"
                f" {topic}:{partition} (no other one), then `ingest recover`."
            )
        if offset > high:
            raise StopError(
                f"Kafka has lost messages of {topic} [{partition}]: it ends at offset {high} and"
                f" has been read up to {offset}. What it gets before that offset will not be read:"
                " have it sent again."
            )
        log.info("%s [%d] is read again from offset %d", topic, partition, offset)

    def _committed_offsets(self, places: set[Place]) -> dict[Place, int | None]:
        return group_offsets(self._consumer, places, REQUEST_TIMEOUT)

    def _assigned(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self._is_assigned = True
        places = {(partition.topic, partition.partition) for partition in partitions}
        self._owned |= places
        self._changed = time.monotonic()
        if places:  # a rebalance may bring none
            log.info("%d partitions came: %s", len(places), _named(places))

    def _revoked(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        if consumer is not self._consumer:  # left behind
            return
        places = {(partition.topic, partition.partition) for partition in partitions}
        self._went(places)
        if places:
            log.info("%d partitions went: %s", len(places), _named(places))
        # Else they were still paused, should they come back after an outage that they left in. Not
        # without need: the client may have a deadlock here (librdkafka 2.16; issue 5476).
        if self._waits:
            self._consumer.resume(partitions)

    def _went(self, places: set[Place]) -> None:
        self._is_assigned = False
        self._changed = time.monotonic()
        self._taken |= places
        self._owned -= places
        self._started -= places
        self._unread -= places
        self._ended -= places

    def _answered(self, error: KafkaError | None, _: list[TopicPartition]) -> None:
        if error is not None:
            self._refused = classified(error)

    def _remember(self, error: KafkaError) -> None:
        if error.fatal():
            self._fatal = classified(error)
        elif error.code() == KafkaError._ALL_BROKERS_DOWN:
            self._away = classified(error)


def _leave(consumer: Consumer) -> None:
    with suppress(TimeoutError):
        within(ANSWER_TIMEOUT, consumer.close)


def _named(places: Iterable[Place]) -> str:
    return ", ".join(f"{topic} [{partition}]" for topic, partition in sorted(places))
