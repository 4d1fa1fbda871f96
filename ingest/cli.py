"""The commands. Each reads the settings, calls one function, and prints what came of it."""

import platform
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from ingest import logs
from ingest.errors import OutageError, RejectError, StopError
from ingest.operate import cli_dead_letters
from ingest.operate.tables import print_rows

if TYPE_CHECKING:
    from ingest.settings import Settings

HELP = """
Orders from Kafka to a Data Vault in Postgres and back to Kafka, exactly once.

\b
  ingest init                prepare the warehouse and the topics, once
  ingest stg --once          load what is in the topic; without --once for ever
  ingest status              what is loaded, what waits, how far each step is behind
  ingest dead-letters list   what could not be loaded, and why

Settings are environment variables or a .env file: docs/settings.md.
"""

app = typer.Typer(
    name="ingest",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=HELP,
)

app.add_typer(cli_dead_letters.app, name="dead-letters")

Once = Annotated[bool, typer.Option("--once", help="Do what there is to do and exit.")]

NEWLINE = "\n"

_debug = False


def _versions(wanted: bool) -> None:
    if not wanted:
        return
    import confluent_kafka

    for package in ("ordervault", "dbt-core", "dbt-postgres", "confluent-kafka"):
        typer.echo(f"{package} {version(package)}")
    typer.echo(f"librdkafka {confluent_kafka.libversion()[0]}")
    typer.echo(f"Python {platform.python_version()}")
    raise typer.Exit


@app.callback()
def common(
    debug: Annotated[bool, typer.Option("--debug", help="Log more; show stack traces.")] = False,
    versions: Annotated[
        bool,
        typer.Option(
            "--version", callback=_versions, is_eager=True, help="Show all versions and exit."
        ),
    ] = False,
) -> None:
    """Options of all commands."""
    global _debug
    _debug = debug
    logs.set_up(debug=debug)


@app.command()
def init() -> None:
    """Prepare the warehouse and Kafka, once and after upgrades.

    Applies ddl/, grants the roles their rights, and makes the topics that are missing.
    """
    from ingest.operate.init import run

    for line in run(_settings()):
        typer.echo(line)


@app.command()
def stg(once: Once = False) -> None:
    """Load orders from Kafka, and publish them.

    Source topic → Redis → stg.order_events → next topic.
    """
    from ingest.services import run_stg

    with _until_signalled() as (settings, stop):
        totals = run_stg(settings, once=once, stop=stop)
    typer.echo(", ".join(f"{count:,} {name}" for name, count in totals.items()) or "nothing new")


@app.command()
def dds(once: Once = False) -> None:
    """Build the vault, and publish closed orders.

    The vault is `dbt build --select dds`; woken by the topic of `ingest stg`.
    """
    from ingest.services import run_dds

    with _until_signalled() as (settings, stop):
        run_dds(settings, once=once, stop=stop)


@app.command()
def cdm(once: Once = False) -> None:
    """Build the marts.

    They are `dbt build --select cdm marts`; woken by the topic of `ingest dds`.
    """
    from ingest.services import run_cdm

    with _until_signalled() as (settings, stop):
        run_cdm(settings, once=once, stop=stop)


@app.command()
def emit(
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on for ever, woken when dbt has built.")
    ] = False,
) -> None:
    """Publish closed orders: dds.outbox → topic.

    Each row once, in order. `ingest dds` does it, too.
    """
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
    """Move where reading or publishing a topic goes on.

    What is read again changes nothing; what is published again is doubled.
    """
    from ingest.operate.seek import run

    for line in run(_settings(), topic, partition, to):
        typer.echo(line)


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show what is loaded, what waits, what is behind."""
    from ingest.operate.status import sections

    for section in sections(_settings()):
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
    """Say whether messages would be taken, or why not.

    Redis is not asked: an unknown user, restaurant or product is not found. Exits with 1 if any
    message is refused.
    """
    from ingest.orders.decode import SkippedError, check
    from ingest.orders.values import event_id

    settings = _settings()
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
    order: Annotated[
        list[int] | None, typer.Option(min=0, max=2**63 - 1, help="Events of this order.")
    ] = None,
    user: Annotated[list[str] | None, typer.Option(help="Events of this user.")] = None,
    restaurant: Annotated[list[str] | None, typer.Option(help="Events of this restaurant.")] = None,
    product: Annotated[list[str] | None, typer.Option(help="Events with this product.")] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Events sent at this time (UTC) or later.")
    ] = None,
) -> None:
    """Have the next dbt build read events again.

    After a fix in a model or macro. Options may be repeated; an event is read again if any of
    them names it.
    """
    from ingest.operate.repair import Keys, run

    keys = Keys(order or (), user or (), restaurant or (), product or (), since)
    number = run(_settings(), keys)
    typer.echo(f"{number:,} events: the next `dbt build --select dds+` reads them again")


@app.command()
def recover() -> None:
    """Take from the topics what the warehouse has lost.

    After a fail-over or a restored backup.
    """
    from ingest.operate.recover import run

    for line in run(_settings()):
        typer.echo(line)


def _settings() -> "Settings":
    from ingest.settings import read_settings  # half a second, which --help has no use for

    return read_settings()


@contextmanager
def _until_signalled() -> Iterator[tuple["Settings", threading.Event]]:
    """The settings, and a flag that SIGTERM and SIGINT set: the step at hand is finished."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    yield _settings(), stop


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
