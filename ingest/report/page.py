"""Puts the page together; the templates beside it say how it looks."""

from datetime import UTC, datetime
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ingest.logs import printable
from ingest.operate.counts import left_out
from ingest.operate.hops import hops
from ingest.postgres import Postgres
from ingest.report import figures, stories
from ingest.report.chart import columns_over_time
from ingest.settings import Settings


def page(settings: Settings, *, order: int | None = None, user: str | None = None) -> bytes:
    """The page as HTML in UTF-8, about 60 kB, of this moment; nothing of it is fetched elsewhere.

    `order` and `user` are the source's ids of those whose history is drawn; without them those of
    the latest to whom most has happened. Raises OutageError or StopError.
    """
    flow = hops(settings)
    with Postgres(settings, "ingest report") as postgres:
        loaded = figures.loaded(postgres)
        lists = figures.lists(postgres)
        others = left_out(postgres, settings.kafka_stg_src_topic)
        letters = figures.dead_letters(postgres)
        told = (
            {"order": stories.of_order(postgres, order), "user": stories.of_user(postgres, user)}
            if lists
            else {}
        )
    return (
        _environment()
        .get_template("page.html")
        .render(
            now=datetime.now(UTC).replace(tzinfo=None, microsecond=0),
            flow=flow,
            waiting=[hop for hop in flow if hop.behind or hop.problem],
            events=next((hop.rows for hop in flow if hop.name == "load"), 0),
            others=others,
            loaded=loaded,
            chart=columns_over_time(loaded.columns, loaded.width),
            lists=lists,
            letters=letters,
            open_letters=sum(row.count for row in letters),
            stories=told,
            wanted={"order": order, "user": user},
        )
        .encode()
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ingest.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["duration"] = _duration
    style = files("ingest.report").joinpath("templates/style.css").read_text()
    environment.globals["style"] = Markup(style)  # noqa: S704 (a file of ours)
    return environment


def _shown(value: object) -> object:
    """How a value is shown; characters that forge or turn what stands around them are escaped."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return "" if value is None else printable(str(value))


def _duration(seconds: float) -> str:
    """So many seconds, for a person."""
    for unit, size in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
