"""The one loop for outages: close everything, wait until the system answers, begin anew."""

import logging
import time
from collections.abc import Callable
from threading import Event as Flag

from ingest import postgres, redis
from ingest.errors import OutageError, StopError, UnreachableError
from ingest.health import Loop
from ingest.kafka import admin
from ingest.settings import Settings

log = logging.getLogger(__name__)

# Who can say that a system answers again. Of any other, its next use will tell.
CHECKS: dict[str, Callable[[Settings], None]] = {
    "Kafka": admin.check,
    "Postgres": postgres.check,
    "Redis": redis.check,
}
# Seconds between attempts: the first, and the longest.
FIRST_DELAY = 0.2
LONGEST_DELAY = 10.0
# How often to say that it is still waiting, in seconds: whoever says nothing is stuck.
REMINDER = 60.0
# How often to look whether to stop, in seconds.
STOP_INTERVAL = 0.5


class Retry:
    """Repeats the work of one loop: for ever, or while outages last no longer than `limit` seconds.

    An outage lasts until `succeeded` says that work is being done again. That a system answers is
    not enough: it may answer, and the next attempt fail all the same.
    """

    def __init__(
        self, settings: Settings, stop: Flag, loop: Loop, limit: float | None = None
    ) -> None:
        self._settings = settings
        self._stop = stop
        self._loop = loop
        self._limit = limit
        self._began: float | None = None
        self._said_at = 0.0
        self._delay = FIRST_DELAY

    def until_up(self, *systems: str) -> None:
        """Return when each system has answered: before anything else is done with it.

        Raises StopError, among them UnreachableError for what a setting has to mend.
        """
        for system in systems:
            try:
                CHECKS[system](self._settings)
            except OutageError as outage:
                self._wait(outage, refused=())
            if self._stop.is_set():
                return
        self.succeeded()

    def run(self, work: Callable[[], None]) -> None:
        """Call `work`, which opens what it needs, until it returns or `stop` is set.

        Raises StopError.
        """
        while not self._stop.is_set():
            try:
                work()
            except OutageError as outage:
                self._wait(outage)
            except UnreachableError as error:  # it was reached before: no setting is wrong
                self._wait(OutageError(error.system, str(error).removeprefix(f"{error.system}: ")))
            else:
                return

    def succeeded(self) -> None:
        """Work is being done: the outage, if there was one, is over."""
        if self._began is not None:
            log.warning("working again after %.1f s", time.monotonic() - self._began)
            self._began = None
            self._delay = FIRST_DELAY
            self._loop.goes_on()

    def _wait(
        self, outage: OutageError, refused: tuple[type[Exception], ...] = (UnreachableError,)
    ) -> None:
        """Wait, and then until its system answers; `refused` errors mean that it is still away."""
        self._began = self._began or time.monotonic()
        while not self._stop.is_set():
            self._say(outage)
            if self._limit is not None and time.monotonic() - self._began > self._limit:
                raise StopError(f"gave up after {self._limit:.0f} s of waiting for {outage}")
            delay, self._delay = self._delay, min(self._delay * 2, LONGEST_DELAY)
            self._pause(delay)
            try:
                check = CHECKS.get(outage.system)
                if check is not None:
                    check(self._settings)
            except OutageError as error:
                outage = error
            except refused as error:
                log.debug("still waiting: %s", error)
            else:
                return

    def _pause(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not self._stop.is_set():
            self._loop.beat()
            self._stop.wait(min(left, STOP_INTERVAL))

    def _say(self, outage: OutageError) -> None:
        """At once for each system, also if the wait began with another one; then by reminders."""
        now, what = time.monotonic(), str(outage).removeprefix(f"{outage.system}: ")
        if self._loop.waits_for(outage.system, what):
            log.warning("waiting for %s", outage)
            self._said_at = now
        elif now - self._said_at >= REMINDER:
            log.warning("still waiting for %s, for %.0f s now", outage, now - (self._began or now))
            self._said_at = now
