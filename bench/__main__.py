"""`python -m bench`: the real passes beside bare ones, and dbt. Compare ratios, not seconds."""

import logging
import os
import time
from collections.abc import Callable, Iterator
from typing import Annotated

import typer

from ingest import logs
from ingest.errors import StopError
from ingest.operate.tables import print_rows
from sandbox.isolation import addresses, isolate
from sandbox.stack import Stack

# What whoever runs a warehouse gives to Postgres: docs/how-to/runbook.md.
POSTGRES = ("shared_buffers=2GB", "max_wal_size=16GB", "checkpoint_timeout=15min")


def main(
    quick: Annotated[
        bool, typer.Option("--quick", help="Hops and warehouse alone, in two minutes.")
    ] = False,
    only: Annotated[str, typer.Option(help="hops, warehouse, skew, fresh or peers.")] = "",
    scale: Annotated[float, typer.Option(min=0.001, help="Of the number of messages.")] = 1.0,
    rounds: Annotated[int, typer.Option(min=1, help="How often each pass runs.")] = 3,
) -> None:
    """Measure on durable servers of its own; min / median / max of each figure."""
    isolate()
    from bench.fresh import fresh
    from bench.hops import hops
    from bench.peers import peers
    from bench.skew import skew
    from bench.warehouse import warehouse

    logs.set_up(debug=False, command="bench")
    logging.getLogger("ingest").setLevel(logging.WARNING)
    scale = scale / 5 if quick else scale
    parts: dict[str, Callable[[], Iterator[str | list[dict[str, object]]]]] = {
        "hops": lambda: hops(int(120_000 * scale), int(300_000 * scale), 1 if quick else rounds),
        "warehouse": lambda: warehouse(
            int((50_000 if quick else 100_000) * scale), 2 if quick else 5
        ),
        "peers": lambda: peers(int(100_000 * scale), 1 if quick else rounds),
        "skew": lambda: skew(int(2_500 * scale)),
        "fresh": lambda: fresh([200, 1000] if quick else [200, 1000, 5000], 60 * scale),
    }
    chosen = only or ("hops warehouse" if quick else "hops warehouse skew fresh")
    for name, part in parts.items():
        if name not in chosen.split():
            continue
        with Stack(postgres_options=POSTGRES) as stack:
            typer.echo(f"servers of its own: {addresses(stack.environment)}")
            os.environ |= stack.environment
            try:
                for progress in part():
                    if isinstance(progress, str):
                        typer.echo(f"{time.strftime('%H:%M:%S')} {progress} …")
                    else:
                        print_rows(progress, tuple(progress[0]), as_json=False)
            except StopError as error:
                typer.echo(f"{name}: {error}", err=True)
                raise typer.Exit(1) from None


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(main)
    app()
