"""What came of it, as seen from outside: Kafka's own tools and psql, no code of `ingest`."""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from sandbox.clients import client_binary
from sandbox.kafka import java
from sandbox.kafka_tools import (
    CONSOLE_CONSUMER,
    Read,
    console_consumer,
    group_lags,
    parsed,
    reading,
    tool,
)
from tests.faults.load import is_good, is_skipped
from tests.faults.processes import wait_until
from tests.world import DATABASE, World

TRANSACTIONS = "org.apache.kafka.tools.TransactionsCommand"
AT_REST = {"Empty", "CompleteCommit", "CompleteAbort", "Dead"}

SELECT_EVENTS = """
select
    position, event_id, object_id::text as key, payload, loaded_at::text as loaded_at,
    concat_ws('/', kafka_topic, kafka_partition, kafka_offset) as source
from stg.order_events
"""
SELECT_DEAD_LETTERS = """
select position, concat_ws('/', kafka_topic, kafka_partition, kafka_offset) as source, resolution
from stg.dead_letters
"""
SELECT_COUNTS = """
select sum(duplicates)::int as duplicates, sum(skipped)::int as skipped from stg.source_progress
"""
ERRORS = "__connect.errors."


@dataclass
class Verdict:
    """How many were lost and doubled, and what else is wrong."""

    seen: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: list[str] = field(default_factory=list)

    def compare(self, what: str, must_be: Iterable[Any], found: Iterable[Any]) -> None:
        """Count what is missing from `found`, and what is there too often."""
        expected, there = Counter(must_be), Counter(found)
        missing, extra = expected - there, there - expected
        self.lost += missing.total()
        self.doubled += extra.total()
        if missing:
            self.wrong.append(f"{what}: {missing.total()} lost, like {_some(missing)}")
        if extra:
            self.wrong.append(f"{what}: {extra.total()} too many, like {_some(extra)}")

    def expect(self, holds: bool, what: str) -> None:
        """Note `what` unless it holds."""
        if not holds:
            self.wrong.append(what)


class Reader:
    """A read_committed consumer of Kafka's own that reads all the time what `ingest stg` sends."""

    def __init__(self, world: World, folder: Path) -> None:
        self._file = folder / "reader.txt"
        topics = (world.settings.kafka_stg_dst_topic, world.settings.dead_letter_topic)
        with self._file.open("wb") as output:
            self._process = subprocess.Popen(
                [*java("-Xmx128m"), CONSOLE_CONSUMER, *reading(world.servers, *topics)],
                stdout=output,
                stderr=subprocess.DEVNULL,
            )

    def stop(self) -> list[Read]:
        """What it has read; a record that it read twice after losing its place, once."""
        self._process.terminate()
        self._process.wait()
        return list({_place(read): read for read in parsed(self._text())}.values())

    def count(self) -> tuple[int, int]:
        """How many events and dead letters it has read."""
        letters = sum(map(is_letter, reads := parsed(self._text())))
        return len(reads) - letters, letters

    def _text(self) -> str:
        """All whole lines."""
        return self._file.read_bytes().decode("utf-8", "replace").rpartition("\n")[0]


def is_letter(read: Read) -> bool:
    """Whether it is a record of the dead letter topic."""
    return f"{ERRORS}topic" in read.headers


