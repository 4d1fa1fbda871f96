"""Servers that go away and come back under a running service, and settings that are wrong."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis

from ingest.errors import OutageError
from ingest.postgres import Postgres
from sandbox.server import free_port
from sandbox.stack import Stack
from tests.world import (
    DATABASE,
    RESTAURANT,
    ROOT,
    USER,
    World,
    connect,
    encoded,
    order,
    orders,
    prepare,
)

PASSWORD = "not-to-be-seen"
# Longer than a loaded machine takes for anything below, in seconds.
LONG = 120.0
SYSTEMS = {"valkey": "Redis", "postgres": "Postgres", "kafka": "Kafka"}


@pytest.fixture(scope="module")
def own_stack() -> Iterator[Stack]:
    """Servers of this module's own, that keep what they have when they are killed."""
    with Stack() as running:
        prepare(running.environment)
        yield running


@pytest.fixture
def fragile(own_stack: Stack) -> Iterator[World]:
    """A world on servers that a test may kill."""
    fresh = World(own_stack.environment, HEALTH_PORT=str(free_port()))
    fresh.know(USER, RESTAURANT)
    yield fresh
    fresh.close()


class Service:
    """`ingest stg` as a process, with its log."""

    def __init__(self, world: World, log: Path, *options: str) -> None:
        self._world = world
        self._log = log
        with log.open("wb") as stderr:
            self.process = subprocess.Popen(
                [str(ROOT / ".venv/bin/ingest"), "stg", *options],
                cwd=ROOT,
                env={**os.environ, **world.environment},
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a GET, as a probe sees them."""
        url = f"http://127.0.0.1:{self._world.environment['HEALTH_PORT']}{path}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except urllib.error.URLError:  # not up yet
            return 0, ""

    def log(self) -> str:
        return self._log.read_text()

    def until(self, what: Callable[[], object]) -> None:
        """Return when it is so; fail if the process ends or it takes too long."""
        deadline = time.monotonic() + LONG
        while True:
            # A broker that has just begun again may know less of its leaders than our client.
            with suppress(OutageError):
                if what():
                    return
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.1)

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@pytest.fixture
def service(fragile: World, tmp_path: Path) -> Iterator[Service]:
    running = Service(fragile, tmp_path / "log")
    yield running
    running.process.kill()
    running.process.wait()


def stored(world: World) -> int:
    return int(world.value("select count(*) from stg.order_events"))


def test_a_command_that_is_told_to_stop_before_its_end_has_failed(
    world: World, tmp_path: Path
) -> None:
    """A scheduler must not take it for done."""
    world.environment |= {"REDIS_PORT": str(free_port()), "MAX_OUTAGE_SECONDS": "600"}
    waiting = Service(world, tmp_path / "log", "--once")
    waiting.until(lambda: "waiting for Redis" in waiting.log())
    assert waiting.end() == 1
    assert "told to stop before all was done" in waiting.log().splitlines()[-1]


@pytest.mark.parametrize("server", SYSTEMS)
def test_a_service_waits_for_a_server_that_is_away_and_goes_on_by_itself(
    own_stack: Stack, fragile: World, service: Service, server: str
) -> None:
    fragile.send(*orders(range(10)))
    service.until(lambda: stored(fragile) == 10)
    service.until(lambda: service.get("/ready")[0] == 200)

    own_stack.servers[server].kill()
    try:
        if server != "kafka":
            fragile.send(*orders(range(10, 20)))
        service.until(lambda: service.get("/ready")[0] == 503)
        status, body = service.get("/health")
        assert status == 200  # a restart would not help
        assert json.loads(body)["waiting_for"].startswith(f"{SYSTEMS[server]}: ")
        waiting = f'ordervault_waiting{{system="{SYSTEMS[server]}"}} 1.0'
        assert waiting in service.get("/metrics")[1]
    finally:
        own_stack.servers[server].restart()
    if server == "postgres":
        fragile.connection = connect(fragile.environment, DATABASE)
    if server == "kafka":
        fragile.send(*orders(range(10, 20)))

    service.until(lambda: len(fragile.onward()) == 20)
    service.until(lambda: service.get("/ready")[0] == 200)
    assert waiting.replace("1.0", "0.0") in service.get("/metrics")[1]
    # The loop that loads says so, and the one that publishes, if it meets the outage.
    said = service.log().count(f"waiting for {SYSTEMS[server]}")
    assert 1 <= said <= 2
    assert service.log().count("working again") == said
    assert service.end() == 0
    assert stored(fragile) == len(fragile.onward()) == 20
    assert fragile.dead_letters() == []


@pytest.mark.parametrize("server", SYSTEMS)
def test_a_service_that_waits_stops_when_it_is_told_to(
    own_stack: Stack, fragile: World, service: Service, server: str
) -> None:
    """Sooner than a supervisor loses its patience, which is 10 seconds in Docker."""
    fragile.send(*orders(range(10)))
    service.until(lambda: stored(fragile) == 10)
    own_stack.servers[server].kill()
    try:
        if server != "kafka":
            fragile.send(*orders(range(10, 20)))
        service.until(lambda: f"waiting for {SYSTEMS[server]}" in service.log())
        time.sleep(4)  # it looks less and less often
        began = time.monotonic()
        assert service.end() == 0
        assert time.monotonic() - began < 10
    finally:
        own_stack.servers[server].restart()


def refused(world: World, *command: str, **overrides: str) -> tuple[int, str]:
    """Exit code and message of a command that cannot start: one sentence, nothing secret."""
    done = world.ingest(*command, check=False, MAX_OUTAGE_SECONDS="1", HEALTH_PORT="0", **overrides)
    said = [line for line in done.stderr.splitlines() if line.startswith("ingest: ")]
    assert len(said) == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    return done.returncode, done.stderr


UNKNOWN = "no-such-host.invalid"


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"REDIS_HOST": UNKNOWN, "REDIS_TLS": "false"}, "REDIS_HOST is unknown"),
        ({"PG_WAREHOUSE_HOST": UNKNOWN}, "PG_WAREHOUSE_HOST is unknown"),
        (
            {"KAFKA_HOST": UNKNOWN, "KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"},
            f"KAFKA_HOST: {UNKNOWN}",
        ),
        ({"PG_WAREHOUSE_DBNAME": "none"}, "create the database that PG_WAREHOUSE_DBNAME names"),
        ({"PG_WAREHOUSE_USER": "nobody"}, "there is no such user as PG_WAREHOUSE_USER says"),
        ({"PG_WAREHOUSE_SSLMODE": "require"}, "the server has no TLS"),
    ],
)
def test_a_wrong_setting_is_named_at_the_start(
    world: World, overrides: dict[str, str], words: str
) -> None:
    code, said = refused(world, "stg", **overrides)  # also of a service: it would wait for ever
    assert code == (2 if "TLS" in words else 3)
    assert words in said


@pytest.mark.parametrize(
    ("name", "system"),
    [("REDIS_PORT", "Redis"), ("PG_WAREHOUSE_PORT", "Postgres"), ("KAFKA_PORT", "Kafka")],
)
def test_a_command_gives_up_on_a_server_that_does_not_answer(
    world: World, name: str, system: str
) -> None:
    code, said = refused(world, "stg", "--once", **{name: str(free_port())})
    assert code == 1
    assert f"gave up after 1 s of waiting for {system}: " in said


@pytest.fixture
def guarded_redis(own_stack: Stack) -> Iterator[Any]:
    """The module's Redis, with a password."""
    servers = own_stack.environment
    client = redis.Redis(servers["REDIS_HOST"], int(servers["REDIS_PORT"]))
    client.config_set("requirepass", "right")
    yield client
    client.config_set("requirepass", "")


def test_a_file_that_holds_no_certificates_is_named(world: World, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("no certificate")
    settings = {"CERTIFICATE_PATH": str(file), "KAFKA_SECURITY_PROTOCOL": "SSL"}
    code, said = refused(world, "stg", **settings)
    assert code == 2
    assert "ssl.ca.location" in said


@pytest.fixture
def redis_that_cannot_save(own_stack: Stack) -> Iterator[None]:
    """The module's Redis with a failed dump: it refuses to be written to, and even PING."""
    servers = own_stack.environment
    client = redis.Redis(servers["REDIS_HOST"], int(servers["REDIS_PORT"]))
    in_the_way = own_stack.folder / "valkey" / "dump.rdb"
    in_the_way.unlink(missing_ok=True)
    in_the_way.mkdir()
    client.config_set("save", "3600 1")
    client.bgsave()
    while client.info("persistence")["rdb_last_bgsave_status"] != "err":
        time.sleep(0.1)
    yield
    in_the_way.rmdir()
    client.bgsave()
    while client.info("persistence")["rdb_last_bgsave_status"] != "ok":
        time.sleep(0.1)
    client.config_set("save", "")


def test_a_redis_that_can_be_read_is_enough(fragile: World, request: pytest.FixtureRequest) -> None:
    fragile.send(encoded(order(1)))
    request.getfixturevalue("redis_that_cannot_save")
    with pytest.raises(redis.ResponseError, match="MISCONF"):
        fragile.redis.ping()
    assert fragile.stg()["stored"] == 1


def test_a_server_that_vanishes_is_noticed_by_both_sides(world: World) -> None:
    """Long before a service counts as stuck, and before the lock of an emitter is for ever."""
    with Postgres(world.settings, "test") as postgres:
        with socket.socket(fileno=os.dup(postgres.connect().fileno())) as ours:
            options = (socket.TCP_USER_TIMEOUT, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            milliseconds, interval, count = (
                ours.getsockopt(socket.IPPROTO_TCP, option) for option in options
            )
        assert milliseconds == 30_000
        assert 30 + interval * count <= 60
        theirs = [
            int(postgres.query(f"show tcp_keepalives_{name}")[0][0])
            for name in ("idle", "interval", "count")
        ]
        assert theirs[0] + theirs[1] * theirs[2] <= 60


@pytest.mark.usefixtures("guarded_redis")
@pytest.mark.parametrize("password", ["", PASSWORD])
def test_a_wrong_password_of_redis_is_named(own_stack: Stack, password: str) -> None:
    code, said = refused(World(own_stack.environment), "stg", REDIS_PASSWORD=password)
    assert code == 3
    assert "Redis: it refuses REDIS_PASSWORD" in said


@pytest.fixture
def guarded_postgres(own_stack: Stack) -> Iterator[None]:
    """The module's Postgres, where the user `guarded` needs a password."""
    rules = own_stack.folder / "postgres" / "pg_hba.conf"
    before = rules.read_text()
    connection = connect(own_stack.environment, "postgres")
    with connection.cursor() as cursor:
        cursor.execute("create role guarded login password 'right'")
        rules.write_text(f"host all guarded 127.0.0.1/32 scram-sha-256\n{before}")
        cursor.execute("select pg_reload_conf()")
        yield
        rules.write_text(before)
        cursor.execute("select pg_reload_conf()")
        cursor.execute("drop role guarded")
    connection.close()


@pytest.mark.usefixtures("guarded_postgres")
@pytest.mark.parametrize(
    ("password", "words"),
    [("", "PG_WAREHOUSE_PASSWORD is missing"), (PASSWORD, "PG_WAREHOUSE_PASSWORD is wrong")],
)
def test_a_wrong_password_of_postgres_is_named(own_stack: Stack, password: str, words: str) -> None:
    world = World(own_stack.environment, PG_WAREHOUSE_USER="ordervault")
    settings = {"PG_WAREHOUSE_USER": "guarded", "PG_WAREHOUSE_PASSWORD": password}
    code, said = refused(world, "stg", **settings)
    assert code == 3
    assert words in said


def test_whoever_sends_by_hand_without_redis_is_told_what_is_missing(world: World) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "send", "-"],
        env={**world.process_environment, "REDIS_PORT": str(free_port())},
        input=encoded(order(1)),
        capture_output=True,
        timeout=LONG,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(b"sandbox: Redis: ")
    assert done.stderr.endswith(b": paste the `export` lines of `sandbox up` here\n")
    assert world.topic(world.settings.kafka_stg_src_topic) == []
