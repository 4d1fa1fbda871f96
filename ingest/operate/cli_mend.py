"""The commands that move and mend: `ingest seek`, `ingest repair`, `ingest recover`."""

from datetime import datetime
from typing import Annotated

import typer


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
    from ingest.settings import read_settings

    for line in run(read_settings(), topic, partition, to):
        typer.echo(line)


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
    from ingest.settings import read_settings

    keys = Keys(order or (), user or (), restaurant or (), product or (), since)
    number = run(read_settings(), keys)
    typer.echo(f"{number:,} events: the next `dbt build --select dds+` reads them again")


def recover() -> None:
    """Take from the topics what the warehouse has lost.

    After a fail-over or a restored backup.
    """
    from ingest.operate.recover import run
    from ingest.settings import read_settings

    for line in run(read_settings()):
        typer.echo(line)
