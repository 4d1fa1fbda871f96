"""When dbt builds: `ingest dds` and `ingest cdm`, woken by the topic of the service before.

No data depends on the messages there: the models read what their watermarks say. The group's lag
shows how much is to be done.
"""

import logging
import time
from dataclasses import dataclass
from functools import cached_property
from threading import Event as Flag
from typing import TYPE_CHECKING

from ingest import metrics
from ingest.errors import OutageError, StopError
from ingest.failpoints import failpoint
from ingest.health import Loop
from ingest.kafka.wake_ups import WakeUps
from ingest.postgres import Postgres
from ingest.retry import Retry
from ingest.settings import Settings

if TYPE_CHECKING:
    from ingest.build import Dbt

log = logging.getLogger(__name__)

# How often a service that waits looks whether to stop, in seconds.
STOP_INTERVAL = 0.5
SELECTED = {"dds": ["dds"], "cdm": ["cdm", "marts"]}
# What a build would find: while it stays the same there is nothing to do. Of the vault what all of
# its tables have loaded, so that the marts are built once for each of its builds.
SELECT_STATE = {
    "dds": "select stg.cut()",
    "cdm": "select min(loaded_to) from stg.load_state where relation like 'dds.%%'",
}
# Who was woken looks again so soon, in seconds: the message may come before the last of the rows.
SOON = 0.5


@dataclass(frozen=True)
class Builder:
    """A part of the project, what wakes it, and the loop that it is built in."""

    settings: Settings
    select: str
    topic: str
    group: str
    stop: Flag
    loop: Loop
    retry: Retry

    @cached_property
    def _dbt(self) -> "Dbt":
        from ingest.build import Dbt  # takes seconds, which `ingest stg` has no use for

        return Dbt(self.settings)

    def build_for_ever(self) -> None:
        """Build as long as there is work; then sleep until a message or the job interval wakes us.

        Raises OutageError or StopError.
        """
        with (
            Postgres(self.settings, f"ingest {self.select}") as postgres,
            WakeUps(self.settings, self.topic, self.group) as wake_ups,
        ):
            built, is_woken = None, False
            while not self.stop.is_set():
                state = postgres.value(SELECT_STATE[self.select])
                if state != built:
                    self._build(again=built is not None)
                    built = state
                    wake_ups.commit()
                    is_woken = wake_ups.wait(0)  # what came meanwhile is looked for at once
                    continue
                wake_ups.commit()
                is_woken = self._wait(wake_ups, SOON if is_woken else None)

    def _wait(self, wake_ups: WakeUps, longest: float | None) -> bool:
        """Whether a message has come before the job interval was over, or `longest` seconds."""
        deadline = time.monotonic() + (longest or self.settings.default_job_interval)
        while not self.stop.is_set() and time.monotonic() < deadline:
            self.loop.beat()
            if wake_ups.wait(STOP_INTERVAL):
                return True
            wake_ups.commit()  # the end behind markers, which come after the message
        return False

    def build_once(self) -> None:
        """Build. Raises StopError with dbt's own words if that fails, or OutageError."""
        with Postgres(self.settings, f"ingest {self.select}") as postgres:
            postgres.connect()  # a database of another version is a wrong setting, not an outage
        try:
            self._build()
        except OutageError as error:
            if error.system == "dbt":
                raise StopError(str(error)) from error
            raise

    def _build(self, *, again: bool = False) -> None:
        self.loop.rest()  # dbt may take as long as it takes
        try:
            built = self._dbt.build(*SELECTED[self.select], again=again)
        except (OutageError, StopError):
            metrics.BUILT.labels(self.select, "failed").inc()
            raise
        finally:
            self.loop.beat()
        log.info("built %s: %s", self.select, built)
        metrics.built(self.select, built.rows, built.seconds)
        failpoint("built")
        self.retry.succeeded()
