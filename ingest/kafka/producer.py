"""The transactional producer: all of a batch or nothing.

Every failure has one cure here: the producer is thrown away, and a new one with the same
transactional.id makes the broker end what the old one left, before anything is read again. That
costs a tenth of a second, and only after an error; telling errors apart in order to abort and go on
with the same producer has more cases than anybody tests.
"""

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from confluent_kafka import KafkaError, KafkaException, Message, Producer, TopicPartition

from ingest.deliveries import Headers, Place
from ingest.errors import OutageError, StopError
from ingest.failpoints import failpoint
from ingest.kafka.client import (
    ANSWER_TIMEOUT,
    REQUEST_TIMEOUT,
    SOCKET_TIMEOUT,
    classified,
    configuration,
    guarded,
    within,
)
from ingest.kafka.left_open import Predecessor, left_open
from ingest.kafka.reader import outsider
from ingest.settings import Settings

log = logging.getLogger(__name__)

# Somebody else has our transactional.id, or the broker has given up on our transaction.
FENCED = (KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH, KafkaError.PRODUCER_FENCED)
# After its own timeout, a call must return within so many seconds.
RETURN_TIMEOUT = 5.0
# Above any topic's max.message.bytes: that is the limit that counts.
LOCAL_LIMIT = 100_000_000
# In bytes: the default of Kafka's client, just below that of a topic's max.message.bytes.
LARGEST_BATCH = 1_000_000


