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
