"""The commands. Each reads the settings, calls one function, and prints what came of it."""

import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from ingest import logs
from ingest.errors import OutageError, RejectError, StopError
from ingest.operate import cli_dead_letters
from ingest.operate.tables import print_rows
from ingest.settings import Settings, read_settings

app = typer.Typer(
    name="ingest",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Orders from Kafka to a Data Vault in Postgres and back to Kafka, exactly once. "
    "Settings are environment variables or a .env file: see the README.",
)

app.add_typer(cli_dead_letters.app, name="dead-letters")

Once = Annotated[bool, typer.Option("--once", help="Do what there is to do and exit.")]

NEWLINE = "\n"

_debug = False


@app.callback()
def common(
    debug: Annotated[bool, typer.Option("--debug", help="Log more; show stack traces.")] = False,
) -> None:
    """Options of all commands."""
    global _debug
    _debug = debug
    logs.set_up(debug=debug)


@app.command()
def init() -> None:
    """Prepare the warehouse and Kafka: apply ddl/ and create the topics that are missing."""
    from ingest.operate.init import run

    for line in run(read_settings()):
        typer.echo(line)


@app.command()
def stg(once: Once = False) -> None:
    """Load orders: source topic → Redis → stg.order_events → next topic."""
    from ingest.services import run_stg

    with _until_signalled() as (settings, stop):
        totals = run_stg(settings, once=once, stop=stop)
    typer.echo(", ".join(f"{count:,} {name}" for name, count in totals.items()) or "nothing new")


@app.command()
def dds(once: Once = False) -> None:
    """Build the vault (dbt build --select dds) and send what was closed."""
    from ingest.services import run_dds

    with _until_signalled() as (settings, stop):
        run_dds(settings, once=once, stop=stop)


@app.command()
def cdm(once: Once = False) -> None:
    """Build the marts (dbt build --select cdm)."""
    from ingest.services import run_cdm

    with _until_signalled() as (settings, stop):
        run_cdm(settings, once=once, stop=stop)


@app.command()
def emit(
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on for ever, woken when dbt has built.")
    ] = False,
) -> None:
    """Send closed orders: dds.outbox → topic, each row once, in order."""
    from ingest.services import run_emit

    with _until_signalled() as (settings, stop):
        sent = run_emit(settings, follow=follow, stop=stop)
    typer.echo(f"{sent:,} sent" if sent else "nothing new")


@app.command()
def seek(
    topic: Annotated[str, typer.Argument(help="The source topic, or one that Ordervault writes.")],
    to: Annotated[
        str, typer.Option(help="beginning, end, or an offset; of our topics a position.")
    ],
    partition: Annotated[
        int | None, typer.Option(help="Of the source topic; without it all of them.")
    ] = None,
) -> None:
    """Move where reading the source, or publishing into a topic, goes on.

    What is read again changes nothing; what is published again is doubled.
    """
    from ingest.operate.seek import run

    for line in run(read_settings(), topic, partition, to):
        typer.echo(line)


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """What is loaded, what waits, and how far each step is behind."""
    from ingest.operate.status import sections

    for section in sections(read_settings()):
        if as_json:
            rows = [{"section": section.title, **row} for row in section.rows]
            print_rows(rows, (), as_json=True)
            continue
        typer.echo(f"\n{section.title}")
        if section.rows:
            print_rows(section.rows, tuple(section.rows[0]), as_json=False)
        else:
            typer.echo("  none")


@app.command()
def check_message(
    file: Annotated[
        typer.FileBinaryRead, typer.Argument(help="One message a line; - reads standard input.")
    ],
) -> None:
    """Say of each message whether `ingest stg` would take it, and if not, why.

    Redis is not asked: an unknown user, restaurant or product is not found. Exits with 1 if any
    message is refused.
    """
    from ingest.orders.decode import SkippedError, check
    from ingest.orders.values import event_id

    settings = read_settings()
    refused = 0
    for number, line in enumerate(file, 1):
        try:
            raw = line.rstrip(b"\r\n")
            message = check(raw, settings.limits)
            verdict = f"ok (event {UUID(event_id(raw, message))})"
        except SkippedError as skipped:
            verdict = logs.printable(f"skipped: object_type {skipped}")
        except RejectError as error:
            refused += 1
            reason = error.reason
            verdict = f"{logs.printable(str(error))}\n  {reason.meaning} {reason.mend}"
        typer.echo(f"{number}: {verdict}")
    if refused:
        raise typer.Exit(1)


@app.command()
def repair(
    order: Annotated[list[int] | None, typer.Option(help="Events of this order.")] = None,
    user: Annotated[list[str] | None, typer.Option(help="Events of this user.")] = None,
    restaurant: Annotated[list[str] | None, typer.Option(help="Events of this restaurant.")] = None,
    product: Annotated[list[str] | None, typer.Option(help="Events with this product.")] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Events sent at this time (UTC) or later.")
    ] = None,
) -> None:
    """Have the next dbt build read events again: after a fix in a model or macro.

    Options may be repeated; an event is read again if any of them names it.
    """
    from ingest.operate.repair import Keys, run

    keys = Keys(order or (), user or (), restaurant or (), product or (), since)
    number = run(read_settings(), keys)
    typer.echo(f"{number:,} events: the next `dbt build --select dds+` reads them again")


@app.command()
def recover() -> None:
    """After a fail-over or a restore: put back into the warehouse what only the topics have."""
    from ingest.operate.recover import run

    for line in run(read_settings()):
        typer.echo(line)


@contextmanager
def _until_signalled() -> Iterator[tuple[Settings, threading.Event]]:
    """The settings, and a flag that SIGTERM and SIGINT set: the step at hand is finished."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    yield read_settings(), stop


def main() -> None:
    """Run a command; an error is one sentence and an exit code, a stack trace only with --debug."""
    try:
        app()
    except (StopError, OutageError) as error:
        if _debug:
            traceback.print_exc()
        typer.echo(f"ingest: {logs.printable(str(error), keep=NEWLINE)}", err=True)
        sys.exit(error.exit_code if isinstance(error, StopError) else 1)
    except Exception as error:  # a bug: say so, without the trace that nobody asked for
        if _debug:
            raise
        typer.echo(
            f"ingest: unexpected {type(error).__name__}: {logs.printable(str(error), NEWLINE)}\n"
            "This is a bug. Run with --debug (`ingest --debug …`) and report what it prints.",
            err=True,
        )
        sys.exit(70)
