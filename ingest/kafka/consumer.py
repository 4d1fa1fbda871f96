"""A member of a consumer group that reads its partitions from where it is told."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from ingest.errors import OutageError
from ingest.kafka.client import (
    ANSWER_TIMEOUT,
    configuration,
    guarded,
    raise_first,
    within,
)
from ingest.kafka.fetched import Fetched, fetched_of
from ingest.settings import Settings

log = logging.getLogger(__name__)

# How long a poll waits for a message, in seconds. One that brings new partitions takes as long.
POLL_TIMEOUT = 0.1
# Two batches begin at least this long apart, in seconds: a stream fills them, and a single message
# on a quiet topic does not wait.
BATCH_INTERVAL = 0.2
# A member that is left behind by its process holds up the group for so long, in milliseconds.
MAX_POLL_INTERVAL = 60_000
# The others learn with their next heartbeat that a member has joined, so it waits so long for its
# partitions, in milliseconds.
HEARTBEAT = 500
# How long a group may take to give out its partitions beyond that, in seconds.
JOIN_TIMEOUT = 15.0
# What is fetched ahead, in kilobytes, and what one fetch brings of a partition, in bytes as they
# come compressed: each is a bound for memory, whatever the messages are. A batch of a producer
# comes whole all the same.
MOST_QUEUED = 16_384
MOST_FETCHED = 8_192
# Of the values in a batch, in bytes; and how many messages are taken between two looks at that.
MOST_BYTES = 16_000_000
MOST_AT_ONCE = 200
# After how long the client looks whether its queue has room again, in milliseconds.
QUEUE_BACKOFF = 10


class GroupConsumer:
    """A member of a consumer group, which reads each of its partitions from where it is told.

    The group only shares out the partitions: its offsets are never read. The callbacks of a
    rebalance note what happened and raise nothing, because that would be lost; nothing is read
    before `start`. Before partitions are given up `before_revoked` is called, which must not raise.
    """

    def __init__(self, settings: Settings, topic: str, group: str) -> None:
        self.before_revoked: Callable[[], object] = lambda: None
        self._topic = topic
        self._group = group
        self._assigned: list[int] | None = None  # by the group; None while it has not yet
        self._started = False
        self._rebalanced = False  # during the present poll
        self._since = time.monotonic()  # when partitions were assigned or revoked, or a batch began
        self._errors: list[KafkaError] = []
        self._told: dict[int, int] = {}  # of each partition, the offset that the group took last
        self._consumer = Consumer(
            {
                **configuration(settings),
                "group.id": group,
                "session.timeout.ms": settings.kafka_session_timeout_ms,
                "heartbeat.interval.ms": min(HEARTBEAT, settings.kafka_session_timeout_ms // 5),
                "max.poll.interval.ms": max(MAX_POLL_INTERVAL, settings.kafka_session_timeout_ms),
                "partition.assignment.strategy": "range",
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "auto.offset.reset": "error",  # the client never chooses where to read
                "fetch.wait.max.ms": 100,  # after which an end is told; messages are sent at once
                "fetch.message.max.bytes": MOST_FETCHED,
                "queued.max.messages.kbytes": MOST_QUEUED,
                "fetch.queue.backoff.ms": QUEUE_BACKOFF,
                "error_cb": self._errors.append,
                "on_commit": self._on_commit,
            },
        )
        self._longest_join = max(MAX_POLL_INTERVAL, settings.kafka_session_timeout_ms) / 1000
        self._consumer.subscribe(
            [topic],
            on_assign=self._on_assign,
            on_revoke=self._on_revoke,
            on_lost=self._on_revoke,
        )

    @property
    def unstarted(self) -> list[int] | None:
        """The partitions that are ours, if somebody has to say where to read them; else None."""
        return None if self._started else self._assigned

    @property
    def is_assigned(self) -> bool:
        """Whether the group has given us our partitions; there may be none for us."""
        return self._assigned is not None

    def start(self, offsets: dict[int, int]) -> None:
        """Read each partition from this offset."""
        with guarded():
            self._consumer.assign(self._places(offsets))
        self._started = True

    def poll(self, size: int) -> Fetched:
        """Up to `size` messages: what has been fetched, which MOST_QUEUED bounds.

        Empty if nothing comes for POLL_TIMEOUT seconds, or if the group has rebalanced meanwhile.
        Raises OutageError or StopError.
        """
        self._rebalanced, began = False, time.monotonic()
        with guarded():
            messages = self._consumer.consume(1, POLL_TIMEOUT)
            if messages and (early := self._since + BATCH_INTERVAL - time.monotonic()) > 0:
                time.sleep(early)
            if messages:
                messages += self._rest(size - 1, len(messages[0]))
        raise_first(self._errors)
        if self._rebalanced:
            return Fetched()
        if self._assigned is None and began - self._since > self._longest_join + JOIN_TIMEOUT:
            waited = began - self._since
            raise OutageError("Kafka", f"the group has given no partitions for {waited:.0f} s")
        if messages:
            self._since = began
        fetched = fetched_of(messages)
        if fetched.lost_position:
            self._started = False
        return fetched

    def _rest(self, size: int, taken: int) -> list[Message]:
        """Up to `size` messages of those that are there; `taken` bytes are in the batch already."""
        rest: list[Message] = []
        while len(rest) < size and taken < MOST_BYTES:
            # So many as would fit if they were as large as those before.
            fitting = (MOST_BYTES - taken) * (len(rest) + 1) // (taken + 1) + 1
            more = self._consumer.consume(min(size - len(rest), fitting, MOST_AT_ONCE), 0)
            if not more:
                break
            rest += more
            taken += sum(map(len, more))
        return rest

    def commit(self, offsets: dict[int, int]) -> None:
        """Tell the group how far we are, for lag monitors; nothing depends on it, nobody waits."""
        if places := self._places(offsets):
            with suppress(KafkaException):  # a rebalance: what we start with then is told
                self._consumer.commit(offsets=places, asynchronous=True)

    def commit_again(self, offsets: dict[int, int]) -> None:
        """Likewise, where the group has not taken it, or an older one after it.

        It refuses offsets in a rebalance, and Kafka's client repeats what timed out. Where no
        message comes any more nothing else would tell it, and its lag would stay.
        """
        self.commit({p: offset for p, offset in offsets.items() if self._told.get(p) != offset})

    def commit_at_last(self, offsets: dict[int, int]) -> None:
        """Likewise before we leave: wait for the answer, if there is one."""
        places = self._places(offsets)
        if places:
            with suppress(TimeoutError, KafkaException):
                within(
                    ANSWER_TIMEOUT,
                    lambda: self._consumer.commit(offsets=places, asynchronous=False),
                )

    def _places(self, offsets: dict[int, int]) -> list[TopicPartition]:
        """Those of our own partitions: of others somebody else may have read more by now."""
        own = {n: offset for n, offset in offsets.items() if n in (self._assigned or [])}
        return [TopicPartition(self._topic, *place) for place in own.items()]

    def close(self) -> None:
        """Leave the group.

        Kafka's client tries for as long as the coordinator is away: left behind, it ends with us.
        """
        with suppress(TimeoutError):
            within(ANSWER_TIMEOUT, self._consumer.close)

    def __enter__(self) -> Self:
        """Leave the group with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the group with the block."""
        self.close()

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.assign([])  # else the client would go on from the group's offsets
        self._note_change([partition.partition for partition in partitions])
        log.info("assigned partitions %s", self._named(partitions))

    def _on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self.before_revoked()
        consumer.unassign()
        self._note_change(None)
        log.info("revoked partitions %s", self._named(partitions))

    def _on_commit(self, error: KafkaError | None, places: list[TopicPartition]) -> None:
        if error is None:
            self._told |= {place.partition: place.offset for place in places if not place.error}

    def _named(self, partitions: list[TopicPartition]) -> str:
        numbers = ",".join(str(partition.partition) for partition in partitions) or "none"
        return f"topic={self._topic} group={self._group} partitions={numbers}"

    def _note_change(self, assigned: list[int] | None) -> None:
        self._assigned, self._started, self._rebalanced = assigned, False, True
        self._told = {}
        self._since = time.monotonic()
