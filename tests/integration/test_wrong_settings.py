"""Each wrong setting, certificate or right: what is said, the exit code, and how soon.

None is taken for an outage: the commands are services, which would wait for ever.
"""

import re
import socketserver
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import TypeAlias

import pytest
import trustme

from ingest.kafka.rights import GROUP, TOPIC, TRANSACTIONAL_ID, Right, rights
from sandbox.security import Security
from sandbox.server import free_port
from sandbox.stack import Stack
from sandbox.tls import TlsEnd
from tests import children
from tests.integration.secured import as_user, user_of_kafka, user_of_postgres, user_of_redis
from tests.integration.token_provider import CLIENT, TokenProvider
from tests.world import World

STOPPED, WRONG, REFUSED = 1, 2, 3
# For a command that starts and is refused, on a loaded machine, in seconds; an outage lasts longer.
SOON = 30
PORTS = {"Kafka": "KAFKA_PORT", "Redis": "REDIS_PORT", "Postgres": "PG_WAREHOUSE_PORT"}


@dataclass
class Place:
    """What a case is made from."""

    world: World
    stack: Stack
    tokens: TokenProvider
    folder: Path
    ends: ExitStack

    @property
    def security(self) -> Security:
        assert self.stack.security is not None
        return self.stack.security


Case: TypeAlias = Callable[[Place], dict[str, str]]


def setting(**variables: str) -> Case:
    return lambda place: variables


def expired(system: str) -> Case:
    """A server of this system whose certificate has expired."""

    def case(place: Place) -> dict[str, str]:
        past = datetime.now(UTC) - timedelta(days=1)
        certificate = place.security.certificate(f"old-{system}", "127.0.0.1", not_after=past)
        port = int(place.stack.environment[PORTS[system]])
        end = TlsEnd(port, certificate, postgres=system == "Postgres")
        return {PORTS[system]: str(place.ends.enter_context(end).port)}

    return case


def other_authority(place: Place) -> dict[str, str]:
    path = place.folder / "other.pem"
    trustme.CA().cert_pem.write_to_path(path)
    return {"CERTIFICATE_PATH": str(path)}


def controllers_port(place: Place) -> dict[str, str]:
    """Of Kafka, without TLS."""
    properties = (place.stack.folder / "kafka-1" / "server.properties").read_text()
    found = re.search(r"CONTROLLER://127.0.0.1:(\d+)", properties)
    assert found
    return {"KAFKA_PORT": found[1]}


def plain_redis(place: Place) -> dict[str, str]:
    return {"REDIS_PORT": place.stack.environment["REDIS_PLAIN_PORT"]}


class Protected(socketserver.BaseRequestHandler):
    """What a Redis without a password tells other hosts: real ones here all listen on loopback."""

    def handle(self) -> None:
        self.request.sendall(b"-DENIED Redis is running in protected mode because ...\r\n")


def protected_redis(place: Place) -> dict[str, str]:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Protected)
    place.ends.callback(server.server_close)
    place.ends.callback(server.shutdown)
    Thread(target=server.serve_forever, daemon=True).start()
    return {"REDIS_PORT": str(server.server_address[1]), "REDIS_TLS": "false", "REDIS_USERNAME": ""}


def no_certificate(place: Place) -> dict[str, str]:
    port = place.stack.environment["KAFKA_CERTIFICATE_PORT"]
    return {"KAFKA_PORT": port, "KAFKA_USERNAME": "", "KAFKA_SECURITY_PROTOCOL": "SSL"}


def wrong_token(place: Place) -> dict[str, str]:
    place.ends.enter_context(place.tokens.serving(place.security.server))
    return {
        "KAFKA_SASL_MECHANISM": "OAUTHBEARER",
        "KAFKA_OAUTH_TOKEN_URL": place.tokens.url,
        "KAFKA_USERNAME": CLIENT,
        "KAFKA_PASSWORD": "no-secret",
    }


def without(command: str, kind: str, name: str, operation: str) -> Case:
    """A user of Kafka who lacks one right; `name` is how the resource's name ends."""

    def case(place: Place) -> dict[str, str]:
        settings, kept, dropped = place.world.settings, [], 0
        for right in rights(settings, command):
            is_it = right.kind == kind and right.name.endswith(name)
            is_it = is_it and operation in right.operations
            left = tuple(word for word in right.operations if not is_it or word != operation)
            dropped += is_it
            kept.append(Right(right.kind, right.name, left))
        assert dropped == 1
        return user_of_kafka(place.world, "limited", kept)

    return case


def redis_user(*rules: str, password: str | None = None) -> Case:
    def case(place: Place) -> dict[str, str]:
        found = user_of_redis(place.world, "limited", *rules)
        return {**found, **({"REDIS_PASSWORD": password} if password else {})}

    return case


def postgres_user(place: Place) -> dict[str, str]:
    return user_of_postgres(place.world, "limited")


DATES = "the server's certificate is out of date: have it renewed"
NAMES = "the server's certificate is for other names: set the host to one of them"
AUTHORITY = "other.pem) does not hold the authority of the server's certificate"
FORBIDDEN = "Kafka does not allow limited"

