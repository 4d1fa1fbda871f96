"""`ingest dds` and `ingest cdm`: dbt for ever, woken by the topic of the service before.

No data depends on the messages: the models read what their watermarks say. A message says that
there is something to do, and the group's lag how much; its offset is committed after the build.
"""

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from threading import Event as Flag

from ingest import emit
from ingest.build import Dbt
from ingest.deliveries import Place
from ingest.errors import OutageError, UnreachableError
from ingest.failpoints import failpoint
from ingest.health import Health
from ingest.kafka.broker import Broker
from ingest.kafka.source import Source
from ingest.outages import Patience
from ingest.postgres import Postgres
from ingest.settings import Settings

log = logging.getLogger(__name__)

# Messages that one poll takes off the topic; they are not looked at.
POLL_SIZE = 10_000


@dataclass(frozen=True)
class Service:
    """Which part of the project to build, what wakes it, and what comes after."""

    select: str
    topic: str
    group: str
    finish: Callable[[Callable[[], object]], object] = lambda beat: None


def run_dds(settings: Settings, *, once: bool, stop: Flag) -> None:
    """Build the vault and send what was closed."""

    def send(beat: Callable[[], object]) -> None:
        try:
            sent = emit.send(settings, stop, beat)
        except UnreachableError as error:  # it was reached before: not a setting
            raise OutageError("Postgres", error) from error
        if sent:
            log.info("sent %d closed orders", sent)

    service = Service("dds", settings.kafka_dds_src_topic, settings.kafka_dds_consumer_group, send)
    _run(service, settings, once=once, stop=stop)


def run_cdm(settings: Settings, *, once: bool, stop: Flag) -> None:
    """Build the marts."""
    service = Service("cdm", settings.kafka_cdm_src_topic, settings.kafka_cdm_consumer_group)
    _run(service, settings, once=once, stop=stop)


def _run(service: Service, settings: Settings, *, once: bool, stop: Flag) -> None:
    with ExitStack() as stack:
        health = stack.enter_context(Health(settings, service.select))
        patience = Patience(settings.max_outage_seconds if once else None, stop, health)
        postgres = stack.enter_context(Postgres(settings, f"ingest {service.select}"))
        patience.until_up(postgres.check, Broker(settings).check)
        dbt = Dbt(settings)
        source = stack.enter_context(Source(settings, [service.topic], service.group))
        while not stop.is_set():
            health.beat()
            try:
                offsets = _woken(source, settings, health.beat, once=once, stop=stop)
                if stop.is_set():
                    break
                try:
                    built = dbt.build(service.select, health.beat)
                except OutageError:
                    # What was closed all the same does not wait for a model that it does not need.
                    with suppress(OutageError):
                        service.finish(health.beat)
                    raise
                log.info("built %s: %s", service.select, built)
                failpoint("built")
                service.finish(health.beat)
                failpoint("finished")
                source.commit(offsets)
                patience.calm()
            except OutageError as outage:
                if once and outage.system == "dbt":
                    raise
                patience.ride_out(outage, wait=source.wait, resume=[source.rewind])
                continue
            if once:
                break


def _woken(
    source: Source,
    settings: Settings,
    beat: Callable[[], object],
    *,
    once: bool,
    stop: Flag,
) -> dict[Place, int]:
    """Wait for messages, or for the job interval; returns the offsets to commit.

    Whatever is there is taken at once: one build serves it all.
    """
    offsets: dict[Place, int] = {}
    deadline = time.monotonic() + settings.default_job_interval
    while not stop.is_set() and time.monotonic() < deadline:
        beat()
        batch = source.poll(POLL_SIZE)
        offsets |= source.ahead(batch)
        if not batch.deliveries and (offsets or (once and source.drained)):
            break
    return offsets