def until_drained(world: World, reader: Reader, tend: Callable[[], None]) -> None:
    """Return when Kafka's group tool sees no lag, and the topics have all rows.

    `tend` keeps the processes going.
    """
    topic, group = world.settings.kafka_stg_src_topic, world.settings.kafka_stg_consumer_group

    lags: dict[tuple[str, int], int | None] = {}

    def is_loaded() -> bool:
        nonlocal lags
        tend()
        lags = group_lags(world.servers, group)
        is_loaded = {name for name, _ in lags} == {topic} and set(lags.values()) == {0}
        time.sleep(0 if is_loaded else 0.5)
        return is_loaded

    def is_published() -> bool:
        tend()
        time.sleep(0.2)
        return all(has >= must for has, must in zip(reader.count(), rows, strict=True))

    try:
        wait_until(is_loaded, "lag 0, by Kafka's group tool")
    except AssertionError as error:
        stored = psql(world, "select kafka_partition, next_offset from stg.source_progress")
        raise AssertionError(f"{error}, but {lags}; in Postgres {stored}") from error
    tables = ("stg.order_events", "stg.dead_letters")
    rows = [world.value(f"select count(*) from {table}") for table in tables]
    wait_until(is_published, f"{rows} rows to be in the topics")


def transactions(world: World) -> dict[str, str]:
    """The state of each transactional.id of this world."""
    done = tool(TRANSACTIONS, "--bootstrap-server", world.settings.bootstrap_servers, "list")
    assert done.returncode == 0, done.stderr  # none would look like none that hangs
    rows = [line.split() for line in done.stdout.splitlines()]
    return {row[0]: row[3] for row in rows if row and row[0].startswith(world.name)}


