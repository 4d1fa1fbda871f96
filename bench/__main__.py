"""`python -m bench`: the rate of each step. Compare two versions on one machine only."""

import gc
import json
import logging
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from threading import Event as Flag
from typing import Annotated

import typer

from ingest import emit, init, logs, stg
from ingest.build import Dbt
from ingest.enrich import ReferenceData, enrich, reference_ids
from ingest.errors import RejectError
from ingest.messages import Event, SkippedError, decode
from ingest.settings import Settings, read_settings
from ingest.tables import print_rows
from sandbox.feed import feed
from sandbox.isolation import addresses, isolate
from sandbox.simulator import Reference, Sent, simulate
from sandbox.stack import Stack

# Builds and rounds of decoding that are measured, after one that warms up.
ROUNDS = 5


def main(
    orders: Annotated[
        int, typer.Option(min=100, help="In all; about four messages each.")
    ] = 25_000,
    deltas: Annotated[int, typer.Option(min=1, help="Parts that come after the first load.")] = 5,
) -> None:
    """Measure decoding, loading, building and sending on servers of its own."""
    isolate()
    logs.set_up(debug=False)
    logging.getLogger("ingest").setLevel(logging.WARNING)
    everything = list(simulate(orders))
    rows = [_decoding(everything)]
    with Stack() as stack:
        typer.echo(f"servers of its own: {addresses(stack.environment)}")
        os.environ |= stack.environment
        settings = read_settings()
        for _ in init.run(settings):
            pass
        rows += _pipeline(everything, settings, deltas)
    print_rows(rows, tuple(rows[0]), as_json=False)


def _decoding(everything: Sequence[Reference | Sent]) -> dict[str, object]:
    """Decode and enrich, without any server."""
    settings = read_settings()
    raw = {
        step.key: json.dumps(step.value).encode()
        for step in everything
        if isinstance(step, Reference)
    }
    values = [step.value for step in everything if isinstance(step, Sent)][:20_000]

    def work() -> None:
        for start in range(0, len(values), settings.batch_size):
            _enriched(values[start : start + settings.batch_size], raw, settings)

    gc.freeze()  # all the orders of the bench, which no ingestor has in its memory
    return _row("decode and enrich", [_seconds(work) for _ in range(ROUNDS + 1)][1:], len(values))


def _enriched(values: Sequence[bytes | None], raw: Mapping[str, bytes], settings: Settings) -> None:
    """One batch."""
    events: list[Event] = []
    for value in values:
        with suppress(RejectError, SkippedError):
            events.append(decode(value, settings.limits))
    references = ReferenceData({key: raw.get(key) for key in reference_ids(events)})
    for event in events:
        with suppress(RejectError):
            enrich(event, references, settings.max_message_bytes)


def _pipeline(
    everything: Sequence[Reference | Sent], settings: Settings, deltas: int
) -> list[dict[str, object]]:
    """A first load of half of it, then the rest in parts, then builds with nothing new."""
    half, dbt = len(everything) // 2, Dbt(settings)
    size = -(-(len(everything) - half) // deltas)
    parts = [everything[:half]]
    parts += [everything[start : start + size] for start in range(half, len(everything), size)]
    loads, builds, sends, messages, sent = [], [], [], [], []
    for part in parts:
        messages.append(feed(part, settings))
        loads.append(_seconds(lambda: stg.run(settings, once=True, stop=Flag())))
        builds.append(_seconds(lambda: dbt.build("dds+")))
        began = time.perf_counter()
        sent.append(emit.run(settings, follow=False, since=None, stop=Flag()))
        sends.append(time.perf_counter() - began)
    empty = [_seconds(lambda: dbt.build("dds+")) for _ in range(ROUNDS)]
    delta = round(statistics.median(messages[1:]))
    return [
        _row("ingest stg, first load", loads[:1], messages[0]),
        _row("ingest stg, a delta", loads[1:], delta),
        _row("dbt build, first load", builds[:1], messages[0]),
        _row("dbt build, a delta", builds[1:], delta),
        _row("dbt build, nothing new", empty, 0),
        _row("ingest emit, first load", sends[:1], sent[0]),
        _row("ingest emit, a delta", sends[1:], round(statistics.median(sent[1:]))),
    ]


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _row(step: str, seconds: Sequence[float], messages: int) -> dict[str, object]:
    median = statistics.median(seconds)
    return {
        "step": step,
        "messages": messages,
        "seconds": f"{median:.2f}",
        "fastest": f"{min(seconds):.2f}",
        "slowest": f"{max(seconds):.2f}",
        "messages_per_second": f"{messages / median:,.0f}" if messages else "",
    }


if __name__ == "__main__":
    typer.run(main)
