"""Why brokers are not reached, from what Kafka's client reports of its own accord."""

import re
from collections.abc import Iterable

from confluent_kafka import KafkaError

from ingest.errors import UnreachableError, UntrustedError
from ingest.settings import Settings
from ingest.tls import distrust, speaks_tls

# Where the client says that it was, as in `sasl_ssl://host:9093/bootstrap`.
PLACE = re.compile(r"://\[?(?P<host>[^/]+?)\]?:(?P<port>\d+)/")
REFUSED = re.compile("alert (bad certificate|certificate|unknown ca|handshake)", re.IGNORECASE)
UNTRUSTED = "certificate verify failed"
PROTOCOL = "another KAFKA_SECURITY_PROTOCOL or KAFKA_PORT"


def meaning(settings: Settings, errors: Iterable[KafkaError]) -> UnreachableError | None:
    """What a setting has to mend; None where the brokers are only away."""
    found = next(filter(None, (_meaning(settings, error) for error in errors)), None)
    return found or (None if _uses_tls(settings) else _wants_tls(settings))


def _wants_tls(settings: Settings) -> UntrustedError | None:
    """What is to be done if brokers whom we talk to plainly want TLS."""
    for address in settings.bootstrap_servers.split(","):
        host, port = address.rsplit(":", 1)
        if speaks_tls(host.strip("[]"), int(port)):
            return UntrustedError("Kafka", f"{address} wants TLS: set {PROTOCOL}")
    return None


def _meaning(settings: Settings, error: KafkaError) -> UnreachableError | None:
    code, said = error.code(), error.str()
    if code == KafkaError._RESOLVE:
        return UnreachableError("Kafka", f"KAFKA_HOST: {said}")
    if code == KafkaError._AUTHENTICATION:
        return _refused(settings, said)
    found = PLACE.search(said)
    host, port = (found["host"], int(found["port"])) if found else ("", 0)
    if UNTRUSTED in said:
        what = distrust(host, port, settings.certificate_path)
        return UntrustedError("Kafka", what or f"{said}: see CERTIFICATE_PATH and KAFKA_HOST")
    if REFUSED.search(said):
        what = "it refuses our certificate, KAFKA_CERTIFICATE_PATH, or wants one"
        return UntrustedError("Kafka", f"{what}: {said}")
    if "PLAINTEXT broker listener" in said and not speaks_tls(host, port):
        return UntrustedError("Kafka", f"{host}:{port} has no TLS: set {PROTOCOL}")
    return None


def _refused(settings: Settings, said: str) -> UnreachableError:
    if "nsupported SASL mechanism" in said:
        what = f"it has no {settings.kafka_sasl_mechanism}: set KAFKA_SASL_MECHANISM to what it has"
        return UntrustedError("Kafka", f"{what}: {said}")
    names = "KAFKA_USERNAME or KAFKA_PASSWORD"
    if settings.kafka_oauth_token_url:
        names += ", or KAFKA_OAUTH_TOKEN_URL gives no token for them"
    return UnreachableError("Kafka", f"it refuses {names}: {said}")


def _uses_tls(settings: Settings) -> bool:
    return "SSL" in (settings.kafka_protocol or "")