def psql(world: World, statement: str) -> list[dict[str, Any]]:
    """The rows of a statement, by the client of the server's own package."""
    environment = world.environment
    done = subprocess.run(
        [
            str(client_binary("psql")),
            *("-h", environment["PG_WAREHOUSE_HOST"], "-p", environment["PG_WAREHOUSE_PORT"]),
            *("-U", environment["PG_WAREHOUSE_USER"], "-d", DATABASE, "-X", "-A", "-t"),
            *("-v", "ON_ERROR_STOP=1"),
            *("-c", f"select row_to_json(t) from ({statement}) as t"),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return [_json(line) for line in done.stdout.splitlines()]


def examine(
    world: World, sent: int, reader: Reader | None = None, *, read_again: bool = False
) -> Verdict:
    """Compare source, warehouse and topics, when everything has come to rest.

    `read_again`: a stretch of the source was, and what is there already was counted as repeats.
    """
    settings, verdict = world.settings, Verdict()
    topic = settings.kafka_stg_src_topic
    with ThreadPoolExecutor() as pool:
        reading_source = pool.submit(console_consumer, world.servers, topic)
        ours = console_consumer(
            world.servers, settings.kafka_stg_dst_topic, settings.dead_letter_topic
        )
        source = {f"{topic}/{r.partition}/{r.offset}": r.value for r in reading_source.result()}
    verdict.seen = len(source)
    # The load's own producer may double when a leader moves, and those are repeats like any other:
    # https://github.com/confluentinc/librdkafka/issues/4953. Nothing was sent that is not there.
    verdict.compare("messages on the broker", range(sent), range(min(sent, len(source))))
    verdict.expect(sent > 0, "nothing was sent: the test has shown nothing")
    events, letters = psql(world, SELECT_EVENTS), psql(world, SELECT_DEAD_LETTERS)
    _examine_events(verdict, source, events, [read for read in ours if not is_letter(read)])
    _examine_letters(verdict, source, letters, [read for read in ours if is_letter(read)])
    _examine_counts(world, verdict, source, events, letters, read_again=read_again)
    _examine_order([read for read in ours if not is_letter(read)], letters, verdict)
    states = transactions(world)
    hanging = {name: state for name, state in states.items() if state not in AT_REST}
    verdict.expect(bool(states) and not hanging, f"hanging transactions: {hanging or 'none known'}")
    if reader:
        found = reader.stop()
        verdict.compare("what the reader saw", map(_content, ours), map(_content, found))
    return verdict


def _examine_events(
    verdict: Verdict, source: dict[str, str], events: list[dict[str, Any]], onward: list[Read]
) -> None:
    """Each good message is once in stg and once in the topic, with one content."""
    good = {raw for raw in source.values() if is_good(raw) and not is_skipped(raw)}
    numbers = [json.loads(raw)["sequence"] for raw in good]
    verdict.compare("events in stg", numbers, (row["payload"]["sequence"] for row in events))
    verdict.compare(
        "events in the topic", numbers, (_json(read.value)["sequence"] for read in onward)
    )
    stored = {row["event_id"]: row for row in events}
    for read in onward:
        row, headers = stored.get(read.headers["event_id"], {}), read.headers
        same = (
            row.get("payload") == _json(read.value)
            and row["key"] == read.key
            and str(row["position"]) == headers["position"]
            and all(row[name] == headers[name] for name in ("source", "loaded_at"))
        )
        verdict.expect(same, f"topic and stg differ: {read}, {row}")
    for row in events:
        number = json.loads(source.get(row["source"], "{}")).get("sequence")
        what = f"stored with the place of another message: {row}"
        verdict.expect(number == row["payload"]["sequence"], what)


def _examine_letters(
    verdict: Verdict, source: dict[str, str], letters: list[dict[str, Any]], records: list[Read]
) -> None:
    """Each bad message is a dead letter; so is a good one that waited for Redis and was stored."""
    bad = [place for place, raw in source.items() if not is_good(raw) and not is_skipped(raw)]
    waited = [row["source"] for row in letters if row["resolution"] == "stored"]
    verdict.expect(all(is_good(source[place]) for place in waited), "a bad message was resolved")
    verdict.compare("dead letters", [*bad, *waited], (row["source"] for row in letters))
    verdict.compare(
        "records of dead letters",
        ((str(row["position"]), row["source"], source.get(row["source"])) for row in letters),
        ((read.headers["position"], _origin(read), read.value) for read in records),
    )


def _examine_counts(
    world: World,
    verdict: Verdict,
    source: dict[str, str],
    events: list[dict[str, Any]],
    letters: list[dict[str, Any]],
    *,
    read_again: bool,
) -> None:
    """Each message of the source is one thing: stored, a dead letter, a repeat or skipped."""
    (counts,) = psql(world, SELECT_COUNTS)
    skipped = sum(map(is_skipped, source.values()))
    at_once = {row["source"] for row in events} - {row["source"] for row in letters}
    counted = {
        "duplicates": len(source) - len(at_once) - len(letters) - skipped,
        "skipped": skipped,
    }
    if read_again:
        is_right = all(counts[name] >= count for name, count in counted.items())
    else:
        is_right = counts == counted
    verdict.expect(is_right, f"counted {counts}, there are {counted}")


def _examine_order(onward: Sequence[Read], letters: list[dict[str, Any]], verdict: Verdict) -> None:
    """The topic is in the order of positions, and an order's events are in that of the source.

    But for those that were dead letters first, and so come late.
    """
    late = {row["source"] for row in letters}
    positions: dict[int, int] = {}
    offsets: dict[tuple[str, str], int] = {}
    places: dict[str, int] = {}
    for read in sorted(onward, key=lambda read: (read.partition, read.offset)):
        position = int(read.headers["position"])
        is_in_order = positions.get(read.partition, 0) < position
        positions[read.partition] = position
        _, partition, offset = read.headers["source"].split("/")
        if read.headers["source"] not in late:
            line = (read.key, partition)
            is_in_order &= offsets.get(line, -1) < int(offset)
            offsets[line] = int(offset)
        is_in_order &= places.setdefault(read.key, read.partition) == read.partition
        verdict.expect(is_in_order, f"out of order: {read}")


def _place(read: Read) -> tuple[bool, int, int]:
    return is_letter(read), read.partition, read.offset


def _content(read: Read) -> tuple[tuple[bool, int, int], str]:
    return _place(read), read.value


def _origin(letter: Read) -> str:
    return "/".join(letter.headers[f"{ERRORS}{name}"] for name in ("topic", "partition", "offset"))


def _json(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def _some(counter: Counter[Any]) -> str:
    return ", ".join(str(thing) for thing in list(counter)[:3])
