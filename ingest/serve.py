"""The HTTP server of a service: a few routes, bounded connections, nobody waits for a client."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Self

from waitress import wasyncore
from waitress.server import create_server

from ingest.errors import SettingsError

# Connections at a time; more wait in the kernel's queue.
MOST_CONNECTIONS = 200
# A connection on which nothing happens is closed after so long, in seconds.
IDLE_TIMEOUT = 10
THREADS = 2
# How often it looks whether to end, in seconds.
TURN = 0.2
# Seconds for which a page is served again: whoever reloads it often does not keep the servers busy.
FRESH_FOR = 5.0
# In bytes: what a request may bring.
LARGEST_REQUEST = 8_192
STATUSES = {200: "200 OK", 404: "404 Not Found", 405: "405 Method Not Allowed",
            503: "503 Service Unavailable"}  # fmt: skip


class Answer(NamedTuple):
    """To a GET."""

    status: int
    content_type: str
    body: bytes


Routes = Mapping[str, Callable[[], Answer]]


class Server:
    """Serves routes on an address in a thread, until the block ends."""

    def __init__(self, host: str, port: int, routes: Routes) -> None:
        self._routes = routes
        self._sockets: dict[int, Any] = {}
        self._stop = threading.Event()
        try:
            self._server: Any = create_server(
                self._answer,
                map=self._sockets,
                host=host,
                port=port,
                threads=THREADS,
                connection_limit=MOST_CONNECTIONS,
                channel_timeout=IDLE_TIMEOUT,
                cleanup_interval=IDLE_TIMEOUT // 2,
                max_request_header_size=LARGEST_REQUEST,
                max_request_body_size=LARGEST_REQUEST,
                log_socket_errors=False,  # clients come and go as they like
                ident=None,
            )
        except OSError as error:
            raise SettingsError(
                f"HEALTH_PORT: cannot listen on {host}:{port} ({error.strerror}); give each service"
                " on this host a port of its own"
            ) from error
        # It warns when clients are many.
        logging.getLogger("waitress").setLevel(logging.ERROR)
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)

    def _serve(self) -> None:
        """Close the sockets in the thread that uses them: their numbers are given out again."""
        while not self._stop.is_set():
            wasyncore.loop(TURN, use_poll=True, map=self._sockets, count=1)
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._sockets)

    def _answer(
        self, environment: dict[str, Any], start: Callable[[str, list[tuple[str, str]]], object]
    ) -> Iterable[bytes]:
        route = self._routes.get(environment["PATH_INFO"])
        if environment["REQUEST_METHOD"] not in ("GET", "HEAD"):
            answer = Answer(405, "text/plain", b"GET\n")
        elif route is None:
            answer = Answer(404, "text/plain", f"{', '.join(self._routes)}\n".encode())
        else:
            answer = route()
        length = ("Content-Length", str(len(answer.body)))
        start(STATUSES[answer.status], [("Content-Type", answer.content_type), length])
        return [answer.body]

    def __enter__(self) -> Self:
        """Serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Serve no longer."""
        self._stop.set()
        self._thread.join(IDLE_TIMEOUT)


class Cached:
    """The latest page, made anew for who asks after FRESH_FOR seconds.

    For several threads, of which one at a time makes it: none may keep the others from answering
    whoever asks whether the service lives.
    """

    def __init__(self, make: Callable[[], bytes]) -> None:
        self._make = make
        self._making = threading.Lock()
        self._made_at = float("-inf")
        self._page: bytes | None = None

    def __call__(self) -> bytes | None:
        """The page; the one before while another is made, None if there is none yet.

        Raises what making it does.
        """
        if time.monotonic() - self._made_at > FRESH_FOR and self._making.acquire(blocking=False):
            try:
                self._page = self._make()
                self._made_at = time.monotonic()
            finally:
                self._making.release()
        return self._page
