"""What a service says of itself over HTTP."""

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter

import pytest

from ingest.errors import SettingsError
from ingest.health import Health
from ingest.settings import Settings


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_service_that_works_is_alive_and_ready(port: int) -> None:
    with Health(Settings(health_port=port), "stg") as health:
        health.beat()
        for path in ("/health", "/ready"):
            status, body = get(port, path)
            assert status == 200
            assert json.loads(body) == {"service": "stg", "alive": True, "waiting_for": None}


def test_a_service_that_waits_is_alive_and_not_ready(port: int) -> None:
    with Health(Settings(health_port=port), "stg") as health:
        health.waits_for("Redis", "connection refused")
        assert get(port, "/health")[0] == 200
        status, body = get(port, "/ready")
        assert status == 503
        assert json.loads(body)["waiting_for"] == "Redis: connection refused"
        assert 'ordervault_waiting{system="Redis"} 1.0' in get(port, "/metrics")[1]
        health.goes_on()
        assert get(port, "/ready")[0] == 200
        assert 'ordervault_waiting{system="Redis"} 0.0' in get(port, "/metrics")[1]


def test_a_loop_that_is_stuck_is_not_alive(port: int) -> None:
    with Health(Settings(health_port=port), "stg") as health:
        health._stuck_after = 0.0
        assert get(port, "/health")[0] == 503
        assert health.answer("/ready")[0] == 503


def test_messages_are_counted_by_outcome(port: int) -> None:
    with Health(Settings(health_port=port), "stg") as health:
        health.count(Counter(stored=3, bad_amount=1))
        health.count(Counter(stored=2))
        metrics = get(port, "/metrics")[1]
    assert 'ordervault_messages_total{outcome="stored"} 5.0' in metrics
    assert 'ordervault_messages_total{outcome="bad_amount"} 1.0' in metrics


def test_another_path_is_not_found(port: int) -> None:
    with Health(Settings(health_port=port), "stg"):
        status, body = get(port, "/")
        assert (status, body) == (404, "/health, /ready, /metrics\n")


def test_a_port_that_is_taken_is_an_error_of_the_settings(port: int) -> None:
    settings = Settings(health_port=port)
    with Health(settings, "stg"), pytest.raises(SettingsError, match="HEALTH_PORT"):
        Health(settings, "dds").__enter__()


def test_only_the_system_that_is_away_now_is_waited_for(port: int) -> None:
    with Health(Settings(health_port=port), "stg") as health:
        health.waits_for("Redis", "away")
        health.waits_for("Postgres", "away")
        metrics = get(port, "/metrics")[1]
    assert 'ordervault_waiting{system="Redis"} 0.0' in metrics
    assert 'ordervault_waiting{system="Postgres"} 1.0' in metrics


def test_without_a_port_nothing_is_served(port: int) -> None:
    with Health(Settings(health_port=0), "stg"), pytest.raises(urllib.error.URLError):
        get(port, "/health")


STUCK = """
import ctypes, time
from ingest.health import Health
from ingest.settings import Settings

settings = Settings(health_port=0).model_copy(update={"stuck_after_seconds": 2.0})
with Health(settings, "stg") as health:
    for _ in range(4):  # slow, but not stuck
        health.beat()
        time.sleep(1)
    print("still there", flush=True)
    ctypes.PyDLL(None).sleep(60)  # in C, with the interpreter's lock
"""


def test_a_process_that_is_stuck_says_where_and_ends() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STUCK], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    assert done.stdout == "still there\n"
    assert "Timeout (0:00:02)!" in done.stderr
    assert "line 12 in <module>" in done.stderr
