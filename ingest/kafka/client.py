"""What every Kafka client needs, and what Kafka's errors mean."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, Queue
from threading import Thread
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message

from ingest import logs
from ingest.errors import OutageError, StopError
from ingest.kafka.message import Headers
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
UNREADABLE_HEADERS: Headers = [("unreadable", b"the headers: the name of one is not UTF-8")]


def configuration(settings: Settings) -> dict[str, Any]:
    """What every client needs to reach the brokers."""
    common: dict[str, Any] = {
        "bootstrap.servers": settings.bootstrap_servers,
        "client.id": "ordervault",
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


def headers_of(message: Message) -> Headers:
    """The headers of a message, if Kafka's client can give them to us."""
    try:
        found = message.headers() or []
    except (SystemError, UnicodeDecodeError):  # what the client makes of a name that is not UTF-8
        return UNREADABLE_HEADERS
    pairs = found.items() if isinstance(found, dict) else found
    return [(name, v.encode() if isinstance(v, str) else v) for name, v in pairs]
