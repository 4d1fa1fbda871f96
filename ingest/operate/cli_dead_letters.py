"""The commands under `ingest dead-letters`."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.errors import SettingsError
from ingest.operate import letters
from ingest.operate.letters import Filter
from ingest.operate.tables import print_rows, text
from ingest.postgres import Postgres
from ingest.reasons import Reason

if TYPE_CHECKING:
    from ingest.settings import Settings

MAX_BIGINT = 2**63 - 1

app = typer.Typer(
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
    help="Messages that could not be loaded.",
)

Reasons = Annotated[
    list[Reason] | None, typer.Option("--reason", help="Only of this reason; may be repeated.")
]
Orders = Annotated[
    list[int] | None,
    typer.Option("--order", min=0, max=MAX_BIGINT, help="Only of this order; may be repeated."),
]
Positions = Annotated[
    list[int] | None,
    typer.Option(
        "--position", min=0, max=MAX_BIGINT, help="Only this dead letter; may be repeated."
    ),
]
Since = Annotated[
    datetime | None, typer.Option(help="Only those first seen at this time (UTC) or later.")
]
Until = Annotated[
    datetime | None, typer.Option(help="Only those first seen before this time (UTC).")
]
All = Annotated[
    bool, typer.Option("--all", help="All that are open. Without it a filter must be given.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, do nothing.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]

# Shown in a list, of the many columns that `show` has.
LISTED = ("position", "reason", "object_id", "attempts", "first_seen_at", "detail")


@app.command()
def reasons(as_json: Json = False) -> None:
    """Every reason, what it means and what to do."""
    rows = [{"reason": r.value, "meaning": r.meaning, "mend": r.mend} for r in Reason]
    print_rows(rows, ("reason", "meaning", "mend"), as_json=as_json)


@app.command("list")
def list_(
    reason: Reasons = None,
    order: Orders = None,
    since: Since = None,
    until: Until = None,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="Also those stored or dropped by now.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the oldest first.")] = 50,
    as_json: Json = False,
) -> None:
    """Dead letters, oldest first."""
    wanted = _filter(reason, order, None, since, until, resolved=resolved)
    with Postgres(_settings(), "ingest dead-letters") as postgres:
        rows = letters.find(postgres, wanted, limit=limit)
        total = letters.count(postgres, wanted)
    print_rows(rows, LISTED, as_json=as_json)
    if not as_json:
        typer.echo(f"{len(rows):,} of {total:,}")


@app.command()
def show(
    position: Annotated[int, typer.Argument(min=0, max=MAX_BIGINT)], as_json: Json = False
) -> None:
    """Show one: where it was, why, and its bytes."""
    with Postgres(_settings(), "ingest dead-letters") as postgres:
        wanted = Filter(positions=[position], resolved=True)
        rows = letters.find(postgres, wanted, with_bytes=True)
    if not rows:
        raise SettingsError(f"there is no dead letter {position}")
    row = rows[0]
    if as_json:
        print_rows(rows, tuple(row), as_json=True)
        return
    reason = Reason.__members__.get(str(row["reason"]).upper())
    for name, value in row.items():
        typer.echo(f"{name:18} {text(value)}")
    if reason is not None:
        typer.echo(f"{'meaning':18} {reason.meaning}\n{'mend':18} {reason.mend}")


@app.command()
def replay(
    position: Positions = None,
    reason: Reasons = None,
    order: Orders = None,
    since: Since = None,
    until: Until = None,
    everything: All = False,
    dry_run: DryRun = False,
) -> None:
    """Try dead letters again: what can be loaded now is.

    What cannot stays a dead letter, with one more attempt counted.
    """
    wanted = _filter(reason, order, position, since, until, everything=everything)
    settings = _settings()
    with Postgres(settings, "ingest dead-letters") as postgres:
        if dry_run:
            typer.echo(f"{letters.count(postgres, wanted):,} would be tried again")
            return
        counts = letters.replay(settings, postgres, wanted)
    typer.echo(", ".join(f"{count:,} {name}" for name, count in counts.items()) or "none")


@app.command()
def drop(
    position: Positions = None,
    reason: Reasons = None,
    order: Orders = None,
    since: Since = None,
    until: Until = None,
    everything: All = False,
    dry_run: DryRun = False,
) -> None:
    """Give dead letters up, for good.

    They stay in the table, but no replay tries them again.
    """
    wanted = _filter(reason, order, position, since, until, everything=everything)
    with Postgres(_settings(), "ingest dead-letters") as postgres:
        if dry_run:
            typer.echo(f"{letters.count(postgres, wanted):,} would be dropped")
        else:
            typer.echo(f"{letters.drop(postgres, wanted):,} dropped")


def _settings() -> "Settings":
    from ingest.settings import read_settings  # half a second, which --help has no use for

    return read_settings()


def _filter(
    reason: list[Reason] | None,
    order: list[int] | None,
    position: list[int] | None,
    since: datetime | None,
    until: datetime | None,
    *,
    everything: bool = True,
    resolved: bool = False,
) -> Filter:
    found = Filter(
        [r.value for r in reason or []], order or [], position or [], since, until, resolved
    )
    if not everything and found == Filter([], [], []):
        raise SettingsError(
            "name which dead letters: --position, --reason, --order, --since, or --all"
        )
    return found
