"""The main job on real servers, from empty ones to the marts, and what came of it."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event as Flag
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from ingest.build import Dbt
from ingest.kafka.admin import Admin
from ingest.kafka.reader import read_all
from ingest.operate import init
from ingest.postgres import Postgres
from ingest.services import run_emit, run_stg
from ingest.settings import Settings
from sandbox.feed import feed
from sandbox.simulator import Reference, Sent, simulate

# The orders come in this many parts, so that the second one meets a history.
ROUNDS = 2

# What a person wants to see of the warehouse: a title, the columns, the question.
QUESTIONS = (
    (
        "who ordered which product most often (cdm.user_product_counters)",
        ("user", "product", "orders"),
        """
        select users.username, counters.product_name, counters.order_cnt
        from cdm.user_product_counters as counters
        inner join dds.s_user_names as users
            on counters.user_id = users.h_user_pk and users.end_dt = '4000-01-01'
        order by counters.order_cnt desc, users.username, counters.product_name
        limit 5
        """,
    ),
    (
        "who ordered from which category most often (cdm.user_category_counters)",
        ("user", "category", "orders"),
        """
        select users.username, counters.category_name, counters.order_cnt
        from cdm.user_category_counters as counters
        inner join dds.s_user_names as users
            on counters.user_id = users.h_user_pk and users.end_dt = '4000-01-01'
        order by counters.order_cnt desc, users.username, counters.category_name
        limit 5
        """,
    ),
    (
        "one user's history (dds.s_user_names)",
        ("user", "name", "from", "until"),
        """
        with most_often_renamed as (
            select h_user_pk
            from dds.s_user_names
            group by h_user_pk
            order by count(*) desc, h_user_pk
            limit 1
        )
        select users.user_id, names.username, names.start_dt, names.end_dt
        from dds.s_user_names as names
        inner join most_often_renamed using (h_user_pk)
        inner join dds.h_user as users using (h_user_pk)
        order by names.start_dt
        """,
    ),
    (
        "one order's life (dds.s_order_status, s_order_product, s_order_user)",
        ("order", "what", "from", "until"),
        """
        with most_eventful as (
            select h_order_pk
            from dds.l_order_product
            inner join dds.s_order_product using (hk_order_product_pk)
            group by h_order_pk
            order by count(*) filter (where end_dt < '4000-01-01') desc, h_order_pk
            limit 1
        ),
        life as (
            select h_order_pk, 'is ' || status as what, start_dt, end_dt
            from dds.s_order_status
            union all
            select h_order_pk, 'holds ' || quantity || ' × ' || productname, p.start_dt, p.end_dt
            from dds.s_order_product as p
            inner join dds.l_order_product using (hk_order_product_pk)
            inner join dds.s_product_names as n using (h_product_pk)
            where n.start_dt <= p.start_dt and n.end_dt > p.start_dt
            union all
            select h_order_pk, 'belongs to ' || username, u.start_dt, u.end_dt
            from dds.s_order_user as u
            inner join dds.l_order_user using (hk_order_user_pk)
            inner join dds.s_user_names as n using (h_user_pk)
            where n.start_dt <= u.start_dt and n.end_dt > u.start_dt
        )
        select orders.order_id, life.what, life.start_dt, life.end_dt
        from life
        inner join most_eventful using (h_order_pk)
        inner join dds.h_order as orders using (h_order_pk)
        order by life.start_dt, life.end_dt, life.what
        """,
    ),
    (
        "messages that could not be loaded (stg.dead_letters)",
        ("reason", "messages", "for example"),
        """
        select reason, count(*), left(min(detail), 70)
        from stg.dead_letters
        where resolved_at is null
        group by reason
        order by count(*) desc, reason
        """,
    ),
)

# Wide enough for the tables also where the output is no terminal.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)

OPEN_END = datetime(4000, 1, 1)

Tick = Callable[[int], object]


@dataclass(frozen=True)
class Step:
    """One line of the table of steps."""

    name: str
    result: str
    seconds: float


def demo(settings: Settings, orders: int) -> None:
    """Run the main job and print what came of it. Raises StopError, OutageError, SandboxError."""
    for _ in init.run(settings):
        pass
    everything = list(simulate(orders))
    size = len(everything) // ROUNDS + 1
    dbt = Dbt(settings)
    done: list[Step] = []
    for number in range(ROUNDS):
        part = everything[number * size : (number + 1) * size]
        console.rule(f"part {number + 1} of {ROUNDS}")
        for name, total, work in _work(settings, dbt, part):
            done.append(_shown(f"{number + 1}. {name}", total, work))
    done.append(_shown("dbt test --select dds+", 1, lambda _: f"{dbt.test():,} tests passed"))
    console.rule("what came of it")
    _print("steps", ("step", "result", "seconds"), [(s.name, s.result, s.seconds) for s in done])
    with Postgres(settings, "demo") as postgres:
        for title, columns, question in QUESTIONS:
            _print(title, columns, postgres.query(question))
    topics = (
        settings.kafka_stg_src_topic,
        settings.kafka_stg_dst_topic,
        settings.kafka_dds_dst_topic,
        settings.dead_letter_topic,
    )
    counts = [
        (topic, sum(1 for _ in read_all(settings, Admin(settings), topic))) for topic in topics
    ]
    _print("committed messages in each topic", ("topic", "messages"), counts)


def _work(
    settings: Settings, dbt: Dbt, part: Sequence[Reference | Sent]
) -> Iterator[tuple[str, int, Callable[[Tick], str]]]:
    """The steps of one part: a name, how many ticks it takes, and what does it."""
    messages = sum(isinstance(step, Sent) for step in part)

    def simulated(tick: Tick) -> str:
        return f"{feed(part, settings, tick=lambda _: tick(1)):,} messages sent"

    def loaded(tick: Tick) -> str:
        counts = run_stg(settings, once=True, stop=Flag(), on_batch=lambda c: tick(c.total()))
        stored, duplicates, skipped = (
            counts.pop(name, 0) for name in ("stored", "duplicate", "skipped")
        )
        bad = counts.total()
        return f"{stored:,} stored, {duplicates} repeats, {skipped} skipped, {bad} bad"

    def emitted(_: Tick) -> str:
        return f"{run_emit(settings, follow=False, stop=Flag()):,} closed orders sent"

    yield "simulate", messages, simulated
    yield "ingest stg", messages, loaded
    yield "dbt build --select dds", 30, lambda tick: str(dbt.build("dds", on_node=lambda: tick(1)))
    yield "ingest emit", 1, emitted
    yield (
        "dbt build --select cdm marts",
        9,
        lambda tick: str(dbt.build("cdm", "marts", on_node=lambda: tick(1))),
    )


def _shown(name: str, total: int, work: Callable[[Tick], str]) -> Step:
    """Do one step under a progress bar."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<25}"),
        BarColumn(bar_width=8),
        TimeElapsedColumn(),
        TextColumn("{task.fields[result]}"),
    )
    began = time.monotonic()
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(name, total=total, result="")
        result = work(lambda count: progress.advance(task, count))
        progress.update(task, completed=total, result=result)
    return Step(name, result, time.monotonic() - began)


def _print(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_text(value) for value in row))
    console.print(table)


def _text(value: object) -> str:
    if isinstance(value, datetime) and value == OPEN_END:
        return "open"
    if isinstance(value, float):
        return f"{value:.1f}"
    return f"{value:,}" if isinstance(value, int) and value < 100_000 else str(value)
