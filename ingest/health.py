"""What a service says of itself over HTTP: /health, /ready and /metrics, on HEALTH_PORT.

And its end, if one of its loops is stuck: Kafka's client has deadlocks when brokers go away
(https://github.com/confluentinc/librdkafka/issues/5476), and then a call does not return. Whoever
is killed at any moment loses nothing, so the process says where it is stuck, and ends.

/health   200 while all loops turn, also while they wait for somebody: a restart would not help
/ready    200 while they work, 503 while one waits
/metrics  for Prometheus
"""

import faulthandler
import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client import Counter as Total

from ingest.errors import SettingsError
from ingest.settings import Settings

SYSTEMS = ("Kafka", "Postgres", "Redis", "dbt")
STANDARD_ERROR = 2
# How often a loop that turns fast starts the watch again, in seconds.
WATCHED_AGAIN = 0.5


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
        self._address = (settings.health_host, settings.health_port)
        self._stuck_after = settings.stuck_after_seconds
        self._loops: list[Loop] = []
        self._watched = float("-inf")
        self._registry = CollectorRegistry()
        self._messages = Total(
            "ordervault_messages",
            "Messages by what became of them: stored, duplicate, skipped, or a reason's code",
            ["outcome"],
            registry=self._registry,
        )
        self._waiting = Gauge(
            "ordervault_waiting",
            "1 for a system that the service waits for",
            ["system"],
            registry=self._registry,
        )
        self._last_turn = Gauge(
            "ordervault_last_turn_timestamp_seconds",
            "When the slowest of the service's loops turned last",
            registry=self._registry,
        )
        self._server: ThreadingHTTPServer | None = None
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
            self._last_turn.set(time.time() - self._silence())

    def count(self, outcomes: Counter[str]) -> None:
        """A batch came to this."""
        for outcome, number in outcomes.items():
            self._messages.labels(outcome).inc(number)

    def _silence(self) -> float:
        """How long the slowest loop has not turned, in seconds."""
        turns = [loop.last_turn for loop in self._loops if loop.last_turn is not None]
        return time.monotonic() - min(turns, default=time.monotonic())

    def _listen(self) -> ThreadingHTTPServer:
        try:
            return ThreadingHTTPServer(self._address, _handler(self))
        except OSError as error:
            host, port = self._address
            raise SettingsError(
                f"HEALTH_PORT: cannot listen on {host}:{port} ({error.strerror}); give each service"
                " on this host a port of its own"
            ) from error

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and body of a GET."""
        waits = [loop.waiting_for for loop in self._loops if loop.waiting_for]
        if path == "/metrics":
            for system in SYSTEMS:
                self._waiting.labels(system).set(any(system == away for away, _ in waits))
            return 200, "text/plain; version=0.0.4", generate_latest(self._registry)
        is_alive = self._silence() < self._stuck_after
        state = {
            "service": self._service,
            "alive": is_alive,
            "waiting_for": "; ".join(": ".join(wait) for wait in waits) or None,
        }
        body = json.dumps(state).encode() + b"\n"
        if path == "/health":
            return 200 if is_alive else 503, "application/json", body
        if path == "/ready":
            return 200 if is_alive and not waits else 503, "application/json", body
        return 404, "text/plain", b"/health, /ready, /metrics\n"

    def __enter__(self) -> Self:
        """Serve and watch until the block ends."""
        self.watch(again=True)
        if self._address[1]:
            self._server = self._listen()
            threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Serve and watch no longer."""
        self._closed = True
        faulthandler.cancel_dump_traceback_later()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()


def _handler(health: Health) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content_type, body = health.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Probes come every few seconds: nothing to log."""

    return Handler
