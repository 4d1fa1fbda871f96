"""What a service says of itself over HTTP."""

import contextlib
import json
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psutil
import pytest

from ingest import serve
from ingest.errors import SettingsError, StopError
from ingest.health import Health
from ingest.settings import Settings


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(autouse=True)
def _no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody asks servers how far the hops are: tests/integration/test_metrics.py has some."""
    monkeypatch.setattr("ingest.health.Reading", lambda *_: contextlib.nullcontext())


def get(port: int, path: str, timeout: float = 5) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_service_that_works_is_alive_and_ready(port: int) -> None:
    with Health(Settings(health_port=port), "stg") as health:
        health.loop().beat()
        for path in ("/health", "/ready"):
            status, body = get(port, path)
            assert status == 200
            assert json.loads(body) == {"service": "stg", "alive": True, "waiting_for": None}


def test_a_service_that_waits_is_alive_and_not_ready(port: int) -> None:
    with Health(Settings(health_port=port), "stg") as health:
        health.loop().beat()
        loop = health.loop()
        assert loop.waits_for("Redis", "connection refused")
        assert get(port, "/health")[0] == 200
        status, body = get(port, "/ready")
        assert status == 503
        assert json.loads(body)["waiting_for"] == "Redis: connection refused"
        assert 'ordervault_waiting{system="Redis"} 1.0' in get(port, "/metrics")[1]
        loop.goes_on()
        assert get(port, "/ready")[0] == 200
        assert 'ordervault_waiting{system="Redis"} 0.0' in get(port, "/metrics")[1]


def test_each_loop_that_waits_is_named(port: int) -> None:
    with Health(Settings(health_port=port), "stg") as health:
        health.loop().waits_for("Redis", "away")
        health.loop().waits_for("Kafka", "away, too")
        body = json.loads(get(port, "/ready")[1])
    assert body["waiting_for"] == "Redis: away; Kafka: away, too"


def test_a_service_is_not_alive_if_one_of_its_loops_is_stuck(port: int) -> None:
    with Health(Settings(health_port=port), "stg") as health:
        stuck, others = health.loop(), health.loop()
        health._stuck_after = 100.0
        assert stuck.last_turn is not None
        stuck.last_turn -= 101
        others.beat()
        assert get(port, "/health")[0] == 503
        assert get(port, "/ready")[0] == 503
        stuck.rest()  # it has ended, or waits for dbt
        assert get(port, "/health")[0] == 200


def test_who_sends_something_is_refused(port: int) -> None:
    with (
        Health(Settings(health_port=port), "stg"),
        pytest.raises(urllib.error.HTTPError, match="405"),
    ):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health", b"{}", timeout=5)


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def test_clients_that_are_slow_or_many_hold_up_nobody(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "IDLE_TIMEOUT", 2)
    with Health(Settings(health_port=port), "stg") as health:
        health.loop().beat()
        slow = [connected(port) for _ in range(serve.MOST_CONNECTIONS - 5)]
        for client in slow:
            client.sendall(b"GET /health HTTP/1.1\r\nX-Slow: ")  # and never the rest
        began = time.monotonic()
        assert get(port, "/health")[0] == 200
        assert time.monotonic() - began < 2
        more = [connected(port) for _ in range(100)]
        assert get(port, "/health", 20)[0] == 200  # once the idle ones are closed
        assert slow[0].recv(100) == b""  # closed by the server
        for client in slow + more:
            client.close()
        assert get(port, "/health")[0] == 200


def test_connections_are_bounded(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "MOST_CONNECTIONS", 10)
    with Health(Settings(health_port=port), "stg"), contextlib.ExitStack() as clients:
        for _ in range(50):
            clients.enter_context(contextlib.closing(connected(port)))
        time.sleep(1)  # all that it would accept is accepted
        taken = [
            it
            for it in psutil.Process().net_connections("tcp")
            if it.raddr and it.laddr.port == port
        ]
        assert 0 < len(taken) <= 10


def test_a_client_that_goes_away_leaves_no_trace(
    port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    with Health(Settings(health_port=port), "stg") as health:
        health.loop().beat()
        for _ in range(20):
            client = connected(port)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
            client.close()  # with a reset
        for nonsense in (b"\x16\x03\x01 TLS\r\n\r\n", b"GET " + b"a" * 100_000, b"\r\n\r\n"):
            client = connected(port)
            with contextlib.suppress(OSError):
                client.sendall(nonsense)
            client.close()
        assert get(port, "/metrics")[0] == 200
    assert capfd.readouterr() == ("", "")


def test_another_path_is_not_found(port: int) -> None:
    with Health(Settings(health_port=port), "stg"):
        status, body = get(port, "/other")
        assert (status, body) == (404, "/, /health, /ready, /metrics\n")
        assert get(port, "/health?verbose=1")[0] in (200, 503)


@pytest.mark.parametrize(
    ("host", "page", "expected"),
    [("127.0.0.1", None, 200), ("0.0.0.0", None, 404), ("0.0.0.0", True, 200),  # noqa: S104
     ("127.0.0.1", False, 404)],
)  # fmt: skip
def test_names_of_users_are_shown_on_loopback_or_where_it_is_asked_for(
    port: int, monkeypatch: pytest.MonkeyPatch, host: str, page: bool | None, expected: int
) -> None:
    monkeypatch.setattr("ingest.health._page", lambda _: b"Anna")
    settings = Settings(health_host=host, health_port=port, health_page=page)
    with Health(settings, "stg"):
        status, said = get(port, "/")
        assert (status, said == "Anna") == (expected, expected == 200)
        assert get(port, "/health")[0] == 200


def test_a_port_that_is_taken_is_an_error_of_the_settings(port: int) -> None:
    settings = Settings(health_port=port)
    with Health(settings, "stg"), pytest.raises(SettingsError, match="HEALTH_PORT"):
        Health(settings, "dds").__enter__()


def test_only_the_system_that_is_away_now_is_waited_for(port: int) -> None:
    with Health(Settings(health_port=port), "stg") as health:
        loop = health.loop()
        loop.waits_for("Redis", "away")
        get(port, "/metrics")
        loop.waits_for("Postgres", "away")
        metrics = get(port, "/metrics")[1]
    assert 'ordervault_waiting{system="Redis"} 0.0' in metrics
    assert 'ordervault_waiting{system="Postgres"} 1.0' in metrics


def test_without_a_port_nothing_is_served(port: int) -> None:
    with Health(Settings(health_port=0), "stg"), pytest.raises(urllib.error.URLError):
        get(port, "/health")


STUCK = """
import ctypes, threading, time
from ingest.health import Health
from ingest.settings import Settings

