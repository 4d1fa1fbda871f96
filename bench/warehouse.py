"""How long dbt takes: first loads, deltas, builds with nothing new, on two lengths of history."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from threading import Event as Flag

from ingest.build import Dbt
from ingest.operate import init
from ingest.postgres import Postgres
from ingest.services import run_stg
from ingest.settings import Settings, read_settings
from sandbox.feed import feed
from sandbox.simulator import Reference, Sent, simulate

DELTAS = (1000, 10_000)
# The vault and the marts are made anew: the first load of a longer history.
DROP = """
drop schema if exists marts cascade;
drop schema if exists cdm cascade;
drop schema if exists dds cascade;
drop schema if exists staging cascade;
delete from stg.load_state;
"""


def warehouse(events: int, rounds: int) -> Iterator[str | list[dict[str, object]]]:
    """With `events` and ten times as many; yields what is being done, and the rows of the table."""
    settings = read_settings()
    for _ in init.run(settings):
        pass
    dbt, stream = Dbt(settings), simulate(events * 4)
    rows: list[dict[str, object]] = []
    loaded = 0
    for history in (events, 10 * events):
        yield f"loading up to {history:,} events"
        loaded += _load(settings, stream, history - loaded)
        with Postgres(settings, "bench", patient=True) as postgres:
            postgres.query(DROP)
        yield f"dbt build: {loaded:,} events, the first load"
        rows.append(_row(loaded, "the first load", [_seconds(lambda: dbt.build("dds+"))]))
        for size in DELTAS:
            yield f"dbt build: {size:,} events on {loaded:,}, {rounds} times"
            seconds = []
            for _ in range(rounds):
                loaded += _load(settings, stream, size)
                seconds.append(_seconds(lambda: dbt.build("dds+")))
            rows.append(_row(loaded, f"{size:,} new events", seconds))
        yield "dbt build: nothing new"
        empty = [_seconds(lambda: dbt.build("dds+")) for _ in range(rounds)]
        rows.append(_row(loaded, "nothing new", empty))
    yield rows


def _load(settings: Settings, stream: Iterator[Reference | Sent], messages: int) -> int:
    """So many more messages, as far as into stg; returns how many events they were."""
    count, part = 0, []
    for step in stream:
        part.append(step)
        count += isinstance(step, Sent)
        if count == messages:
            break
    feed(part, settings)
    return run_stg(settings, once=True, stop=Flag())["stored"]


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _row(events: int, step: str, seconds: Sequence[float]) -> dict[str, object]:
    return {
        "history": f"{events:,}",
        "dbt build": step,
        "seconds": f"{min(seconds):.2f} / {statistics.median(seconds):.2f} / {max(seconds):.2f}",
    }
