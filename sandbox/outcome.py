"""What the demo prints in the end: the count, and a look into the warehouse."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ingest.postgres import Postgres
from ingest.settings import Settings
from sandbox.account import Account

# What a person wants to see of the warehouse: a title, the columns, the question.
QUESTIONS = (
    (
        "who ordered which product most often (marts.user_products)",
        ("user", "product", "orders"),
        """
        select user_name, product_name, order_cnt
        from marts.user_products
        order by order_cnt desc, user_name, product_name
        limit 3
        """,
    ),
    (
        "how one order changed (marts.order_history)",
        ("order", "status", "cost", "from", "until"),
        """
        with busiest as (
            select order_id from marts.order_history
            group by order_id order by count(*) desc, order_id limit 1
        )
        select order_id, status, trim_scale(cost), start_dt, end_dt
        from marts.order_history
        inner join busiest using (order_id)
        order by start_dt
        limit 6
        """,
    ),
    (
        "what could not be loaded (stg.dead_letters)",
        ("reason", "messages", "for example"),
        """
        select
            reason,
            count(*),
            left(min(detail), 60) || case when length(min(detail)) > 60 then '…' else '' end
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


def verdict(made: Account, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Print what was counted; whether the promise was kept.

    `before` and `after` are the warehouse's fingerprints around the second round.
    """
    changed = [name for name in before if after.get(name) != before[name]]
    rows = sum(count for count, _ in after.values())
    unaccounted = made.sent - made.stored - made.repeats - made.letters - made.other
    lines = (
        ("sent", f"{made.sent:,}", "every message twice, the second time shuffled", True),
        ("stored", f"{made.stored:,}", "events, each once", made.stored > 0),
        ("repeats", f"{made.repeats:,}", "left out", True),
        ("dead letters", f"{made.letters:,}", "kept, with a reason", True),
        ("of other kinds", f"{made.other:,}", "left out", unaccounted == 0),
        ("went on", f"{made.left:,}", "messages in the topics behind", made.left > 0),
        ("lost", f"{made.lost:,}", "", made.lost == 0),
        ("doubled", f"{made.doubled:,}", "", made.doubled == 0),
        (
            "vault",
            "changed" if changed else "unchanged",
            ", ".join(changed) or f"{rows:,} rows in {len(after)} tables, the same checksums",
            not changed and bool(after),
        ),
    )
    console.print("[bold]what came of it, counted from outside[/]")
    table = Table(show_header=False, box=box.SIMPLE_HEAD)
    sides: tuple[Literal["left", "right"], ...] = ("left", "right", "left", "left")
    for justify in sides:
        table.add_column(justify=justify)
    for name, figure, note, is_right in lines:
        mark = Text("ok", "green") if is_right else Text("WRONG", "bold red")
        table.add_row(name, figure, note, mark)
    console.print(table)
    return all(is_right for *_, is_right in lines)


def print_answers(settings: Settings) -> None:
    """Print what the warehouse answers to the questions above."""
    with Postgres(settings, "demo") as postgres:
        for title, columns, question in QUESTIONS:
            _print(title, columns, postgres.query(question))


def _print(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    console.print(f"[bold]{title}[/]")
    table = Table(box=box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_text(value) for value in row))
    console.print(table)


def _text(value: object) -> str:
    if isinstance(value, datetime) and value == OPEN_END:
        return "open"
    return f"{value:,}" if isinstance(value, int) and value < 100_000 else str(value)
