"""What every Kafka client needs, and what Kafka's answers and errors mean."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import Empty, Queue
from threading import Thread
from typing import Any

from confluent_kafka import (
    TIMESTAMP_NOT_AVAILABLE,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from ingest import logs
from ingest.deliveries import Delivery, Place
from ingest.errors import OutageError, StopError
from ingest.settings import Settings

# In seconds.
SOCKET_TIMEOUT = 15.0
REQUEST_TIMEOUT = 30.0
ANSWER_TIMEOUT = 3.0  # of a broker that is there, to a simple question
METADATA_INTERVAL = 30.0

FORBIDDEN = (
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
)

# In place of headers that the client cannot give us: other clients send any bytes as a name.
UNREADABLE_HEADERS: list[tuple[str, str | bytes | None]] = [
    ("unreadable", b"the headers: the name of one is not UTF-8")
]


def configuration(settings: Settings) -> dict[str, Any]:
    """What every client needs to reach the brokers."""
    common: dict[str, Any] = {
        "bootstrap.servers": settings.bootstrap_servers,
        "client.id": settings.instance_id,
        "socket.timeout.ms": int(SOCKET_TIMEOUT * 1000),
        "allow.auto.create.topics": False,
        # Or it takes five minutes until partitions that a topic gets later are read.
        "topic.metadata.refresh.interval.ms": int(METADATA_INTERVAL * 1000),
        # Its own log says the same thing many times a second; what it means for us, we log.
        "logger": logging.getLogger(logs.LIBRDKAFKA),
        "log.connection.close": False,
    }
    protocol = settings.kafka_security_protocol
    if settings.kafka_username:
        common |= {
            "security.protocol": protocol or "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": settings.kafka_username,
            "sasl.password": settings.kafka_password.get_secret_value(),
        }
    elif protocol:
        common["security.protocol"] = protocol
    if settings.certificate_path:
        common["ssl.ca.location"] = str(settings.certificate_path)
    return common


@contextmanager
def guarded() -> Iterator[None]:
    """A block in which Kafka's errors become OutageError or StopError."""
    try:
        yield
    except KafkaException as error:
        raise classified(error.args[0]) from error


def classified(error: KafkaError) -> Exception:
    """The exception that says what an error of Kafka means for us."""
    code, text = error.code(), f"{error.name()}: {error.str()}"
    if code in (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC):
        return StopError(f"Kafka has no such topic ({error.str()}): run `ingest init`")
    if code in FORBIDDEN:
        return StopError(f"Kafka forbids it: {text}. Grant KAFKA_USERNAME the ACLs of the README.")
    if code in (KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE):
        return StopError(f"a topic takes no message of this size ({text}): raise max.message.bytes")
    return OutageError("Kafka", text)


def within(seconds: float, call: Callable[[], object]) -> None:
    """Call it, or leave it behind: some calls of Kafka's client return late or never.

    Nobody could stop the process meanwhile. Raises TimeoutError, or what the call raises.
    """
    outcome: Queue[Exception | None] = Queue()

    def report() -> None:
        try:
            call()
        except Exception as error:
            outcome.put(error)
        else:
            outcome.put(None)

    Thread(target=report, daemon=True).start()
    try:
        error = outcome.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if error:
        raise error


def place_of(message: Message) -> Place:
    """Its partition."""
    return message.topic() or "", message.partition() or 0


def group_offsets(
    consumer: Consumer, places: Iterable[Place], timeout: float
) -> dict[Place, int | None]:
    """Where the consumer's group stands in these partitions; None where it has not read."""
    offsets: dict[Place, int | None] = {}
    for found in consumer.committed([TopicPartition(*place) for place in places], timeout):
        if found.error:
            raise KafkaException(found.error)
        offsets[found.topic, found.partition] = found.offset if found.offset >= 0 else None
    return offsets


def delivery_of(message: Message, number: int = 0) -> Delivery:
    """The message as the rest of the package knows it."""
    topic, partition = place_of(message)
    kind, timestamp = message.timestamp()
    try:
        found = message.headers() or []
    except (SystemError, UnicodeDecodeError):  # what the client makes of a name that is not UTF-8
        found = UNREADABLE_HEADERS
    pairs = found.items() if isinstance(found, dict) else found
    return Delivery(
        number=number,
        topic=topic,
        partition=partition,
        offset=message.offset() or 0,
        timestamp=None if kind == TIMESTAMP_NOT_AVAILABLE else timestamp,
        key=message.key(),
        value=message.value(),
        headers=[(name, v.encode() if isinstance(v, str) else v) for name, v in pairs],
    )
