"""`python -m sandbox`: the demo, the servers alone, or orders for servers that run."""

import logging
import os
import shutil
import signal
import sys
import threading
from typing import Annotated

import typer

from ingest import logs
from ingest.errors import OutageError, StopError, UnreachableError
from ingest.settings import Settings, read_settings
from sandbox.clients import client_binary
from sandbox.isolation import addresses, isolate
from sandbox.server import SandboxError
from sandbox.stack import Stack

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

DEMO_ORDERS = 5_000

# What to do with servers that are up, and prepared.
COMMANDS = """\
.venv/bin/python -m sandbox simulate --orders 1000 --seed 2
.venv/bin/ingest stg --once; .venv/bin/dbt build --select dds+; .venv/bin/ingest emit
.venv/bin/python -m sandbox psql
HEALTH_PORT=8080 .venv/bin/ingest stg   # and http://127.0.0.1:8080/, until Ctrl-C
.venv/bin/dbt docs generate; .venv/bin/dbt docs serve

# If you have kcat:
kcat -b $KAFKA_HOST:$KAFKA_PORT -X isolation.level=read_committed -C -e -t dds-service-orders
"""


@app.callback()
def common() -> None:
    """Real Kafka, Postgres and Valkey without Docker, and orders for them."""
    logs.set_up(debug=False, command="sandbox")
    logging.getLogger("ingest").setLevel(logging.WARNING)


Orders = Annotated[int, typer.Option(min=1, help="How many; each is about four messages.")]


@app.command()
def demo(
    orders: Orders = DEMO_ORDERS,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the servers up until Ctrl-C.")
    ] = False,
) -> None:
    """Kill it, send all again, count what is lost and doubled. Exits with 1 if anything is."""
    isolate()
    from sandbox.demo import ENVIRONMENT, Demo
    from sandbox.outcome import console

    console.print("starting Kafka, Postgres and Valkey, for this demo only …")
    with Stack() as stack:
        console.print(addresses(stack.environment))
        os.environ |= stack.environment | ENVIRONMENT
        is_right = Demo(read_settings(), stack.environment, orders).run()
        if keep:
            _print_environment(stack)
            _wait()
    hint = " [bold]make demo KEEP=1[/] leaves them up, for psql, kcat and dbt docs."
    console.print(f"All servers are gone again.{'' if keep else hint}")
    if not is_right:
        raise typer.Exit(1)


@app.command()
def up() -> None:
    """Start the servers alone, and leave them up until Ctrl-C."""
    typer.echo("starting Kafka, Postgres and Valkey …", err=True)
    with Stack() as stack:
        _print_environment(stack, "ingest init")
        _wait()


@app.command()
def simulate(
    orders: Orders = DEMO_ORDERS,
    rate: Annotated[
        float | None, typer.Option(help="Messages a second; default: no limit.")
    ] = None,
    seed: Annotated[
        int,
        typer.Option(min=1, max=1_000_000, help="The same seed, the same orders; another, others."),
    ] = 1,
) -> None:
    """Send orders to the Kafka and the Redis that the settings name."""
    from sandbox.feed import feed
    from sandbox.simulator import simulate as happen

    sent = feed(happen(orders, seed), _settings_that_reach(), rate=rate)
    typer.echo(f"{sent:,} messages sent")


@app.command()
def send(
    files: Annotated[
        list[typer.FileBinaryRead],
        typer.Argument(help="One document a line; - reads standard input."),
    ],
) -> None:
    """Send what you wrote: documents with an `_id` to Redis, all others to the source topic."""
    from sandbox.feed import feed, steps_in

    steps = [step for file in files for step in steps_in(file)]
    sent = feed(steps, _settings_that_reach())
    typer.echo(f"{sent:,} sent to Kafka, {len(steps) - sent:,} to Redis")


@app.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
def psql(
    arguments: Annotated[list[str] | None, typer.Argument(help="psql's own.")] = None,
) -> None:
    """Open psql on the warehouse that the settings name."""
    settings = read_settings()
    os.environ |= {
        "PGHOST": settings.pg_warehouse_host,
        "PGPORT": str(settings.pg_warehouse_port),
        "PGDATABASE": settings.pg_warehouse_dbname,
        "PGUSER": settings.pg_warehouse_user,
        "PGPASSWORD": settings.pg_warehouse_password.get_secret_value(),
        "PGSSLMODE": settings.postgres_sslmode,
    }
    program = shutil.which("psql") or str(client_binary("psql"))
    os.execv(program, [program, *(arguments or [])])  # noqa: S606 (no shell is wanted)


def _settings_that_reach() -> Settings:
    """The settings, when Kafka and Redis have answered: Kafka's producer waits for minutes.

    Raises SandboxError if one of them is away, UnreachableError or SettingsError.
    """
    from ingest import redis
    from ingest.kafka import admin

    settings = read_settings()
    try:
        admin.check(settings)
        try:
            redis.check(settings)
        except StopError as error:
            # Whoever may only write to it is refused the question: it is there.
            if isinstance(error, UnreachableError):
                raise
    except OutageError as error:
        raise SandboxError(f"{error}: paste the `export` lines of `sandbox up` here") from error
    return settings


def _print_environment(stack: Stack, *first: str) -> None:
    """How to reach the servers from another terminal; `first` are commands before all others."""
    typer.echo("\nThe servers are up until Ctrl-C. In another terminal:\n")
    for name, value in stack.environment.items():
        typer.echo(f"export {name}={value}")
    typer.echo()
    for command in first:
        typer.echo(f".venv/bin/{command}")
    typer.echo(COMMANDS)


def _wait() -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()


if __name__ == "__main__":
    try:
        app()
    except (SandboxError, StopError, OutageError) as error:
        sys.exit(f"sandbox: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
