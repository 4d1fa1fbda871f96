"""The state of the hops in the background, for whoever must not wait for it: /metrics, pages."""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, Self

from ingest.errors import OutageError, StopError
from ingest.kafka.admin import Admin
from ingest.operate.counts import open_letters
from ingest.operate.hop import Hop
from ingest.postgres import Postgres
from ingest.reasons import Reason
from ingest.settings import Settings

log = logging.getLogger(__name__)

# Seconds between two readings.
INTERVAL = 15.0
# How long the end of a service waits for a reading, in seconds.
END_TIMEOUT = 0.2


@dataclass(frozen=True)
class State:
    """What was read at `at`, a Unix time; None before the first time.

    Hops that the user may not read, or that cannot be read now, are left out.
    """

    hops: tuple[Hop, ...] = ()
    dead_letters: Mapping[str, int] = field(default_factory=dict)
    at: float | None = None


class Shown(Protocol):
    """Whoever shows the state."""

    state: State


class Reading:
    """Reads the state every INTERVAL seconds, in a thread of its own, and hands it to `shown`."""

    def __init__(self, settings: Settings, shown: Shown) -> None:
        from ingest.operate.hops import READERS  # which counts what it does, too

        self._readers = READERS
        self._settings = settings
        self._shown = shown
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hops", daemon=True)
        self._admin: Admin | None = None
        self._left_out: set[str] = set()

    def __enter__(self) -> Self:
        """Read until the block ends."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the thread behind if it waits for an answer: what it does changes nothing."""
        self._stop.set()
        self._thread.join(END_TIMEOUT)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._shown.state = self._read()
            except Exception as error:  # a bug, or the end of the process; loading goes on
                if not self._stop.is_set():
                    self._leave_out("the state", error)
            self._stop.wait(INTERVAL)

    def _read(self) -> State:
        hops: list[Hop] = []
        for read in self._readers:
            try:
                if self._admin is None:
                    admin = Admin(self._settings)
                    admin.check()
                    self._admin = admin
                hops += read(self._settings, self._admin)
            except (OutageError, StopError) as error:
                self._leave_out(read.__name__, error)
        return State(tuple(hops), self._letters(), time.time())

    def _letters(self) -> dict[str, int]:
        try:
            with Postgres(self._settings, "ingest status") as postgres:
                found = {row["reason"]: row["dead_letters"] for row in open_letters(postgres)}
                return {reason.value: 0 for reason in Reason} | found
        except (OutageError, StopError) as error:
            self._leave_out("dead letters", error)
            return {}

    def _leave_out(self, what: str, error: Exception) -> None:
        """Say so once: the services' own loops tell of outages."""
        level = logging.DEBUG if what in self._left_out else logging.INFO
        log.log(level, "/metrics without %s: %s", what, error)
        self._left_out.add(what)
