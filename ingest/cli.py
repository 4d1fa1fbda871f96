"""The commands. Each reads the settings, calls one function, and prints what came of it."""

import platform
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

import typer

from ingest import logs
from ingest.errors import OutageError, StopError
from ingest.operate import cli_check, cli_dead_letters, cli_mend, cli_status

if TYPE_CHECKING:
    from ingest.settings import Settings

HELP = """
Orders from Kafka to a Data Vault in Postgres and back to Kafka, exactly once.

\b
  ingest init                prepare the warehouse and the topics, once
  ingest stg --once          load what is in the topic; without --once for ever
  ingest status              what stands still, since when, and what to do
  ingest dead-letters list   what could not be loaded, and why

Settings are environment variables or a .env file: docs/reference/settings.md.
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
    context: typer.Context,
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
    logs.set_up(debug=debug, command=context.invoked_subcommand or "help")


@app.command()
def init(
    back: Annotated[
        bool, typer.Option("--back", help="Take a database that a newer version has prepared.")
    ] = False,
) -> None:
    """Prepare the warehouse and Kafka, once and after upgrades.

    Applies ddl/, grants the roles their rights, and makes the topics that are missing. --back is
    for a return to this version, where the changelog of the newer one does not forbid it.
    """
    from ingest.operate.init import run

    for line in run(_settings(), back=back):
        typer.echo(line)


@app.command()
def stg(once: Once = False) -> None:
    """Load orders from Kafka, and publish them.

    Source topic → Redis → stg.order_events → next topic.
    """
    from ingest.services import run_stg

    with _until_signalled() as (settings, stop):
        totals = run_stg(settings, once=once, stop=stop)
    said = ", ".join(f"{count:,} {name}" for name, count in totals.items())
    typer.echo(said or ("nothing loaded" if stop.is_set() else "nothing new"))
    _require_all_done(stop, once=once)


@app.command()
def dds(once: Once = False) -> None:
    """Build the vault, and publish closed orders.

    The vault is `dbt build --select dds`; woken by the topic of `ingest stg`.
    """
    from ingest.services import run_dds

    with _until_signalled() as (settings, stop):
        run_dds(settings, once=once, stop=stop)
    _require_all_done(stop, once=once)


@app.command()
def cdm(once: Once = False) -> None:
    """Build the marts.

    They are `dbt build --select cdm marts`; woken by the topic of `ingest dds`.
    """
    from ingest.services import run_cdm

    with _until_signalled() as (settings, stop):
        run_cdm(settings, once=once, stop=stop)
    _require_all_done(stop, once=once)


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
    typer.echo(f"{sent:,} sent" if sent else "nothing sent" if stop.is_set() else "nothing new")
    _require_all_done(stop, once=not follow)


for command in (
    cli_status.status,
    cli_status.report,
    cli_status.support_bundle,
    cli_check.check,
    cli_check.config,
    cli_check.check_message,
    cli_mend.seek,
    cli_mend.repair,
    cli_mend.recover,
):
    app.command()(command)


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


def _require_all_done(stop: threading.Event, *, once: bool) -> None:
    """Raise StopError where a signal came before the end of a command that has one."""
    if once and stop.is_set():
        raise StopError("told to stop before all was done: run it again, nothing is lost")


def main() -> None:
    """Run a command; an error is one sentence and an exit code, a stack trace only with --debug."""
    try:
        app()
    except (StopError, OutageError) as error:
        if _debug:
            traceback.print_exc()
        logs.say_last(str(error))
        sys.exit(error.exit_code if isinstance(error, StopError) else 1)
    except Exception as error:  # a bug: say so, without the trace that nobody asked for
        if _debug:
            raise
        logs.say_last(
            f"unexpected {type(error).__name__}: {error}\n"
            "This is a bug. Run with --debug (`ingest --debug …`) and report what it prints."
        )
        sys.exit(70)
