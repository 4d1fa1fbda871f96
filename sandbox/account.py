"""What became of every message, counted from outside: by what the broker acknowledged, Kafka's own
tools and SQL. No code of `ingest` has a part in it.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg2
from psycopg2 import sql

from sandbox.kafka_tools import console_consumer, tool

OFFSETS = "org.apache.kafka.tools.GetOffsetShell"

# Where a message lies in the source topic: partition and offset.
Place = tuple[int, int]

SELECT_PLACES = "select kafka_partition, kafka_offset from {}"
SELECT_POSITIONS = "select position from {}"
SELECT_TABLES = """
select schemaname, tablename from pg_tables where schemaname in ('dds', 'cdm') order by 1, 2
"""
# The rows whatever their order, each with all its columns, also those that say when it was loaded.
SELECT_FINGERPRINT = "select count(*), sum(hashtextextended(row::text, 0)) from {} as row"


@dataclass(frozen=True)
class Copy:
    """A table, the topic that is its copy, and a header that no other topic's messages have."""

    table: str
    topic: str
    header: str


@dataclass
class Account:
    """Messages of the source topic by what they became, and rows by what left."""

    sent: int = 0
    stored: int = 0
    repeats: int = 0
    letters: int = 0
    other: int = 0
    left: int = 0
    lost: int = 0
    doubled: int = 0

    def add_source(
        self,
        sent: Mapping[Place, bytes | None],
        events: Iterable[Place],
        letters: Iterable[Place],
    ) -> None:
        """Each different message must be one event, wherever it first lay; else each copy of it a
        dead letter, or none where it is no order.
        """
        stored, dead = Counter(events), Counter(letters)
        self.sent += len(sent)
        self.stored += stored.total()
        self.letters += dead.total()
        copies: dict[bytes | None, list[Place]] = defaultdict(list)
        for place, value in sent.items():
            copies[value].append(place)
        for value, places in copies.items():
            rows, rejected = (sum(found[p] for p in places) for found in (stored, dead))
            if rows:
                self.repeats += len(places) - 1
                self.doubled += rows - 1 + rejected
            elif is_other(value):
                self.other += len(places)
                self.doubled += rejected
            else:
                self.lost += sum(not dead[place] for place in places)
                self.doubled += sum(max(0, dead[place] - 1) for place in places)
        # Rows of messages that nobody has sent.
        self.doubled += sum(
            n for found in (stored, dead) for p, n in found.items() if p not in sent
        )

    def add_topic(self, rows: Iterable[int], messages: Iterable[int]) -> None:
        """Each row of a table, by its position, must be one message of its topic."""
        there, must_be = Counter(messages), Counter(rows)
        self.left += there.total()
        self.lost += (must_be - there).total()
        self.doubled += (there - must_be).total()


def is_other(value: bytes | None) -> bool:
    """Whether a message is of another kind than an order, which is left out."""
    try:
        document = json.loads(value or b"")
        return isinstance(document, dict) and document["object_type"] != "order"
    except (ValueError, KeyError):
        return False


class Warehouse:
    """A connection of its own."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._connection = psycopg2.connect(
            host=environment["PG_WAREHOUSE_HOST"],
            port=environment["PG_WAREHOUSE_PORT"],
            user=environment["PG_WAREHOUSE_USER"],
            password=environment.get("PG_WAREHOUSE_PASSWORD"),
            dbname=environment["PG_WAREHOUSE_DBNAME"],
        )
        self._connection.autocommit = True

    def rows(self, statement: str, *names: str) -> list[tuple[int, ...]]:
        """The rows of a statement about the table of that name."""
        table = sql.Identifier(*names) if names else sql.SQL("")
        with self._connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(table))
            return list(cursor.fetchall())

    def read_to(self) -> int:
        """How many messages of the source have been read."""
        ((count,),) = self.rows("select coalesce(sum(next_offset), 0) from stg.source_progress")
        return int(count)

    def fingerprint(self) -> dict[str, tuple[int, ...]]:
        """Rows and checksum of each table of vault and marts."""
        tables = self.rows(SELECT_TABLES)
        return {
            f"{schema}.{table}": self.rows(SELECT_FINGERPRINT, str(schema), str(table))[0]
            for schema, table in tables
        }


def account(
    warehouse: Warehouse,
    servers: str,
    source: str,
    sent: Mapping[Place, bytes | None],
    copies: Sequence[Copy],
) -> Account:
    """Compare source, warehouse and topics at rest; `servers` are Kafka's.

    Raises SandboxError if one of Kafka's tools fails.
    """
    made = Account()
    with ThreadPoolExecutor(2) as pool:
        reading = pool.submit(console_consumer, servers, *(copy.topic for copy in copies))
        difference = pool.submit(lambda: on_the_broker(servers, source) - len(sent))
        places = [
            [
                (partition, offset)
                for partition, offset in warehouse.rows(SELECT_PLACES, "stg", table)
            ]
            for table in ("order_events", "dead_letters")
        ]
        made.add_source(sent, *places)
        # What the broker has, and did not acknowledge, or the other way round.
        made.lost += max(0, -difference.result())
        made.doubled += max(0, difference.result())
        for copy in copies:
            rows = warehouse.rows(SELECT_POSITIONS, *copy.table.split("."))
            made.add_topic(
                (position for (position,) in rows),
                (int(m.headers["position"]) for m in reading.result() if copy.header in m.headers),
            )
    return made


def on_the_broker(servers: str, topic: str) -> int:
    """How many messages a topic without transactions has."""
    done = tool(OFFSETS, "--bootstrap-server", servers, "--topic", topic)
    return sum(int(line.rsplit(":", 1)[1]) for line in done.stdout.split())
