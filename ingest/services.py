"""The commands that run for ever: `ingest stg`, `ingest dds`, `ingest cdm`, `ingest emit --follow`.

`ingest stg` loads and publishes, in two loops that do not wait for each other. `ingest dds` and
`ingest cdm` are dbt, woken by the topic of the service before. No data depends on the messages
there: the models read what their watermarks say. The group's lag shows how much is to be done.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING

from ingest import publications
from ingest.errors import OutageError, StopError
from ingest.failpoints import failpoint
from ingest.health import Health, Loop
from ingest.kafka.wake_ups import WakeUps
from ingest.load import load
from ingest.orders.lost_references import LostReferences
from ingest.orders.outbox import CUT, EXISTS
from ingest.postgres import Postgres
from ingest.publication import Publication
from ingest.publish import Publishing
from ingest.retry import Retry
from ingest.settings import Settings

if TYPE_CHECKING:
    from ingest.build import Dbt

log = logging.getLogger(__name__)

# How often a service that waits looks whether to stop, in seconds.
STOP_INTERVAL = 0.5
# How long the publisher may take to end when it is told to, in seconds: then it is left behind.
END_TIMEOUT = 8.0

# How far each topic has to be published: the greatest positions up to a cut.
SELECT_TARGETS = """
with cut as materialized (select stg.cut() as up_to)
select
    (select coalesce(max(position), 0) from stg.order_events where position <= up_to),
    (select coalesce(max(position), 0) from stg.dead_letters where position <= up_to)
from cut
"""


def run_stg(
    settings: Settings,
    *,
    once: bool,
    stop: Flag,
    on_batch: Callable[[Counter[str]], object] = lambda counts: None,
) -> Counter[str]:
    """Load and publish until `stop` is set; with `once`, until all is loaded and published.

    Returns how many messages became what: stored, duplicate, skipped, or a reason's code;
    `on_batch` is told the same of each batch. Raises StopError.
    """
    totals: Counter[str] = Counter()
    with ExitStack() as stack:
        health = stack.enter_context(Health(settings, "stg"))
        limit = settings.max_outage_seconds if once else None
        loop = health.loop()
        retry = Retry(settings, stop, loop, limit)
        retry.until_up("Kafka", "Redis", "Postgres")
        publishing = stack.enter_context(
            _publishing(settings, health, stop, limit, publications.loaded)
        )
        lost_references = LostReferences(settings.max_unknown_share)

        def stored(counts: Counter[str]) -> None:
            retry.succeeded()
            totals.update(counts)
            health.count(counts)
            on_batch(counts)

        retry.run(
            lambda: load(
                settings,
                once=once,
                stop=stop,
                loop=loop,
                lost_references=lost_references,
                on_batch=stored,
            )
        )
        loop.rest()
        if once and not stop.is_set():
            retry.run(lambda: setattr(publishing, "targets", _loaded_targets(settings)))
    return +totals


def run_emit(settings: Settings, *, follow: bool, stop: Flag) -> int:
    """Publish the outbox; with `follow`, until `stop` is set. Returns how many rows.

    Raises StopError.
    """
    with ExitStack() as stack:
        health = stack.enter_context(Health(settings, "emit"))
        limit = None if follow else settings.max_outage_seconds
        loop = health.loop()
        retry = Retry(settings, stop, loop, limit)
        retry.until_up("Kafka", "Postgres")
        loop.rest()
        publishing = stack.enter_context(
            _publishing(settings, health, stop, limit, publications.closed)
        )
        while follow and not stop.wait(STOP_INTERVAL):
            pass
        if not follow:
            retry.run(lambda: setattr(publishing, "targets", _closed_targets(settings)))
            if publishing.targets is None and not stop.is_set():
                raise StopError("there is no outbox yet: run `dbt build --select dds+` first")
    return publishing.sent


def run_dds(settings: Settings, *, once: bool, stop: Flag) -> None:
    """Build the vault, and publish what was closed. Raises StopError."""
    with ExitStack() as stack:
        health = stack.enter_context(Health(settings, "dds"))
        limit = settings.max_outage_seconds if once else None
        loop = health.loop()
        retry = Retry(settings, stop, loop, limit)
        retry.until_up("Kafka", "Postgres")
        publishing = stack.enter_context(
            _publishing(settings, health, stop, limit, publications.closed)
        )
        topic, group = settings.kafka_dds_src_topic, settings.kafka_dds_consumer_group
        builder = Builder(settings, "dds", topic, group, stop, loop, retry)
        retry.run(builder.build_once if once else builder.build_for_ever)
        if once:
            retry.run(lambda: setattr(publishing, "targets", _closed_targets(settings) or {}))
        loop.rest()


def run_cdm(settings: Settings, *, once: bool, stop: Flag) -> None:
    """Build the marts. Raises StopError."""
    with Health(settings, "cdm") as health:
        loop = health.loop()
        retry = Retry(settings, stop, loop, settings.max_outage_seconds if once else None)
        retry.until_up("Kafka", "Postgres")
        topic, group = settings.kafka_cdm_src_topic, settings.kafka_cdm_consumer_group
        builder = Builder(settings, "cdm", topic, group, stop, loop, retry)
        retry.run(builder.build_once if once else builder.build_for_ever)


SELECTED = {"dds": ["dds"], "cdm": ["cdm", "marts"]}
# What a build would find: while it stays the same there is nothing to do.
SELECT_STATE = {
    "dds": "select stg.cut()",
    "cdm": "select sum(loaded_to) from stg.load_state where relation like 'dds.%%'",
}
# Who was woken looks again so soon, in seconds: the message may come before the last of the rows.
SOON = 2.0


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
        """Build, and again whenever a message or the job interval wakes us and there is work.

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
                    self._build()
                    built = state
                wake_ups.commit()
                is_woken = self._wait(wake_ups, SOON if is_woken else None)

    def _wait(self, wake_ups: WakeUps, longest: float | None) -> bool:
        """Whether a message has come before the job interval was over, or `longest` seconds."""
        deadline = time.monotonic() + (longest or self.settings.default_job_interval)
        while not self.stop.is_set() and time.monotonic() < deadline:
            self.loop.beat()
            if wake_ups.wait(STOP_INTERVAL):
                return True
        return False

    def build_once(self) -> None:
        """Build. Raises StopError with dbt's own words if that fails, or OutageError."""
        try:
            self._build()
        except OutageError as error:
            if error.system == "dbt":
                raise StopError(str(error)) from error
            raise

    def _build(self) -> None:
        self.loop.rest()  # dbt may take as long as it takes
        try:
            built = self._dbt.build(*SELECTED[self.select])
        finally:
            self.loop.beat()
        log.info("built %s: %s", self.select, built)
        failpoint("built")
        self.retry.succeeded()


