"""Rows for a person, as a table, or for a program, as JSON lines."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import typer

from ingest.logs import printable

PIPED_WIDTH = 200


def print_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool) -> None:
    """Print the rows: the columns named, or with `as_json` all of them, one object a line."""
    if as_json:
        for row in rows:
            plain = {name: _plain(value) for name, value in row.items()}
            typer.echo(printable(json.dumps(plain, ensure_ascii=False)))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        # As text: what looks like rich's markup is what a producer sent.
        table.add_row(*(Text(text(row[column])) for column in columns))
    Console(highlight=False, width=width()).print(table)


def width() -> int:
    """How many columns there are; where no terminal tells, nothing is worth a fold."""
    from rich.console import Console

    return Console().width if sys.stdout.isatty() else PIPED_WIDTH


def text(value: Any) -> str:
    """A value for a person."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return "" if value is None else printable(str(_plain(value)))


def _plain(value: Any) -> Any:
    """A value for JSON: bytes as text, as far as they are text; times as the source writes them."""
    if isinstance(value, memoryview):
        return bytes(value).decode(errors="backslashreplace")
    if isinstance(value, Decimal):  # a sum of bigint
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, (int, float)) or value is None else str(value)