@dataclass(frozen=True)
class Record:
    """A message to send."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def size(self) -> int:
        """In bytes, but for the few that Kafka puts around it."""
        headers = sum(len(name.encode()) + len(value or b"") for name, value in self.headers)
        return len(self.key or b"") + len(self.value or b"") + headers


class TransactionalProducer:
    """Sends records in Kafka transactions, all or nothing.

    After any OutageError the outcome of the last transaction is unknown. `reopen` settles it; then
    the committed offsets, or whatever was committed with the records, tell what happened.
    """

    def __init__(
        self,
        settings: Settings,
        transactional_id: str,
        predecessor: Predecessor | None = None,
    ) -> None:
        self._settings = settings
        self._transactional_id = transactional_id
        self._predecessor = predecessor
        self._producer: Producer | None = None
        self._failed: KafkaError | None = None

    @property
    def _socket_timeout(self) -> float:
        """In seconds. Kafka's client refuses one that is longer than a transaction may last."""
        return min(SOCKET_TIMEOUT, self._settings.kafka_transaction_timeout_ms / 1000)

    def open(self) -> None:
        """End what a predecessor with this transactional.id left open; fence it off.

        Raises OutageError or StopError.
        """
        self._producer = Producer(
            {
                **configuration(self._settings),
                "socket.timeout.ms": int(self._socket_timeout * 1000),
                "transactional.id": self._transactional_id,
                # Else, when all connections were lost, Kafka's client begins anew with other
                # handles of the brokers, waits on an old one for the group's coordinator, and
                # send_offsets_to_transaction hangs for ten minutes whatever its timeout
                # (librdkafka 2.16; issues 5456 and 5511). Each new producer begins anew anyway.
                "metadata.recovery.strategy": "none",
                "transaction.timeout.ms": self._settings.kafka_transaction_timeout_ms,
                "compression.type": "lz4",
                "linger.ms": 5,
                "partitioner": "murmur2_random",  # as the Java clients choose
                "message.max.bytes": LOCAL_LIMIT,
                # A topic's limit is one for a batch; those of `ingest init` take two such messages.
                "batch.size": min(LARGEST_BATCH, self._settings.max_message_bytes),
                "on_delivery": self._delivered,
            }
        )
        with guarded():
            # Does any broker answer? To begin takes long to fail, and nobody could be stopped then.
            self._producer.list_topics(self._settings.kafka_stg_dst_topic, ANSWER_TIMEOUT)
            self._producer.init_transactions(REQUEST_TIMEOUT)
            if self._predecessor:
                self._end_left_open(self._producer, self._predecessor)
        failpoint("opened")

    def reopen(self) -> None:
        """A new producer, after the old one failed."""
        self.close()
        self.open()

    def send(
        self,
        records: Sequence[Record],
        offsets: dict[Place, int] | None = None,
        group: Any = None,
    ) -> None:
        """Send the records, and commit a consumer group's offsets, in one transaction.

        Raises OutageError, after which `reopen` must be called, or StopError.
        """
        if self._producer is None:
            self.open()
        assert self._producer is not None
        producer, self._failed = self._producer, None
        lasting = self._settings.kafka_transaction_timeout_ms / 1000
        began = time.monotonic()
        try:
            producer.begin_transaction()
            for record in records:
                self._produce(producer, record)
            failpoint("produced")
            if offsets:
                self._send_offsets(producer, offsets, group)
                failpoint("offsets_sent")
            producer.commit_transaction(lasting)
        except KafkaException as error:
            cause = self._cause(producer, error.args[0])
            if cause.code() in FENCED and time.monotonic() - began < lasting:
                raise StopError(
                    f"another process uses the transactional.id {self._transactional_id!r} and has"
                    " fenced this one off. If it took over, start this one again and it stands by;"
                    " replicas of `ingest stg` need an INSTANCE_ID each."
                ) from error
            raise classified(cause) from error
        if time.monotonic() - began > self._socket_timeout / 2:
            # A request may have been sent twice, and the first one still be on its way: it could
            # end a later transaction of this producer. The next one has another epoch.
            self.close()

    def close(self) -> None:
        """Throw away the producer and whatever it has not sent."""
        if self._producer is not None:
            producer, self._producer = self._producer, None
            # It cannot end its transaction if it was fenced off. The broker ends it, at the latest
            # when the next producer opens. The client loses its exception where it has more to say
            # after the fatal error: that is a SystemError then. And it tries for as long as the
            # broker is away: left behind, it closes when the broker comes back, or with us.
            with suppress(KafkaException, SystemError, TimeoutError):
                producer.purge()
                within(ANSWER_TIMEOUT, producer.close)

    def __enter__(self) -> Self:
        """Close with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close with the block."""
        self.close()

    def _end_left_open(self, producer: Producer, predecessor: Predecessor) -> None:
        """Abort what an aborted transaction of ours has left open.

        Our next commit there would stand for the old one too; and nobody would be told where the
        group stands.
        """
        aborted, pending_group = left_open(self._settings, predecessor)
        if not aborted and pending_group is None:
            return
        self._failed = None
        producer.begin_transaction()
        for topic, partition in aborted:  # some may be others', who do not mind
            producer.produce(topic, b"", b"aborted", partition=partition)
        if producer.flush(REQUEST_TIMEOUT):
            raise OutageError("Kafka", "a partition takes no message")
        if self._failed:
            raise classified(self._failed)
        if pending_group is not None:
            # Of a partition that the group does not read, should this come true.
            offsets = {(predecessor.topics[0], 0): 0}
            self._send_offsets(producer, offsets, outsider(self._settings, pending_group))
        producer.abort_transaction(REQUEST_TIMEOUT)

    def _send_offsets(self, producer: Producer, offsets: dict[Place, int], group: Any) -> None:
        """Put the offsets into the transaction, or leave the producer behind.

        While the group's coordinator is away, this call of the client's may ignore its timeout and
        never return (https://github.com/confluentinc/librdkafka/issues/5456).
        """
        places = [TopicPartition(*place, offset) for place, offset in offsets.items()]
        timeout = self._socket_timeout
        try:
            within(
                timeout + RETURN_TIMEOUT,
                lambda: producer.send_offsets_to_transaction(places, group, timeout),
            )
        except TimeoutError:
            raise OutageError("Kafka", "the group's coordinator does not answer") from None

    def _produce(self, producer: Producer, record: Record) -> None:
        while True:
            try:
                producer.produce(
                    record.topic, record.value, key=record.key, headers=list(record.headers)
                )
            except BufferError:  # the queue is full: let it send
                producer.poll(0.1)
            else:
                producer.poll(0)
                return

    def _cause(self, producer: Producer, error: KafkaError) -> KafkaError:
        """Why a call failed: after a fatal error the client only says that there was one."""
        cause = self._failed or error
        if cause.code() == KafkaError._FATAL:
            try:
                producer.poll(ANSWER_TIMEOUT)
            except KafkaException as fatal:
                return fatal.args[0]  # type: ignore[no-any-return]
        return cause

    def _delivered(self, error: KafkaError | None, _: Message) -> None:
        if error is not None and error.code() != KafkaError._PURGE_QUEUE:
            self._failed = self._failed or error
