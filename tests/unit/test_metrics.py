"""What is exported is in docs/reference/metrics.md, and every series is there from the start."""

import subprocess
import sys
import time
from collections import Counter
from datetime import datetime

from prometheus_client import Metric

from ingest import metrics
from ingest.operate.hop import Hop, Part
from ingest.operate.state import State
from ingest.reasons import Reason
from tests.world import ROOT

NOW = datetime(2024, 3, 1)
HOPS = (
    Hop("load", "source", "stg", 10, 3, 12.5, NOW, 2.5, problem="`ingest seek`"),
    Hop("dds", "stg", "dds", 20, 0, 0, NOW, 0, (Part("hubs", 5, 1, 7, NOW, 0, ("dds.h_user",)),)),
)


def value(name: str, **labels: str) -> float | None:
    return metrics.REGISTRY.get_sample_value(name, labels)


def families() -> list[Metric]:
    """All of them, also those that are there only once something has happened."""
    metrics.BUILT_AT.labels("dds")
    metrics.PUBLISHED.labels("stg-service-orders")
    metrics.HOPS.state = State(HOPS, {"bad_amount": 2}, time.time())
    found = list(metrics.REGISTRY.collect())
    metrics.HOPS.state = State()
    return found


def table() -> str:
    """The rows of docs/reference/metrics.md."""
    return "\n".join(
        f"| `{_name(family)}` | {family.type} | {_labels(family)} | {family.documentation} |"
        for family in families()
        if family.name.startswith("ordervault_")
    )


def _name(family: Metric) -> str:
    suffix = {"counter": "_total", "info": "_info"}.get(family.type, "")
    return f"{family.name}{suffix}"


def _labels(family: Metric) -> str:
    names = {name for sample in family.samples for name in sample.labels} - {"le"}
    return ", ".join(f"`{name}`" for name in sorted(names))


def test_every_metric_is_described_as_it_is() -> None:
    rows = table()
    written = (ROOT / "docs" / "reference" / "metrics.md").read_text()
    assert rows in written, f"docs/reference/metrics.md must hold these rows:\n{rows}"


def test_every_series_of_a_counter_is_there_from_the_start() -> None:
    """Else the first increment is not seen by increase()."""
    script = (
        "from prometheus_client import generate_latest; from ingest import metrics;"
        "print(generate_latest(metrics.REGISTRY).decode())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    for outcome in ("stored", "duplicate", "skipped", *Reason):
        assert f'ordervault_messages_total{{outcome="{outcome}"}} 0.0\n' in done.stdout
    for system in ("Kafka", "Postgres", "Redis", "dbt"):
        assert f'ordervault_retries_total{{system="{system}"}} 0.0\n' in done.stdout
    for step in ("fetch", "enrich", "store", "commit", "publish", "build"):
        assert f'ordervault_step_seconds_count{{step="{step}"}} 0.0\n' in done.stdout
    assert 'ordervault_builds_total{build="dds",outcome="failed"} 0.0\n' in done.stdout
    assert 'ordervault_build_info{python="' in done.stdout
    assert "process_resident_memory_bytes" in done.stdout


def test_batches_are_counted_by_outcome() -> None:
    def counted() -> Counter[str]:
        names = ("stored", "bad_amount")
        return Counter({n: int(value("ordervault_messages_total", outcome=n) or 0) for n in names})

    before, batches = counted(), value("ordervault_batches_total") or 0
    metrics.stored(Counter(stored=3, bad_amount=1))
    metrics.stored(Counter(stored=2))
    metrics.stored(Counter())  # nothing more
    assert counted() - before == Counter(stored=5, bad_amount=1)
    assert value("ordervault_batches_total") == batches + 2


def test_hops_are_shown_as_they_were_last_read() -> None:
    assert value("ordervault_lag_seconds", hop="load") is None
    metrics.HOPS.state = State(HOPS, {"bad_amount": 2, "empty": 0}, 1000.5)
    assert value("ordervault_lag_messages", hop="load") == 3
    assert value("ordervault_lag_seconds", hop="load") == 12.5
    assert value("ordervault_still_seconds", hop="load") == 2.5
    assert value("ordervault_rows", hop="dds") == 20
    assert value("ordervault_hop_broken", hop="load") == 1
    assert value("ordervault_hop_broken", hop="dds") == 0
    assert value("ordervault_models_behind", layer="hubs") == 1
    assert value("ordervault_open_dead_letters", reason="bad_amount") == 2
    assert value("ordervault_hops_read_timestamp_seconds") == 1000.5
    metrics.HOPS.state = State()
    assert value("ordervault_rows", hop="dds") is None
