"""What a service says over HTTP, on HEALTH_PORT: /health, /ready and /metrics of itself, / of all.

And its end, if one of its loops is stuck: Kafka's client has deadlocks when brokers go away
(https://github.com/confluentinc/librdkafka/issues/5476), and then a call does not return. Whoever
is killed at any moment loses nothing, so the process says where it is stuck, and ends.

/health   200 while all loops turn, also while they wait for somebody: a restart would not help
/ready    200 while they work, 503 while one waits
/metrics  for Prometheus
/         the page of `ingest report`, which needs no login: on loopback, or with HEALTH_PAGE
"""

import faulthandler
import json
import time
from contextlib import ExitStack
from typing import Self

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from ingest import metrics
from ingest.errors import OutageError, StopError
from ingest.logs import printable
from ingest.operate.state import Reading
from ingest.serve import Answer, Cached, Server
from ingest.settings import Settings

STANDARD_ERROR = 2
# How often a loop that turns fast starts the watch again, in seconds.
WATCHED_AGAIN = 0.5


def _page(settings: Settings) -> bytes:
    """Its libraries make half of the start, and few services are looked at."""
    from ingest.report.page import page

    return page(settings)


class Loop:
    """One loop of a service, in a thread of its own."""

    def __init__(self, health: "Health | None" = None) -> None:
        self._health = health
        self.last_turn: float | None = time.monotonic()  # None: it need not turn now
        self.waiting_for: tuple[str, str] | None = None

    def beat(self) -> None:
        """The loop has turned."""
        before, self.last_turn = self.last_turn, time.monotonic()
        if self._health:
            # At once after a long step: the watch is set for that one.
            is_late = before is None or self.last_turn > before + WATCHED_AGAIN
            self._health.watch(again=is_late)

    def rest(self) -> None:
        """It need not turn until the next beat: it has ended, or waits for dbt."""
        self.last_turn = None
        if self._health:
            self._health.watch(again=True)

    def waits_for(self, system: str, what: str) -> bool:
        """It cannot go on without `system`; returns whether that is new."""
        self.beat()
        is_new = self.waiting_for is None or self.waiting_for[0] != system
        self.waiting_for = (system, what)
        return is_new

    def goes_on(self) -> None:
        """It can again."""
        self.waiting_for = None


class Health:
    """The state of one service. Nothing is served where HEALTH_PORT is 0."""

    def __init__(self, settings: Settings, service: str) -> None:
        self._service = service
        self._settings = settings
        self._stuck_after = settings.stuck_after_seconds
        self._loops: list[Loop] = []
        self._watched = float("-inf")
        self._stack = ExitStack()
        self._page = Cached(lambda: _page(settings))
        self._closed = False

    def loop(self) -> Loop:
        """A loop to watch."""
        loop = Loop(self)
        self._loops.append(loop)
        self.watch(again=True)
        return loop

    def watch(self, *, again: bool = False) -> None:
        """Have the process ended when the loop that turned first of all does not turn again.

        Not by a thread of Python's: a call that is stuck may hold the interpreter's lock.
        """
        now = time.monotonic()
        if self._closed:
            return  # a thread was left behind: nobody waits for it
        if all(loop.last_turn is None for loop in self._loops):
            faulthandler.cancel_dump_traceback_later()
        elif again or now >= self._watched + WATCHED_AGAIN:
            self._watched = now
            left = max(self._stuck_after - self._silence(), 0.001)
            faulthandler.dump_traceback_later(left, file=STANDARD_ERROR, exit=True)
            metrics.LAST_TURN.set(time.time() - self._silence())

    def _silence(self) -> float:
        """How long the slowest loop has not turned, in seconds."""
        turns = [loop.last_turn for loop in self._loops if loop.last_turn is not None]
        return time.monotonic() - min(turns, default=time.monotonic())

    def _metrics(self) -> Answer:
        """For Prometheus."""
        away = {system for system, _ in self._waits()}
        for system in metrics.SYSTEMS:
            metrics.WAITING.labels(system).set(system in away)
        return Answer(200, CONTENT_TYPE_PLAIN_0_0_4, generate_latest(metrics.REGISTRY))

    def _report(self) -> Answer:
        """The page of `ingest report`, where the service's user may read all that it shows."""
        if not self._settings.page_is_served:
            return Answer(404, "text/plain", b"HEALTH_PAGE=true shows a page that names users\n")
        try:
            made = self._page()
        except (OutageError, StopError) as error:
            return Answer(503, "text/plain; charset=utf-8", f"{printable(str(error))}\n".encode())
        if made is None:
            return Answer(503, "text/plain", b"the page is being made: ask again\n")
        return Answer(200, "text/html; charset=utf-8", made)

    def _health(self) -> Answer:
        """Whether all loops turn."""
        return self._state(is_well=self._is_alive())

    def _ready(self) -> Answer:
        """Whether they also work."""
        return self._state(is_well=self._is_alive() and not self._waits())

    def _state(self, *, is_well: bool) -> Answer:
        state = {
            "service": self._service,
            "alive": self._is_alive(),
            "waiting_for": "; ".join(": ".join(wait) for wait in self._waits()) or None,
        }
        return Answer(
            200 if is_well else 503, "application/json", json.dumps(state).encode() + b"\n"
        )

    def _is_alive(self) -> bool:
        return self._silence() < self._stuck_after

    def _waits(self) -> list[tuple[str, str]]:
        return [loop.waiting_for for loop in self._loops if loop.waiting_for]

    def __enter__(self) -> Self:
        """Serve and watch until the block ends."""
        self.watch(again=True)
        host, port = self._settings.health_host, self._settings.health_port
        if port:
            # Another page is another route; metrics.HOPS.state is what it may show without a wait.
            routes = {
                "/": self._report,
                "/health": self._health,
                "/ready": self._ready,
                "/metrics": self._metrics,
            }
            self._stack.enter_context(Server(host, port, routes))
            self._stack.enter_context(Reading(self._settings, metrics.HOPS))
        return self

    def __exit__(self, *_: object) -> None:
        """Serve and watch no longer."""
        self._closed = True
        faulthandler.cancel_dump_traceback_later()
        self._stack.close()
