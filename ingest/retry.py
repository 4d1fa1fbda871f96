"""The one loop for outages: close everything, wait until the system answers, begin anew."""

import logging
import time
from collections.abc import Callable
from functools import partial
from threading import Event as Flag

from ingest import metrics, postgres
from ingest.errors import OutageError, StopError, UnreachableError
from ingest.health import Loop
from ingest.kafka import admin
from ingest.settings import Settings

log = logging.getLogger(__name__)


def _check_redis(settings: Settings) -> None:
    from ingest import redis  # a quarter of a second, which only `ingest stg` has a use for

    redis.check(settings)


# Who can say that a system answers again. Of any other, its next use will tell.
CHECKS: dict[str, Callable[[Settings], None]] = {
    "Kafka": admin.check,
    "Postgres": postgres.check,
    "Redis": _check_redis,
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
            outage = _outage_of(partial(CHECKS[system], self._settings), or_refused=False)
            if outage is not None:
                self._wait(outage, or_refused=False)
            if self._stop.is_set():
                return
        self.succeeded()

    def run(self, work: Callable[[], None]) -> None:
        """Call `work`, which opens what it needs, until it returns or `stop` is set.

        Raises StopError.
        """
        # What was reached before and is refused now is an outage: no setting is wrong.
        while not self._stop.is_set() and (outage := _outage_of(work, or_refused=True)):
            self._wait(outage, or_refused=True)

    def succeeded(self) -> None:
        """Work is being done: the outage, if there was one, is over."""
        if self._began is not None:
            log.warning("working again after %.1f s", time.monotonic() - self._began)
            self._began = None
            self._delay = FIRST_DELAY
            self._loop.goes_on()

    def _wait(self, outage: OutageError, *, or_refused: bool) -> None:
        """Wait, and then until its system answers."""
        self._began = self._began or time.monotonic()
        waits_for: OutageError | None = outage
        while waits_for is not None and not self._stop.is_set():
            self._say(waits_for)
            if self._limit is not None and time.monotonic() - self._began > self._limit:
                raise StopError(f"gave up after {self._limit:.0f} s of waiting for {waits_for}")
            metrics.RETRIES.labels(waits_for.system).inc()
            delay, self._delay = self._delay, min(self._delay * 2, LONGEST_DELAY)
            self._pause(delay)
            check = CHECKS.get(waits_for.system, lambda settings: None)
            waits_for = _outage_of(partial(check, self._settings), or_refused=or_refused)

    def _pause(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not self._stop.is_set():
            self._loop.beat()
            self._stop.wait(min(left, STOP_INTERVAL))

    def _say(self, outage: OutageError) -> None:
        """At once for each system, also if the wait began with another one; then by reminders."""
        now = time.monotonic()
        if self._loop.waits_for(outage.system, outage.what):
            log.warning("waiting for %s", outage)
            self._said_at = now
        elif now - self._said_at >= REMINDER:
            log.warning("still waiting for %s, for %.0f s now", outage, now - (self._began or now))
            self._said_at = now


def _outage_of(call: Callable[[], None], *, or_refused: bool) -> OutageError | None:
    """The outage that ends a call, without the frames it went through; None if none does.

    Nobody waits in the block that catches it: an exception of Kafka's client that is raised there
    keeps the one that is being handled for ever, with its frames and the clients in them.
    """
    try:
        call()
    except OutageError as outage:
        return OutageError(outage.system, outage.what)
    except UnreachableError as error:
        if not or_refused:
            raise
        return OutageError(error.system, error.what)
    return None
