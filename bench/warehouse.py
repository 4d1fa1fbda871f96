"""How long dbt takes: a first load, deltas, and builds with nothing new."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from threading import Event as Flag

from ingest.build import Dbt
from ingest.services import run_emit, run_stg
from ingest.settings import read_settings
from sandbox.feed import feed
from sandbox.simulator import simulate

# Builds with nothing new that are measured.
EMPTY_BUILDS = 5


def warehouse(orders: int, deltas: int) -> Iterator[str | list[dict[str, object]]]:
    """Yields what is being done, and at last the rows of the table."""
    settings = read_settings()
    dbt, everything = Dbt(settings), list(simulate(orders))
    half = len(everything) // 2
    size = -(-(len(everything) - half) // deltas)
    parts = [everything[:half]]
    parts += [everything[start : start + size] for start in range(half, len(everything), size)]
    builds, messages = [], []
    for number, part in enumerate(parts):
        yield f"dbt build: {'the first load' if number == 0 else f'delta {number} of {deltas}'}"
        messages.append(feed(part, settings))
        run_stg(settings, once=True, stop=Flag())
        builds.append(_seconds(lambda: dbt.build("dds+")))
        run_emit(settings, follow=False, stop=Flag())
    yield "dbt build: nothing new"
    empty = [_seconds(lambda: dbt.build("dds+")) for _ in range(EMPTY_BUILDS)]
    delta = round(statistics.median(messages[1:]))
    yield [
        _row("dbt build, first load", builds[:1], messages[0]),
        _row("dbt build, a delta", builds[1:], delta),
        _row("dbt build, nothing new", empty, 0),
    ]


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _row(step: str, seconds: Sequence[float], messages: int) -> dict[str, object]:
    return {
        "step": step,
        "messages": f"{messages:,}",
        "seconds": f"{min(seconds):.2f} / {statistics.median(seconds):.2f} / {max(seconds):.2f}",
    }