settings = Settings(health_port=0).model_copy(update={"stuck_after_seconds": 2.0})
with Health(settings, "stg") as health:
    mine, others = health.loop(), health.loop()
    for _ in range(4):  # slow, but not stuck
        mine.beat()
        others.beat()
        time.sleep(1)
    print("still there", flush=True)
    HERE
"""


@pytest.mark.parametrize(
    ("stuck", "where"),
    [
        # In C, with the interpreter's lock.
        ("ctypes.PyDLL(None).sleep(60)", "line 14 in <module>"),
        # One of the loops; the other one turns.
        ("while True: time.sleep(0.1); others.beat()", "line 14 in <module>"),
    ],
    ids=["the whole process", "one loop"],
)
def test_a_process_that_is_stuck_says_where_and_ends(stuck: str, where: str) -> None:
    script = STUCK.replace("HERE", stuck)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    assert done.stdout == "still there\n"
    assert "Timeout (0:00:0" in done.stderr
    assert where in done.stderr


def test_a_process_whose_loops_rest_is_not_stuck() -> None:
    script = STUCK.replace("HERE", "mine.rest(); others.rest(); time.sleep(3)")
    done = subprocess.run([sys.executable, "-c", script], timeout=30, check=False)
    assert done.returncode == 0


def test_a_thread_that_is_left_behind_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    """Its loop may turn once more when nobody watches any longer."""
    with Health(Settings(health_port=port), "stg") as health:
        loop = health.loop()
    watched: list[float] = []
    monkeypatch.setattr("faulthandler.dump_traceback_later", lambda left, **_: watched.append(left))
    loop.beat()
    health.watch(again=True)
    assert watched == []


def test_a_page_that_cannot_be_made_says_why_and_keeps_nobody_waiting(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Settings) -> bytes:
        raise StopError("Postgres: permission denied\nGrant the user its role")

    monkeypatch.setattr("ingest.report.page.page", fail)
    with Health(Settings(health_port=port), "stg"):
        assert get(port, "/") == (503, "Postgres: permission denied\\nGrant the user its role\n")
        assert get(port, "/health")[0] == 200


def test_the_page_is_html(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.report.page.page", lambda _: b"<!doctype html>")
    with Health(Settings(health_port=port), "stg"):
        assert get(port, "/") == (200, "<!doctype html>")
