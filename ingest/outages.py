"""Waiting for an outside system that is away: with backoff, said now and then, given up in time."""

import logging
import time
from collections.abc import Callable, Sequence
from threading import Event as Flag

from ingest.errors import OutageError, StopError, UnreachableError
from ingest.health import Health

log = logging.getLogger(__name__)

# Seconds between attempts: the first, and the longest.
FIRST_DELAY = 0.2
LONGEST_DELAY = 10.0
# How often to say that it is still waiting, in seconds: whoever says nothing is stuck.
REMINDER = 60.0
# How often to look whether to stop, in seconds.
STOP_INTERVAL = 0.5


class Patience:
    """How long one command waits: `limit` seconds, or for ever if there is none.

    An outage lasts until `calm` says that work is being done again. That a system answers is not
    enough: it may answer, and the next attempt fail all the same.
    """

    def __init__(self, limit: float | None, stop: Flag, health: Health | None = None) -> None:
        self._limit = limit
        self._stop = stop
        self._health = health
        self._began: float | None = None
        self._delay = FIRST_DELAY
        self._said: str | None = None  # the system
        self._said_at = 0.0

    def until_up(self, *checks: Callable[[], object]) -> None:
        """Return when every check has passed. Raises StopError (UnreachableError among them)."""
        for check in checks:
            try:
                check()
            except OutageError as outage:
                self.ride_out(outage, wait=self._stop.wait, resume=[check], passing=(OutageError,))
                self.calm()

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
        if self._began is None:
            self._began = time.monotonic()
        while not self._stop.is_set():
            self._say(outage)
            if self._limit is not None and time.monotonic() - self._began > self._limit:
                raise StopError(f"gave up after {self._limit:.0f} s of waiting for {outage}")
            delay, self._delay = self._delay, min(self._delay * 2, LONGEST_DELAY)
            try:
                self._wait(delay, wait)
                if self._stop.is_set():
                    return
                for step in resume:
                    step()
            except OutageError as error:
                outage = error
            except passing as error:
                log.debug("still waiting: %s", error)
            else:
                return

    def _wait(self, seconds: float, wait: Callable[[float], object]) -> None:
        """In pieces, for those `wait`s that do not look at the flag themselves."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not self._stop.is_set():
            wait(min(left, STOP_INTERVAL))

    def _say(self, outage: OutageError) -> None:
        """At once for each system, also if the wait began with another one; then by reminders."""
        now = time.monotonic()
        if outage.system != self._said:
            log.warning("waiting for %s", outage)
            self._said, self._said_at = outage.system, now
        elif now - self._said_at >= REMINDER:
            log.warning("still waiting for %s, for %.0f s now", outage, now - (self._began or now))
            self._said_at = now
        if self._health:
            self._health.beat()
            self._health.waits_for(outage.system, str(outage).removeprefix(f"{outage.system}: "))

    def calm(self) -> None:
        """Work is being done: the outage, if there was one, is over."""
        if self._began is not None:
            log.warning("working again after %.1f s", time.monotonic() - self._began)
            self._began = self._said = None
            self._delay = FIRST_DELAY
            if self._health:
                self._health.goes_on()
