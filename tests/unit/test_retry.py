"""The one loop for outages: what it waits for, what it says meanwhile, and when it gives up."""

import gc
import itertools
import logging
import time
import weakref
from collections.abc import Callable, Iterator
from threading import Event as Flag
from threading import Timer

import pytest

from ingest import retry
from ingest.errors import OutageError, StopError, UnreachableError
from ingest.health import Loop
from ingest.retry import Retry
from ingest.settings import Settings

AWAY = OutageError("Redis", "away")


@pytest.fixture(autouse=True)
def no_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_DELAY", 0.001)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """What Redis answers, one after the other, when it is asked; then it is well."""
    found: list[Exception] = []

    def check(_: Settings) -> None:
        if found:
            raise found.pop(0)

    monkeypatch.setitem(retry.CHECKS, "Redis", check)
    return found


def failing(*errors: Exception) -> Callable[[], None]:
    """Work that fails so often."""
    left: Iterator[Exception] = iter(errors)

    def work() -> None:
        if error := next(left, None):
            raise error

    return work


@pytest.mark.parametrize(("reminder", "times"), [(0.0, 3), (60.0, 0)])
def test_a_wait_is_said_once_and_then_now_and_then(
    reminder: float,
    times: int,
    answers: list[Exception],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(retry, "REMINDER", reminder)
    answers += [OutageError("Redis", f"cause {number}") for number in range(3)]
    waiting = Retry(Settings(), Flag(), Loop())
    with caplog.at_level(logging.WARNING):
        waiting.run(failing(AWAY))
        waiting.succeeded()
    assert caplog.messages[0] == "waiting for Redis: away"
    assert [m for m in caplog.messages if m.startswith("still waiting for Redis: cause")] == (
        caplog.messages[1:-1]
    )
    assert len(caplog.messages[1:-1]) == times
    assert caplog.messages[-1].startswith("working again after")


def test_a_wait_for_another_system_is_said_at_once(
    answers: list[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        Retry(Settings(), Flag(), Loop()).run(failing(OutageError("dbt", "no"), AWAY))
    assert caplog.messages == ["waiting for dbt: no", "waiting for Redis: away"]
    assert answers == []


def test_an_outage_lasts_until_work_is_done_again_though_the_system_answers(
    answers: list[Exception],
) -> None:
    loop = Loop()
    waiting = Retry(Settings(), Flag(), loop, 0.2)
    with pytest.raises(StopError, match="gave up after 0 s of waiting for Redis: away"):
        waiting.run(failing(*[AWAY] * 10_000))
    assert loop.waiting_for == ("Redis", "away")
    assert answers == []
    waiting.succeeded()
    assert loop.waiting_for is None
    waiting.run(failing(AWAY, AWAY))


def test_at_the_start_a_wrong_setting_stops_and_later_it_is_an_outage(
    answers: list[Exception],
) -> None:
    refused = UnreachableError("Redis", "it refuses REDIS_PASSWORD")
    answers += [AWAY, refused]
    waiting = Retry(Settings(), Flag(), Loop())
    with pytest.raises(UnreachableError, match="REDIS_PASSWORD"):
        waiting.until_up("Redis")
    answers += [refused, refused]
    waiting.run(failing(refused))
    assert answers == []


def test_it_stops_when_it_is_told_to_whatever_is_away(
    answers: list[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "FIRST_DELAY", 60.0)
    answers += [AWAY] * 100
    stop = Flag()
    Timer(0.2, stop.set).start()
    began = time.monotonic()
    Retry(Settings(), stop, Loop()).run(failing(*[AWAY] * 100))
    assert time.monotonic() - began < 10


def test_a_wait_for_kafka_keeps_nothing_of_the_work_that_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Kafka's client loses count of exceptions that are being handled when it raises one."""
    settings = Settings(kafka_port=1)

    class Client:
        pass

    kept: list[weakref.ref[Client]] = []
    check, asked = retry.CHECKS["Kafka"], itertools.count()

    def away_at_first(_: Settings) -> None:
        if next(asked) < 2:
            check(settings)

    monkeypatch.setitem(retry.CHECKS, "Kafka", away_at_first)

    def work() -> None:
        if not kept:
            client = Client()
            kept.append(weakref.ref(client))
            raise OutageError("Kafka", "away")

    Retry(settings, Flag(), Loop()).run(work)
    gc.collect()
    assert next(asked) == 3
    assert kept[0]() is None
