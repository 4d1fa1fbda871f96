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
    if settings.kafka_protocol:
        common["security.protocol"] = settings.kafka_protocol
    if settings.certificate_path:
        common["ssl.ca.location"] = str(settings.certificate_path)
    if settings.kafka_certificate_path:
        common |= {
            "ssl.certificate.location": str(settings.kafka_certificate_path),
            "ssl.key.location": str(settings.kafka_key_path),
            "ssl.key.password": settings.kafka_key_password.get_secret_value(),
        }
    return common | _sasl(settings)


def _sasl(settings: Settings) -> dict[str, Any]:
    if not settings.kafka_username:
        return {}
    mechanism, secret = settings.kafka_sasl_mechanism, settings.kafka_password.get_secret_value()
    if mechanism != "OAUTHBEARER":
        return {
            "sasl.mechanism": mechanism,
            "sasl.username": settings.kafka_username,
            "sasl.password": secret,
        }
    common = {
        "sasl.mechanism": mechanism,
        "sasl.oauthbearer.method": "oidc",
        "sasl.oauthbearer.client.id": settings.kafka_username,
        "sasl.oauthbearer.client.secret": secret,
        "sasl.oauthbearer.token.endpoint.url": settings.kafka_oauth_token_url,
        "sasl.oauthbearer.scope": settings.kafka_oauth_scope,
        "sasl.oauthbearer.extensions": settings.kafka_oauth_extensions,
    }
    if settings.certificate_path:
        common["https.ca.location"] = str(settings.certificate_path)
    return {name: value for name, value in common.items() if value}


@contextmanager
def guarded(resource: str = "") -> Iterator[None]:
    """A block in which Kafka's errors become OutageError or StopError that names the resource."""
    try:
        yield
    except KafkaException as error:
        raise classified(error.args[0], resource) from error


def classified(error: KafkaError, resource: str = "") -> Exception:
    """The exception that says what an error of Kafka means for us."""
    code, text = error.code(), f"{error.name()}: {error.str()}"
    on = f" on the {resource}" if resource else ""
    if code in (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC):
        return StopError(f"Kafka has no such topic ({resource or error.str()}): run `ingest init`")
    if code in FORBIDDEN:
        return StopError(
            f"Kafka forbids it{on}: {text}."
            " Grant KAFKA_USERNAME the ACLs of docs/reference/rights.md."
        )
    return OutageError("Kafka", text)


def raise_first(errors: list[KafkaError]) -> None:
    """Raise for the first error after which the client is of no use, and forget all.

    `errors.append` is a client's error callback: what a callback raises is lost.
    """
    noted, errors[:] = list(errors), []
    for error in noted:
        if error.fatal() or error.code() == KafkaError._ALL_BROKERS_DOWN:
            raise classified(error)


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