CASES: dict[str, tuple[str, Case, str, int]] = {
    "Kafka: expired": ("stg", expired("Kafka"), f"Kafka: .*{DATES}", WRONG),
    "Kafka: name": ("stg", setting(KAFKA_HOST="localhost"), f"Kafka: localhost.*{NAMES}", WRONG),
    "Kafka: authority": ("stg", other_authority, re.escape(AUTHORITY), WRONG),
    "Kafka: plain": (
        "stg",
        setting(KAFKA_SECURITY_PROTOCOL="SASL_PLAINTEXT"),
        "wants TLS: set another KAFKA_SECURITY_PROTOCOL or KAFKA_PORT",
        WRONG,
    ),
    "Kafka: has no TLS": ("stg", controllers_port, "has no TLS: set another KAFKA_SECU", WRONG),
    "Kafka: password": (
        "stg",
        setting(KAFKA_PASSWORD="no"),
        "Kafka: it refuses KAFKA_USERNAME or KAFKA_PASSWORD",
        REFUSED,
    ),
    "Kafka: mechanism": (
        "stg",
        setting(KAFKA_SASL_MECHANISM="SCRAM-SHA-256"),
        "it has no SCRAM-SHA-256: set KAFKA_SASL_MECHANISM",
        WRONG,
    ),
    "Kafka: token": ("stg", wrong_token, "KAFKA_OAUTH_TOKEN_URL gives no token", REFUSED),
    "Kafka: certificate": ("stg", no_certificate, "KAFKA_CERTIFICATE_PATH, or wants one", WRONG),
    **{
        f"Kafka: {command} may not {operation} {kind} {name}": (
            command,
            without(command.split()[0], kind, name, operation),
            f"{FORBIDDEN} {operation}( and DescribeConfigs)? on the {kind} \\S+{name}: grant",
            STOPPED,
        )
        for command, kind, name, operation in (
            ("stg", TOPIC, "-orders", "Read"),
            ("stg", TOPIC, "-orders", "DescribeConfigs"),
            ("stg", GROUP, "-stg", "Read"),
            ("stg", TOPIC, ".dlq.progress", "Write"),
            ("emit", TOPIC, "-dds", "Write"),
            ("dds", TOPIC, "-stg", "Read"),
            ("dds", GROUP, "-dds", "Read"),
            ("cdm --once", TOPIC, "-dds", "Read"),
            ("cdm", GROUP, "-cdm", "Read"),
        )
    },
    "Kafka: transactional id": (
        "stg",
        without("stg", TRANSACTIONAL_ID, "-stg", "Write"),
        r"on the transactional id \S+-stg: .*Grant KAFKA_USERNAME the ACLs",
        STOPPED,
    ),
    "Redis: expired": ("stg", expired("Redis"), f"Redis: .*{DATES}", WRONG),
    "Redis: name": ("stg", setting(REDIS_HOST="localhost"), f"Redis: localhost.*{NAMES}", WRONG),
    "Redis: plain": ("stg", setting(REDIS_TLS="false"), "wants TLS, and REDIS_TLS is off", WRONG),
    "Redis: has no TLS": ("stg", plain_redis, "has no TLS: REDIS_TLS=false allows that", WRONG),
    "Redis: protected": ("stg", protected_redis, "requirepass.*protected-mode no", STOPPED),
    "Redis: password": (
        "stg",
        redis_user("+mget", "~*", password="no"),
        "Redis: it refuses REDIS_USERNAME or REDIS_PASSWORD",
        REFUSED,
    ),
    "Redis: command": ("stg", redis_user("~*", "+get"), r"'mget' command.*\+mget on ~\*", STOPPED),
    "Redis: keys": ("stg", redis_user("~other*", "+mget"), r"\+mget on ~\*", STOPPED),
    "Postgres: expired": ("stg", expired("Postgres"), f"Postgres: .*{DATES}", WRONG),
    "Postgres: name": (
        "stg",
        setting(PG_WAREHOUSE_HOST="localhost"),
        f"Postgres: localhost.*{NAMES}",
        WRONG,
    ),
    "Postgres: authority": ("dead-letters list", other_authority, re.escape(AUTHORITY), WRONG),
    "Postgres: plain": (
        "stg",
        setting(PG_WAREHOUSE_SSLMODE="disable"),
        "the server wants TLS: see PG_WAREHOUSE_SSLMODE",
        WRONG,
    ),
    "Postgres: password": (
        "stg",
        setting(PG_WAREHOUSE_PASSWORD="no"),
        "PG_WAREHOUSE_USER or PG_WAREHOUSE_PASSWORD is wrong",
        REFUSED,
    ),
    "Postgres: database": (
        "stg",
        setting(PG_WAREHOUSE_DBNAME="none"),
        "create the database that PG_WAREHOUSE_DBNAME names",
        REFUSED,
    ),
    "Postgres: role": ("stg", postgres_user, r"(?s)permission denied.*Grant the user", STOPPED),
}


@pytest.fixture
def place(guarded: World, secured: Stack, tokens: TokenProvider, tmp_path: Path) -> Iterator[Place]:
    with ExitStack() as ends:
        yield Place(guarded, secured, tokens, tmp_path, ends)


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_named_at_once(place: Place, name: str) -> None:
    command, case, said, code = CASES[name]
    world = as_user(place.world, case(place))
    began = time.monotonic()
    try:
        done = children.ingest(world.process_environment, *command.split(), seconds=2 * SOON)
    except subprocess.TimeoutExpired as waiting:
        pytest.fail(f"it waits: {waiting.stderr!r}")
    lasted = time.monotonic() - began
    last = done.stderr[done.stderr.index("ingest: ") :]
    assert re.search(said, last), done.stderr
    assert done.returncode == code, done.stderr
    assert lasted < SOON, f"{lasted:.0f} s: {done.stderr}"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("system", PORTS)
def test_a_secured_server_that_is_away_is_waited_for(guarded: World, system: str) -> None:
    away = as_user(guarded, {PORTS[system]: str(free_port()), "MAX_OUTAGE_SECONDS": "1"})
    done = away.ingest("stg", "--once", check=False)
    assert f"gave up after 1 s of waiting for {system}: " in done.stderr
    assert done.returncode == STOPPED
