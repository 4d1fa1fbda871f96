"""Waiting for an outside system that is away: with backoff, said once, given up in time."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from threading import Event as Flag

from ingest.errors import OutageError, StopError, UnreachableError
from ingest.health import Health

log = logging.getLogger(__name__)

# Seconds between attempts: the first, and the longest.
FIRST_DELAY = 0.2
LONGEST_DELAY = 10.0


class Patience:
    """How long one command waits: `limit` seconds, or for ever if there is none."""

    def __init__(self, limit: float | None, stop: Flag, health: Health | None = None) -> None:
        self._limit = limit
        self._stop = stop
        self._health = health

    def until_up(self, *checks: Callable[[], object]) -> None:
        """Return when every check has passed. Raises StopError (UnreachableError among them)."""
        for check in checks:
            try:
                check()
            except OutageError as outage:
                self.ride_out(outage, wait=self._stop.wait, resume=[check], passing=(OutageError,))

    def ride_out(
        self,
        outage: OutageError,
        *,
        wait: Callable[[float], object],
        resume: Sequence[Callable[[], object]],
        passing: tuple[type[Exception], ...] = (OutageError, UnreachableError),
    ) -> None:
        """Wait and try to resume until that works, or until the command is told to stop.

        `passing` errors mean that it is still away: what worked before is no wrong setting. Raises
        StopError when the limit is reached.
        """
        began = time.monotonic()
        log.warning("waiting for %s", outage)
        for delay in _delays():
            if self._health:
                self._health.beat()
                self._health.waits_for(outage.system, str(outage))
            if self._stop.is_set():
                return
            if self._limit is not None and time.monotonic() - began > self._limit:
                raise StopError(f"gave up after {self._limit:.0f} s of waiting for {outage}")
            try:
                wait(delay)
                for step in resume:
                    step()
            except passing as error:
                log.debug("still waiting for %s", error)
            else:
                break
        if self._health:
            self._health.goes_on()
        log.warning("%s is back after %.1f s", outage.system, time.monotonic() - began)


def _delays() -> Iterator[float]:
    delay = FIRST_DELAY
    while True:
        yield delay
        delay = min(delay * 2, LONGEST_DELAY)
