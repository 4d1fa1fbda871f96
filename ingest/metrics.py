"""What a service counts and measures for Prometheus: docs/reference/metrics.md lists all of it.

Of each batch, transaction and build, never of each message. Every series of a counter is there from
the start, so that the first increment is seen.
"""

import platform
import time
from collections.abc import Iterable, Mapping, Sequence, Sized
from importlib.metadata import version
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ingest.operate.state import State
from ingest.reasons import Reason

REGISTRY = CollectorRegistry()
SYSTEMS = ("Kafka", "Postgres", "Redis", "dbt")
BUILDS = ("dds", "cdm")
# In seconds: from a quiet topic's batch to a first build of millions.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)

MESSAGES = Counter(
    "ordervault_messages",
    "Messages of the source by what became of them: stored, duplicate, skipped, or a reason",
    ["outcome"],
    registry=REGISTRY,
)
BATCHES = Counter("ordervault_batches", "Batches that were stored", registry=REGISTRY)
FETCHED_BYTES = Counter(
    "ordervault_fetched_bytes", "Bytes of the values that were fetched", registry=REGISTRY
)
STEPS = Histogram(
    "ordervault_step_seconds",
    "Seconds of each step of a batch: fetch (with the wait for messages), enrich, store, commit;"
    " of a transaction: publish; of a dbt run: build",
    ["step"],
    registry=REGISTRY,
    buckets=BUCKETS,
)
FETCH, ENRICH, STORE, COMMIT, PUBLISH, BUILD = (
    STEPS.labels(step) for step in ("fetch", "enrich", "store", "commit", "publish", "build")
)
PUBLISHED = Counter(
    "ordervault_published_rows", "Rows that were published", ["topic"], registry=REGISTRY
)
BUILT = Counter(
    "ordervault_builds", "dbt runs by how they ended", ["build", "outcome"], registry=REGISTRY
)
BUILT_ROWS = Counter(
    "ordervault_build_rows", "Rows that dbt runs changed", ["build"], registry=REGISTRY
)
BUILT_AT = Gauge(
    "ordervault_build_last_success_timestamp_seconds",
    "When a dbt run last succeeded; absent before the first one",
    ["build"],
    registry=REGISTRY,
)
RETRIES = Counter(
    "ordervault_retries", "Attempts after an outage, by the system", ["system"], registry=REGISTRY
)
WAITING = Gauge(
    "ordervault_waiting", "1 for a system that the service waits for", ["system"], registry=REGISTRY
)
LAST_TURN = Gauge(
    "ordervault_last_turn_timestamp_seconds",
    "When the slowest of the service's loops turned last",
    registry=REGISTRY,
)
INFO = Info("ordervault_build", "The version that runs", registry=REGISTRY)
INFO.info({"version": version("ordervault"), "python": platform.python_version()})
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

for outcome in ("stored", "duplicate", "skipped", *(reason.value for reason in Reason)):
    MESSAGES.labels(outcome)
for system in SYSTEMS:
    RETRIES.labels(system)
    WAITING.labels(system)
for build in BUILDS:
    BUILT_ROWS.labels(build)
    for outcome in ("done", "failed"):
        BUILT.labels(build, outcome)


def fetched(messages: Sequence[Sized], began: float) -> None:
    """A fetch that began at this monotonic time has brought messages, or none."""
    if messages:
        FETCH.observe(time.monotonic() - began)
        FETCHED_BYTES.inc(sum(map(len, messages)))


def stored(counts: dict[str, int]) -> None:
    """A batch came to this; empty if there was nothing more."""
    if counts:
        BATCHES.inc()
    for name, number in counts.items():
        MESSAGES.labels(name).inc(number)


def built(build: str, rows: int, seconds: float) -> None:
    """A dbt run has succeeded."""
    BUILT.labels(build, "done").inc()
    BUILT_ROWS.labels(build).inc(rows)
    BUILT_AT.labels(build).set_to_current_time()
    BUILD.observe(seconds)


class Hops(Collector):
    """What was last read of the hops: as a whole, and no longer than it can be read."""

    def __init__(self) -> None:
        self.state = State()

    def collect(self) -> Iterable[Metric]:
        """The gauges of docs/reference/metrics.md, of the state at hand."""
        state = self.state
        hops = {(hop.name,): hop for hop in state.hops}
        gauges = {
            "lag_messages": "What waits at a hop: messages or rows",
            "lag_seconds": "For how long the oldest of what waits at a hop has waited",
            "still_seconds": "For how long something has waited at a hop and nothing has moved",
            "rows": "Rows at the end of a hop; of tables above 64 MB an estimate",
        }
        fields = ("behind", "behind_seconds", "still_seconds", "rows")
        for (name, text), field in zip(gauges.items(), fields, strict=True):
            values = {label: getattr(hop, field) for label, hop in hops.items()}
            yield _gauge(name, text, ["hop"], values)
        layers = {
            (part.name,): len(part.late)
            for hop in state.hops
            if hop.name in ("dds", "outbox", "cdm")
            for part in hop.parts
        }
        yield _gauge("models_behind", "Models that have not read every event", ["layer"], layers)
        problems = {label: int(bool(hop.problem)) for label, hop in hops.items()}
        text = "1 for a hop that cannot go on before somebody acts: `ingest status` says how"
        yield _gauge("hop_broken", text, ["hop"], problems)
        letters = {(reason,): number for reason, number in state.dead_letters.items()}
        yield _gauge("open_dead_letters", "Dead letters that are open", ["reason"], letters)
        at = {} if state.at is None else {(): state.at}
        text = "When the hops were last read; absent before the first time"
        yield _gauge("hops_read_timestamp_seconds", text, [], at)


def _gauge(
    name: str, text: str, labels: list[str], values: Mapping[Any, float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"ordervault_{name}", text, labels=labels)
    for label, value in values.items():
        family.add_metric(label, value)
    return family


HOPS = Hops()
REGISTRY.register(HOPS)
