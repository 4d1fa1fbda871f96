"""The commands that run for ever: `ingest stg`, `ingest dds`, `ingest cdm`, `ingest emit --follow`.

`ingest stg` loads and publishes, in two loops that do not wait for each other; `ingest dds` builds
and publishes likewise, `ingest cdm` only builds.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from threading import Event as Flag

from ingest import metrics, publications
from ingest.builder import Builder
from ingest.errors import StopError
from ingest.health import Health
from ingest.kafka.permits import require
from ingest.orders.outbox import CUT, EXISTS
from ingest.postgres import Postgres
from ingest.publishing import publishing_beside
from ingest.retry import Retry
from ingest.settings import Settings

# How far each topic has to be published: the greatest positions up to a cut.
SELECT_TARGETS = """
with cut as materialized (select stg.cut() as up_to)
select
    (
        select coalesce(max(position), 0) from stg.order_events
        where position <= (select up_to from cut)
    ),
    (
        select coalesce(max(position), 0) from stg.dead_letters
        where position <= (select up_to from cut)
    )
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
    from ingest.load import load  # with Redis' client, which only this service has a use for
    from ingest.orders.lost_references import LostReferences

    totals: Counter[str] = Counter()
    with ExitStack() as stack:
        health = stack.enter_context(Health(settings, "stg"))
        limit = settings.max_outage_seconds if once else None
        loop = health.loop()
        retry = Retry(settings, stop, loop, limit)
        retry.until_up("Kafka", "Redis", "Postgres")
        retry.run(lambda: require(settings, "stg"))
        publishing = stack.enter_context(
            publishing_beside(settings, health, stop, limit, publications.loaded)
        )
        lost_references = LostReferences(settings.max_unknown_share)

        def stored(counts: Counter[str]) -> None:
            retry.succeeded()
            totals.update(counts)
            metrics.stored(counts)
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
        retry.run(lambda: require(settings, "emit"))
        loop.rest()
        publishing = stack.enter_context(
            publishing_beside(settings, health, stop, limit, publications.closed)
        )
        if follow:
            stop.wait()
        else:
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
        retry.run(lambda: require(settings, "dds"))
        publishing = stack.enter_context(
            publishing_beside(settings, health, stop, limit, publications.closed)
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
        retry.run(lambda: require(settings, "cdm"))
        topic, group = settings.kafka_cdm_src_topic, settings.kafka_cdm_consumer_group
        builder = Builder(settings, "cdm", topic, group, stop, loop, retry)
        retry.run(builder.build_once if once else builder.build_for_ever)


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
