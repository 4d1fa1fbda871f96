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

from sandbox.kafka import java
from sandbox.postgres import client_binary
from tests.faults.load import is_good, is_skipped
from tests.faults.processes import wait_until
from tests.java import CONSOLE_CONSUMER, Read, console_consumer, group_lags, parsed, reading, tool
from tests.world import DATABASE, World

TRANSACTIONS = "org.apache.kafka.tools.TransactionsCommand"
AT_REST = {"Empty", "CompleteCommit", "CompleteAbort", "Dead"}

SELECT_EVENTS = """
select kafka_topic, kafka_partition, kafka_offset, event_id, payload from stg.order_events
"""
SELECT_DEAD_LETTERS = """
select kafka_topic, kafka_partition, kafka_offset, resolution from stg.dead_letters
"""
SELECT_COUNTS = (
    "select sum(duplicates) as duplicates, sum(skipped) as skipped from stg.source_progress"
)

Coordinates = tuple[str, int, int]


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
    """A read_committed consumer of Kafka's own that reads all the time."""

    def __init__(self, world: World, topic: str, folder: Path) -> None:
        self._file = folder / "reader.txt"
        with self._file.open("wb") as output:
            self._process = subprocess.Popen(
                [*java("-Xmx128m"), CONSOLE_CONSUMER, *reading(world, topic)],
                stdout=output,
                stderr=subprocess.DEVNULL,
            )

    def stop(self) -> list[Read]:
        """What it has read; a record that it read twice after losing its place, once."""
        self._process.terminate()
        self._process.wait()
        found = {(read.partition, read.offset): read for read in parsed(self._file.read_text())}
        return list(found.values())

    def has_read(self, count: int) -> bool:
        """Whether it has come to that many lines."""
        return self._file.read_bytes().count(b"\n") >= count


def until_drained(world: World, tend: Callable[[], None]) -> None:
    """Return when Kafka's group tool sees no lag, in any partition; `tend` keeps it going."""
    topics = {world.settings.kafka_stg_src_topic, world.settings.retry_topic}

    def drained() -> bool:
        tend()
        lags = group_lags(world, world.settings.kafka_stg_consumer_group)
        is_drained = {topic for topic, _ in lags} == topics and set(lags.values()) == {0}
        time.sleep(0 if is_drained else 0.5)
        return is_drained

    wait_until(drained, "lag 0, by Kafka's group tool")


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


def examine(world: World, sent: int, reader: Reader | None = None) -> Verdict:
    """Compare source, warehouse and topics, when everything has come to rest."""
    settings, verdict = world.settings, Verdict()
    names = (
        settings.kafka_stg_src_topic,
        settings.retry_topic,
        settings.kafka_stg_dst_topic,
        settings.dead_letter_topic,
    )
    with ThreadPoolExecutor() as pool:
        source, retries, onward, letters = pool.map(lambda n: console_consumer(world, n), names)
    events, dead_letters = psql(world, SELECT_EVENTS), psql(world, SELECT_DEAD_LETTERS)
    verdict.seen = len(source)
    # The load's own producer may double when a leader moves, and those are repeats like any other:
    # https://github.com/confluentinc/librdkafka/issues/4953. Nothing was sent that is not there.
    verdict.compare("messages on the broker", range(sent), range(min(sent, len(source))))
    verdict.expect(sent > 0, "nothing was sent: the test has shown nothing")

    known = {(names[0], read.partition, read.offset): read.value for read in source}
    first: dict[str, Coordinates] = {}
    bad, repeats, skipped = [], 0, 0
    for coordinates, value in known.items():
        if is_skipped(value):
            skipped += 1
        elif not is_good(value):
            bad.append(coordinates)
        elif first.setdefault(value, coordinates) != coordinates:
            repeats += 1

    # Each good message once in stg and once in the topic, with one content.
    numbers = {raw: json.loads(raw)["sequence"] for raw in first}
    verdict.compare(
        "events in stg", numbers.values(), (row["payload"]["sequence"] for row in events)
    )
    verdict.compare(
        "events in the topic", numbers.values(), (_json(read.value)["sequence"] for read in onward)
    )
    stored = {row["event_id"]: row["payload"] for row in events}
    for read in onward:
        same = stored.get(read.headers["event_id"]) == _json(read.value)
        verdict.expect(same, f"topic and stg differ: {read.value}")

    # The bad ones are dead letters; so are good ones that waited for Redis, and they are stored.
    waited = [_coordinates(row) for row in dead_letters if row["resolution"] == "stored"]
    verdict.expect(all(is_good(known[place]) for place in waited), "a bad message was resolved")
    verdict.compare("dead letters", [*bad, *waited], map(_coordinates, dead_letters))
    records = [_origin(letter) for letter in letters]
    if waited:  # each of them was refused once or more
        verdict.compare("records of dead letters", {*bad, *waited}, set(records))
    else:
        verdict.compare("records of dead letters", bad, records)

    # Stored, dead letters, repeats and skipped ones are the input, by partition and offset.
    (counts,) = psql(world, SELECT_COUNTS)
    if waited:
        repeats = len(source) + len(retries) - len(events) - len(letters) - skipped
    counted = {"duplicates": repeats, "skipped": skipped}
    verdict.expect(counts == counted, f"counted {counts}, there are {counted}")
    known |= {(names[1], read.partition, read.offset): read.value for read in retries}
    for row in events:
        raw = known.get(_coordinates(row), "{}")
        is_its_own = json.loads(raw).get("sequence") == row["payload"]["sequence"]
        verdict.expect(is_its_own, f"stored with the coordinates of another message: {row}")

    in_turn = [read for read in onward if read.headers["source_topic"] == names[0]]
    verdict.expect(_in_order(in_turn), "an order's events are in another order than in the source")
    states = transactions(world)
    hanging = {name: state for name, state in states.items() if state not in AT_REST}
    verdict.expect(bool(states) and not hanging, f"hanging transactions: {hanging or 'none known'}")
    if reader:
        verdict.compare("what the reader saw", _content(onward), _content(reader.stop()))
    return verdict


def _in_order(onward: Sequence[Read]) -> bool:
    """Whether each order's events are in one partition, as they were in one of the source.

    By their places there: of what became a dead letter, a repeat behind others may be stored.
    """
    last: dict[tuple[str, str], int] = {}
    places: dict[str, int] = {}
    for read in sorted(onward, key=lambda read: (read.partition, read.offset)):
        line = (read.key, read.headers["source_partition"])
        number = int(read.headers["source_offset"])
        if last.get(line, -1) >= number or places.setdefault(read.key, read.partition) != (
            read.partition
        ):
            return False
        last[line] = number
    return True


def _content(reads: Iterable[Read]) -> list[tuple[int, int, str]]:
    return [(read.partition, read.offset, read.value) for read in reads]


def _origin(letter: Read) -> Coordinates:
    topic, partition, offset = (
        letter.headers[f"__connect.errors.{name}"] for name in ("topic", "partition", "offset")
    )
    return topic, int(partition), int(offset)


def _coordinates(row: dict[str, Any]) -> Coordinates:
    return row["kafka_topic"], row["kafka_partition"], row["kafka_offset"]


def _json(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def _some(counter: Counter[Any]) -> str:
    return ", ".join(str(thing) for thing in list(counter)[:3])
