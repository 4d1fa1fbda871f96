"""The commands that show the state: `ingest status`, `report`, `support-bundle`."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click
import typer

from ingest.errors import OutageError, StopError
from ingest.logs import printable
from ingest.operate.tables import print_rows, width

if TYPE_CHECKING:
    from ingest.operate.hop import Hop
    from ingest.operate.status import Status

Json = Annotated[bool, typer.Option("--json", help="One JSON object: docs/how-to/runbook.md.")]
Watch = Annotated[float | None, typer.Option(min=0.5, help="Show it again every so many seconds.")]

STANDARD_OUTPUT = Path("-")
HOP_COLUMNS = ("hop", "from", "to", "rows", "waiting", "oldest", "moved", "state")
# A terminal with fewer columns would fold most of them.
WIDE = 140
NARROW_COLUMNS = ("hop", "rows", "waiting", "oldest", "moved", "state")
LETTER_COLUMNS = ("reason", "dead_letters", "orders", "oldest", "attempts")


def status(as_json: Json = False, watch: Watch = None) -> None:
    """Show what is loaded, what waits, what stands still.

    Exits with 0 if all is well, else with 1.
    """
    from ingest.operate.status import look
    from ingest.settings import read_settings

    settings = read_settings()
    is_well = False
    with suppress(KeyboardInterrupt):
        while True:
            try:
                found = look(settings)
            except OutageError as error:
                if watch is None:
                    raise
                is_well = False
                typer.echo(printable(str(error)), err=True)
            else:
                is_well = found.is_well
                if watch and not as_json and sys.stdout.isatty():
                    click.clear()
                _print(found, as_json=as_json)
            if watch is None:
                break
            time.sleep(watch)
    raise typer.Exit(0 if is_well else 1)


def report(
    output: Annotated[Path, typer.Option(help="The file to write; -: standard output.")] = Path(
        "report.html"
    ),
    order: Annotated[
        int | None, typer.Option(min=0, max=2**63 - 1, help="The order whose history is drawn.")
    ] = None,
    user: Annotated[str | None, typer.Option(help="The user whose history is drawn.")] = None,
) -> None:
    """Write a page: what is loaded, what waits, what came of it.

    One HTML file that fetches nothing. Without --order and --user it draws those of the latest
    to whom most has happened.
    """
    from ingest.report.page import page
    from ingest.settings import read_settings

    made = page(read_settings(), order=order, user=user)
    if output == STANDARD_OUTPUT:
        sys.stdout.buffer.write(made)
        return
    try:
        output.write_bytes(made)
    except OSError as error:
        raise StopError(f"--output {output}: {error.strerror}") from error
    typer.echo(printable(str(output.resolve())))


def support_bundle(
    output: Annotated[
        Path | None,
        typer.Option(
            help="The file to write; -: standard output. Default: ordervault-support-<time>.tar.gz."
        ),
    ] = None,
) -> None:
    """Write an archive for whoever helps.

    Versions, settings, state and logs; secrets are masked. It works while servers are
    away: the files say so.
    """
    from ingest.operate.support import write

    name = f"ordervault-support-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    if output == STANDARD_OUTPUT:
        for written in write(sys.stdout.buffer, name):
            typer.echo(written, err=True)
        return
    path = output or Path(f"{name}.tar.gz")
    try:
        # For its owner alone.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for written in write(file, path.name.split(".")[0]):
                typer.echo(written)
    except OSError as error:
        raise StopError(f"{path}: {error.strerror}") from error
    typer.echo(printable(str(path.resolve())))


def _print(found: "Status", *, as_json: bool) -> None:
    from ingest.operate.status import sentence

    if as_json:
        print_rows([found.plain()], (), as_json=True)
        return
    typer.echo(printable(found.verdict if found.is_well else f"NOT WELL: {found.verdict}"))
    for other in found.findings[1:]:
        typer.echo(printable(f"also: {other.hop}: {sentence(other)}"))
    limit = found.stalled_after_seconds
    rows = [
        row
        for hop in found.hops
        for row in _rows(hop, is_late=bool(hop.problem) or hop.still_seconds > limit)
    ]
    if width() < WIDE:
        print_rows([_narrow(row, found.at) for row in rows], NARROW_COLUMNS, as_json=False)
    else:
        print_rows(rows, HOP_COLUMNS, as_json=False)
    if found.dead_letters:
        typer.echo("open dead letters")
        print_rows(found.dead_letters, LETTER_COLUMNS, as_json=False)
    typer.echo(
        f"of {found.hops[0].target}: {found.duplicates:,} repeats, {found.skipped:,} skipped"
    )


def _rows(hop: "Hop", *, is_late: bool) -> Iterator[dict[str, Any]]:
    """The line of a hop, and one for each layer of it that has models which are behind."""
    state = "stands still" if is_late else "moves" if hop.behind else ""
    yield {"hop": hop.name, "from": hop.origin, "to": hop.target, "state": state, **_common(hop)}
    for part in hop.parts:
        if part.late and len(hop.parts) > 1:
            names = ", ".join(part.late[:3]) + (" …" if len(part.late) > 3 else "")
            row = {"hop": f"  {part.name}", "from": "", "to": names, "state": ""}
            yield {**row, "late": len(part.late), **_common(part)}


def _common(thing: Any) -> dict[str, Any]:
    return {
        "rows": f"{thing.rows:,}",
        "waiting": f"{thing.behind:,}" if thing.behind else "",
        "oldest": timedelta(seconds=round(thing.behind_seconds)) if thing.behind else None,
        "moved": thing.moved_at,
    }


def _narrow(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The row with shorter times; of models that are behind only how many."""
    moved, oldest = row["moved"], row["oldest"]
    if moved:
        moved = f"{moved:%H:%M:%S}" if moved.date() == now.date() else f"{moved:%m-%d %H:%M}"
    if oldest and oldest.days:
        oldest = f"{oldest.days} d {oldest.seconds // 3600} h"
    late = row.get("late", 0)
    state = f"{late} model{'' if late == 1 else 's'}" if late else row["state"]
    return {**row, "moved": moved, "oldest": oldest, "state": state}
