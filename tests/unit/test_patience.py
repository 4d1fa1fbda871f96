"""What is said while a system is away."""

import logging
from threading import Event as Flag

import pytest

from ingest import outages
from ingest.errors import OutageError
from ingest.outages import Patience


@pytest.mark.parametrize(("reminder", "times"), [(0.0, 3), (60.0, 0)])
def test_a_wait_is_said_once_and_then_now_and_then(
    reminder: float, times: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outages, "REMINDER", reminder)
    monkeypatch.setattr(outages, "FIRST_DELAY", 0.01)
    failures = [OutageError("Redis", f"cause {number}") for number in range(3)]

    def resume() -> None:
        if failures:
            raise failures.pop()

    patience = Patience(None, Flag())
    with caplog.at_level(logging.WARNING):
        patience.ride_out(OutageError("Redis", "away"), wait=lambda _: None, resume=[resume])
        patience.calm()
    assert caplog.messages[0] == "waiting for Redis: away"
    assert [m for m in caplog.messages if m.startswith("still waiting for Redis: cause")] == (
        caplog.messages[1:-1]
    )
    assert len(caplog.messages[1:-1]) == times
