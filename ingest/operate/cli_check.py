"""The commands that ask before anything happens: `ingest check`, `config`, `check-message`."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from ingest.errors import RejectError
from ingest.logs import printable
from ingest.operate.tables import print_rows

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


class Service(StrEnum):
    """Whose needs can be checked."""

    STG = "stg"
    DDS = "dds"
    CDM = "cdm"
    EMIT = "emit"
    STATUS = "status"


def check(
    services: Annotated[
        list[Service] | None, typer.Argument(help="Default: stg dds cdm emit.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check what the services need, before they start.

    Servers, TLS, rights, topics, limits, keys: a line for each, `ok` or what to do; changes
    nothing. Exits with 1 if anything is to be done.
    """
    from ingest.operate.check import findings
    from ingest.settings import read_settings

    wanted = services or [Service.STG, Service.DDS, Service.CDM, Service.EMIT]
    settings, is_ok = read_settings(), True
    for finding in findings(settings, [service.value for service in wanted]):
        is_ok &= finding.is_ok
        if as_json:
            row = {"check": finding.what, "ok": finding.is_ok, "answer": finding.answer}
            print_rows([row], (), as_json=True)
        else:
            typer.echo(f"{finding.what}: {finding.answer}")
    if not is_ok:
        raise typer.Exit(1)


def config(as_json: AsJson = False) -> None:
    """Show each setting, and where its value came from.

    Secrets are masked. Exits with 2 if a value is wrong.
    """
    from ingest.operate.config import rows, strangers
    from ingest.settings import read_settings

    print_rows(list(rows()), ("setting", "value", "from"), as_json=as_json)
    for name in strangers():
        typer.echo(f"{name} is set, and no such setting is known: is it misspelt?", err=True)
    read_settings()


def check_message(
    file: Annotated[
        typer.FileBinaryRead,
        typer.Argument(metavar="FILE", help="One message a line; - reads standard input."),
    ],
) -> None:
    """Say whether messages would be taken, or why not.

    Redis is not asked: an unknown user, restaurant or product is not found. Exits with 1 if any
    message is refused.
    """
    from ingest.kinds import check
    from ingest.orders.decode import SkippedError
    from ingest.orders.values import event_id
    from ingest.settings import read_settings

    settings = read_settings()
    refused = 0
    for number, line in enumerate(file, 1):
        try:
            raw = line.rstrip(b"\r\n")
            message = check(raw, settings.limits)
            verdict = f"ok (event {UUID(event_id(raw, message))})"
        except SkippedError as skipped:
            verdict = printable(f"skipped: object_type {skipped}")
        except RejectError as error:
            refused += 1
            reason = error.reason
            verdict = f"{printable(str(error))}\n  {reason.meaning} {reason.mend}"
        typer.echo(f"{number}: {verdict}")
    if refused:
        raise typer.Exit(1)