@contextmanager
def _publishing(
    settings: Settings,
    health: Health,
    stop: Flag,
    limit: float | None,
    wanted: Callable[[Settings], list[Publication]],
) -> Iterator[Publishing]:
    """Publish in a thread beside the block, and after it until the targets that it has set.

    Raises StopError; then `stop` is set, so that the block ends.
    """
    loop = health.loop()
    retry = Retry(settings, stop, loop, limit)
    publishing = Publishing(settings, wanted, stop, loop, retry.succeeded, limit)
    failed: list[Exception] = []

    def work() -> None:
        try:
            retry.run(publishing.work)
        except Exception as error:
            failed.append(error)
            stop.set()
        loop.rest()

    thread = Thread(target=work, name="publish", daemon=True)
    thread.start()
    try:
        yield publishing
    except BaseException:
        stop.set()
        raise
    finally:
        thread.join(timeout=None if publishing.targets is not None else END_TIMEOUT)
    if failed:
        raise failed[0]


def _loaded_targets(settings: Settings) -> dict[str, int]:
    """How far events and dead letters have to be published."""
    with Postgres(settings, "ingest stg") as postgres:
        ((events, letters),) = postgres.query(SELECT_TARGETS)
    return {settings.kafka_stg_dst_topic: events, settings.dead_letter_topic: letters}


def _closed_targets(settings: Settings) -> dict[str, int] | None:
    """How far the outbox has to be published; None if there is none yet."""
    with Postgres(settings, "ingest emit") as postgres:
        if not postgres.value(EXISTS):
            return None
        return {settings.kafka_dds_dst_topic: postgres.value(CUT)}
