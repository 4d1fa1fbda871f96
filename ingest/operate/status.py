"""`ingest status`: whether all is well, else what stands still, since when, and what to type."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.operate.counts import left_out, open_letters
from ingest.operate.hop import Hop
from ingest.operate.hops import hops
from ingest.postgres import Postgres
from ingest.settings import Settings

# What mends a hop that stands still, or says what is in its way.
COMMANDS = {
    "load": "ingest stg --once",
    "publish": "ingest stg --once",
    "dead-letters": "ingest stg --once",
    "outbox": "dbt build --select outbox",
    "cdm": "dbt build --select cdm marts",
    "emit": "ingest emit",
}
# More models than these are not named one by one.
MOST_NAMED = 3


@dataclass(frozen=True)
class Finding:
    """A hop that stands still: since when (UTC), in words, and what to type."""

    hop: str
    since: datetime | None
    what: str
    command: str


@dataclass(frozen=True)
class Status:
    """All that `ingest status` shows; the order of the fields is that of the JSON."""

    is_well: bool
    verdict: str
    at: datetime
    stalled_after_seconds: float
    findings: list[Finding]
    hops: list[Hop]
    dead_letters: list[dict[str, Any]]
    duplicates: int
    skipped: int

    def plain(self) -> dict[str, Any]:
        """The same, of dictionaries and lists."""
        return asdict(self)


def look(settings: Settings) -> Status:
    """The state by now. Raises OutageError or StopError if anything cannot be read."""
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(_letters, settings)
        found = hops(settings)
        letters, counts = asked.result()
    now = datetime.now(UTC).replace(tzinfo=None)
    findings = list(_findings(settings, found, now))
    return Status(
        is_well=not findings,
        verdict=_verdict(settings, findings, letters),
        at=now,
        stalled_after_seconds=settings.stalled_after_seconds,
        findings=findings,
        hops=found,
        dead_letters=letters,
        **counts,
    )


def _letters(settings: Settings) -> tuple[list[dict[str, Any]], dict[str, int]]:
    with Postgres(settings, "ingest status") as postgres:
        return open_letters(postgres), left_out(postgres, settings.kafka_stg_src_topic)


def _findings(settings: Settings, found: Sequence[Hop], now: datetime) -> Iterator[Finding]:
    """The hops that stand still, in the order of the way.

    What is built from the vault waits for it, and is built with it.
    """
    is_built = True
    for hop in found:
        if hop.name in ("outbox", "cdm") and not is_built:
            continue
        if hop.problem:
            yield Finding(hop.name, hop.moved_at, hop.problem, _named(hop.problem))
        elif hop.still_seconds > settings.stalled_after_seconds:
            is_built = is_built and hop.name != "dds"
            since = now - timedelta(seconds=hop.still_seconds)
            what = f"{hop.behind:,} wait between {hop.origin} and {hop.target}"
            if hop.name == "produce":
                what = f"an open transaction of a producer hides {hop.behind:,} of {hop.target}"
            yield Finding(hop.name, since, what, _command(settings, hop))


def _command(settings: Settings, hop: Hop) -> str:
    if hop.name == "produce":
        partition = next(part.name for part in hop.parts if part.behind)
        return (
            f"kafka-transactions.sh --bootstrap-server {settings.bootstrap_servers}"
            f" describe-producers --topic {hop.target} --partition {partition}"
        )
    if hop.name != "dds":
        return COMMANDS[hop.name]
    # What is behind further on waits for the first layer that is.
    late = next(part.late for part in hop.parts if part.late)
    if all(part.late for part in hop.parts) or len(late) > MOST_NAMED:
        return "dbt build --select dds+"
    return f"dbt build --select {' '.join(name.split('.')[1] + '+' for name in late)}"


def _named(problem: str) -> str:
    """The first command that a sentence names."""
    return problem.split("`")[1]


def sentence(finding: Finding) -> str:
    """What stands still, and what to type, for a person."""
    command = "" if finding.command in finding.what else f" Run: {finding.command}"
    return f"{finding.what.rstrip('.')}.{command}"


def _verdict(settings: Settings, findings: Sequence[Finding], letters: Sequence[Any]) -> str:
    if findings:
        first = findings[0]
        since = f" since {first.since:%Y-%m-%d %H:%M:%S}" if first.since else ""
        return f"{first.hop} stands still{since}: {sentence(first)}"
    well = f"all well: no step has stood still for {settings.stalled_after_seconds:.0f} s"
    waiting = sum(row["dead_letters"] for row in letters)
    if waiting:
        letters_are = "dead letter is" if waiting == 1 else "dead letters are"
        return f"{well}; {waiting:,} {letters_are} open. Look: ingest dead-letters list"
    return well
