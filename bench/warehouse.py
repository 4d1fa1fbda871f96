"""How long dbt takes: first loads, deltas, builds with nothing new, on two lengths of history.

A first load stands beside the same by hand, in SQL on one connection, which has to give its rows.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from threading import Event as Flag

import psutil

from bench import by_hand
from bench.bare import connect
from ingest.build import Dbt
from ingest.errors import StopError
from ingest.operate import init
from ingest.postgres import Postgres
from ingest.services import run_stg
from ingest.settings import Settings, read_settings
from sandbox.feed import feed
from sandbox.simulator import Reference, Sent, simulate

DELTAS = (1000, 10_000)
POSTMASTER = "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"
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
        loaded += load_events(settings, stream, history - loaded)
        with Postgres(settings, "bench", patient=True) as postgres:
            postgres.query(DROP)
            server = psutil.Process(int(postgres.value(POSTMASTER)))
        dbt.build("order_statuses")  # read by both; dbt parses before anything is timed
        yield f"by hand, without dbt: {loaded:,} events"
        hand = _load_by_hand(settings, server)
        yield f"dbt build: {loaded:,} events, the first load"
        rows += _first_loads(loaded, hand, _build(dbt, server))
        _compare(settings)
        _vacuum(settings)
        for size in DELTAS:
            yield f"dbt build: {size:,} events on {loaded:,}, {rounds} times"
            builds = []
            for _ in range(rounds):
                loaded += load_events(settings, stream, size)
                builds.append(_build(dbt, server))
            rows.append(_row(loaded, f"{size:,} new events", builds))
        yield "dbt build: nothing new"
        empty = [_build(dbt, server) for _ in range(rounds)]
        rows.append(_row(loaded, "nothing new", empty))
    yield rows


def load_events(settings: Settings, stream: Iterator[Reference | Sent], messages: int) -> int:
    """So many more messages, as far as into stg; returns how many events they were."""
    count, part = 0, []
    for step in stream:
        part.append(step)
        count += isinstance(step, Sent)
        if count == messages:
            break
    feed(part, settings)
    return run_stg(settings, once=True, stop=Flag())["stored"]


def spread(values: Sequence[float]) -> str:
    """Minimum, median and maximum."""
    return f"{min(values):.2f} / {statistics.median(values):.2f} / {max(values):.2f}"


def _vacuum(settings: Settings) -> None:
    """What autovacuum would do to the new tables in the next minutes, beside whatever is timed."""
    connection = connect(settings)
    connection.autocommit = True
    connection.cursor().execute("vacuum analyze")
    connection.cursor().execute("checkpoint")
    connection.close()


def _build(dbt: Dbt, server: psutil.Process) -> tuple[float, float]:
    return _timed(server, lambda: dbt.build("dds+"))


def _load_by_hand(settings: Settings, server: psutil.Process) -> tuple[float, float]:
    with closing(connect(settings)) as connection:
        return _timed(server, lambda: by_hand.load_by_hand(connection))


def _compare(settings: Settings) -> None:
    """The tables by hand with those of dbt; then they go. Raises StopError if a row differs."""
    with closing(connect(settings)) as connection:
        if found := by_hand.differences(connection):
            tables = ", ".join(f"{count:,} rows of {table}" for table, count in found.items())
            raise StopError(f"dbt's first load and bench/by_hand.sql differ: {tables}.")
        by_hand.drop(connection)


def _timed(server: psutil.Process, work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of some work, and those of the CPU that Postgres took for it."""
    before, began = _cpu(server), time.perf_counter()
    work()
    return time.perf_counter() - began, _cpu(server) - before


def _cpu(server: psutil.Process) -> float:
    """Of the server and of all its processes, those that have ended too."""
    times = []
    for process in server.children():
        with suppress(psutil.NoSuchProcess):  # it is among those that have ended
            times.append(process.cpu_times())
    own = server.cpu_times()
    ended = own.user + own.system + own.children_user + own.children_system
    return ended + sum(each.user + each.system for each in times)


def _first_loads(
    events: int, hand: tuple[float, float], dbt: tuple[float, float]
) -> list[dict[str, object]]:
    """The rows of both, and how many times dbt took as much."""
    seconds, cpu = (ours / theirs for ours, theirs in zip(dbt, hand, strict=True))
    ratio = {"seconds": f"{seconds:.2f} times", "CPU of Postgres": f"{cpu:.2f} times"}
    return [
        _row(events, "no dbt: the same by hand", [hand]),
        _row(events, "the first load", [dbt]),
        {"history": f"{events:,}", "dbt build": "the first load beside it", **ratio},
    ]


def _row(events: int, step: str, builds: Sequence[tuple[float, float]]) -> dict[str, object]:
    seconds, cpu = zip(*builds, strict=True)
    return {
        "history": f"{events:,}",
        "dbt build": step,
        "seconds": spread(seconds),
        "CPU of Postgres": spread(cpu),
    }
