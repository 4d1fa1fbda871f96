"""What a service says of itself over HTTP: /health, /ready and /metrics, on HEALTH_PORT.

And its end, if its loop is stuck: Kafka's client has deadlocks when brokers go away
(https://github.com/confluentinc/librdkafka/issues/5476), and then a call does not return. Whoever
is killed at any moment loses nothing, so the process says where it is stuck, and ends.

/health   200 while the loop turns, also while it waits for somebody: a restart would not help
/ready    200 while it works, 503 while it waits
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

STANDARD_ERROR = 2
# How often a loop that turns fast starts the watch again, in seconds.
WATCHED_AGAIN = 0.5


class Health:
    """The state of one service. Nothing is served where HEALTH_PORT is 0."""

    def __init__(self, settings: Settings, service: str) -> None:
        self._service = service
        self._address = (settings.health_host, settings.health_port)
        self._last_beat = time.monotonic()
        self._watched = float("-inf")
        self._stuck_after = settings.stuck_after_seconds
        self._waiting_for: tuple[str, str] | None = None
        self._registry = CollectorRegistry()
        self._messages = Total(
            "ordervault_messages",
            "Messages by what became of them: stored, duplicate, skipped, or a reason's code",
            ["outcome"],
            registry=self._registry,
        )
        self._waiting = Gauge(
            "ordervault_waiting",
            "1 for the system that the service waits for",
            ["system"],
            registry=self._registry,
        )
        self._beats = Gauge(
            "ordervault_last_turn_timestamp_seconds",
            "When the service's loop turned last",
            registry=self._registry,
        )
        self._server: ThreadingHTTPServer | None = None

    def beat(self) -> None:
        """The loop has turned."""
        self._last_beat = time.monotonic()
        if self._last_beat >= self._watched + WATCHED_AGAIN:
            self._watched = self._last_beat
            # Not by a thread of Python's: the call that is stuck may hold the interpreter's lock.
            faulthandler.dump_traceback_later(self._stuck_after, file=STANDARD_ERROR, exit=True)
        self._beats.set_to_current_time()

    def count(self, outcomes: Counter[str]) -> None:
        """A batch came to this."""
        for outcome, number in outcomes.items():
            self._messages.labels(outcome).inc(number)

    def waits_for(self, system: str, what: str) -> None:
        """The service cannot go on without `system`; whatever it waited for before is there."""
        self.goes_on()
        self._waiting_for = (system, what)
        self._waiting.labels(system).set(1)

    def goes_on(self) -> None:
        """It can again."""
        if self._waiting_for is not None:
            self._waiting.labels(self._waiting_for[0]).set(0)
            self._waiting_for = None

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
        if path == "/metrics":
            return 200, "text/plain; version=0.0.4", generate_latest(self._registry)
        is_alive = time.monotonic() - self._last_beat < self._stuck_after
        state = {
            "service": self._service,
            "alive": is_alive,
            "waiting_for": None if self._waiting_for is None else ": ".join(self._waiting_for),
        }
        body = json.dumps(state).encode() + b"\n"
        if path == "/health":
            return 200 if is_alive else 503, "application/json", body
        if path == "/ready":
            return 200 if is_alive and not self._waiting_for else 503, "application/json", body
        return 404, "text/plain", b"/health, /ready, /metrics\n"

    def __enter__(self) -> Self:
        """Serve and watch until the block ends."""
        self.beat()
        if self._address[1]:
            self._server = self._listen()
            threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Serve and watch no longer."""
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
