"""The transactional producer: all records of a transaction, or none.

Every failure has one cure: the producer is thrown away. A new one with the same transactional.id
makes the broker end what the old one left, before anything is read. That costs a tenth of a second,
and only after an error.
"""

import time
from collections.abc import Sequence
from contextlib import suppress

from confluent_kafka import KafkaError, KafkaException, Message, Producer

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
from ingest.kafka.message import POSITION, Record
from ingest.settings import Settings

# Somebody else has our transactional.id, or the broker has given up on our transaction.
FENCED = (KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH, KafkaError.PRODUCER_FENCED)
TOO_LARGE = (KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE)
# Above any topic's max.message.bytes: that is the limit that counts.
LOCAL_LIMIT = 1_000_000_000
# In bytes: the default of Kafka's client, just below that of a topic's max.message.bytes.
LARGEST_BATCH = 1_000_000


class FencedError(Exception):
    """Another producer has begun with the same transactional.id."""


class TransactionalProducer:
    """Sends records in Kafka transactions, all or nothing.

    After any error the outcome of the last transaction is unknown, and the producer is finished.
    """

    def __init__(self, settings: Settings, transactional_id: str, batch_limit: int) -> None:
        """End what the last producer with this id left open, and fence it off.

        `batch_limit` is the topic's max.message.bytes, which is one for a batch. Raises
        OutageError or StopError.
        """
        self._lasting = settings.kafka_transaction_timeout_ms / 1000
        # Kafka's client refuses one that is longer than a transaction may last.
        self._socket_timeout = min(SOCKET_TIMEOUT, self._lasting)
        self._failed: KafkaError | None = None
        self._producer = Producer(
            {
                **configuration(settings),
                "socket.timeout.ms": int(self._socket_timeout * 1000),
                "transactional.id": transactional_id,
                "transaction.timeout.ms": settings.kafka_transaction_timeout_ms,
                "compression.type": "lz4",
                "linger.ms": 5,
                "partitioner": "murmur2_random",  # as the Java clients choose
                "message.max.bytes": LOCAL_LIMIT,
                "batch.size": min(LARGEST_BATCH, batch_limit),
                "on_delivery": self._delivered,
                "delivery.report.only.error": True,
            }
        )
        try:
            with guarded(f"transactional id {transactional_id}"):
                # Does any broker answer? To begin takes long to fail, and nobody could stop us.
                self._producer.list_topics(timeout=ANSWER_TIMEOUT)
                self._producer.init_transactions(REQUEST_TIMEOUT)
        except BaseException:
            self.close()
            raise
        failpoint("opened")

    def send(self, records: Sequence[Record]) -> None:
        """Send the records in one transaction.

        Raises OutageError, StopError for a record that its topic does not take, or FencedError.
        """
        producer, began = self._producer, time.monotonic()
        try:
            producer.begin_transaction()
            for record in records:
                # Any exception means that the record was not taken: no commit.
                while not _taken(producer, record):
                    producer.poll(0.1)  # the queue is full: let it send
            failpoint("produced")
            producer.commit_transaction(self._lasting)
        except KafkaException as error:
            raise self._meaning(error.args[0], records, time.monotonic() - began) from error
        if self._failed:
            raise self._meaning(self._failed, records, 0)
        if time.monotonic() - began > self._socket_timeout / 2:
            # A request may have been sent twice, and the first one still be on its way: it could
            # end a later transaction of this producer (KIP-890). The next one has another epoch.
            raise OutageError("Kafka", "a transaction took long to commit")

    def close(self) -> None:
        """Throw away the producer and whatever it has not sent."""
        # It cannot end its transaction if it was fenced off. The broker ends it, at the latest when
        # the next producer begins. The client loses its exception where it has more to say after a
        # fatal error: that is a SystemError then. And it tries for as long as the broker is away:
        # left behind, it closes when the broker comes back, or with us.
        with suppress(KafkaException, SystemError, TimeoutError):
            self._producer.purge()
            within(ANSWER_TIMEOUT, self._producer.close)

    def _meaning(self, error: KafkaError, records: Sequence[Record], lasted: float) -> Exception:
        """The exception for a call that failed; after a fatal error the client only says that."""
        cause = self._failed or error
        if cause.code() == KafkaError._FATAL:
            try:
                self._producer.poll(ANSWER_TIMEOUT)
            except KafkaException as fatal:
                cause = fatal.args[0]
        if cause.code() in FENCED and lasted < self._lasting:
            return FencedError()
        if cause.code() in TOO_LARGE:
            # The client does not say which one. No batch is larger than the topic's limit but one
            # of a single record.
            largest = max(records, key=lambda record: record.size)
            position = dict(largest.headers).get(POSITION) or b"?"
            return StopError(
                f"the topic {largest.topic} takes no message as large as the one of position"
                f" {position.decode()}: raise its max.message.bytes"
            )
        return classified(cause)

    def _delivered(self, error: KafkaError | None, _: Message) -> None:
        if error is not None and error.code() != KafkaError._PURGE_QUEUE:
            self._failed = self._failed or error


def _taken(producer: Producer, record: Record) -> bool:
    try:
        producer.produce(record.topic, record.value, record.key, headers=record.headers)  # type: ignore[arg-type]
    except BufferError:
        return False
    return True
