"""The cut: a position of which every position at or below is committed or gone."""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg2
import pytest

from ingest.postgres import Postgres
from ingest.store import store
from tests.integration.batches import batch_of, ready
from tests.integration.running import until
from tests.world import DATABASE, World, connect

# Of writers that draw and commit at random, in seconds.
LASTS = 4.0
CUT = "select stg.cut()"
HOLD = "select stg.hold_positions()"
# Of each of the three tables that draw.
DRAW = (
    "insert into stg.order_events (event_id, object_id, object_type, sent_dttm, payload,"
    " kafka_topic, kafka_partition, kafka_offset)"
    " select gen_random_uuid(), 1, 'order', now(), '{}', 't', 0, 0 from generate_series(1, %s)",
    "insert into stg.dead_letters (kafka_topic, topic_id, kafka_partition, kafka_offset,"
    " first_reason, first_detail, reason, detail)"
    " select gen_random_uuid(), '', 0, 0, 'empty', '', 'empty', '' from generate_series(1, %s)",
    "insert into stg.event_reloads (event_id)"
    " select '00000000-0000-0000-0000-000000000000' from generate_series(1, %s)",
)
UP_TO = """
select
    (select count(*) from stg.order_events where position <= %(cut)s)
    + (select count(*) from stg.dead_letters where position <= %(cut)s)
    + (select count(*) from stg.event_reloads where position <= %(cut)s)
"""


class Session:
    """A session of psycopg2 that says when it commits, and waits for nobody."""

    def __init__(self, world: World, database: str = DATABASE) -> None:
        self.connection = connect(world.environment, database)
        self.cursor = self.connection.cursor()
        self.cursor.execute("set lock_timeout = '2s'")
        self.connection.autocommit = False

    def value(self, statement: str, *values: Any) -> Any:
        self.cursor.execute(statement, values or None)
        return self.cursor.fetchone()[0]

    def write(self, rows: int = 1, *, hold: bool = True, draw: str = DRAW[0]) -> None:
        """Draw positions, and leave the transaction open."""
        if hold:
            self.cursor.execute(HOLD)
        self.cursor.execute(draw, (rows,))

    def end(self, *, commit: bool = True) -> None:
        self.connection.commit() if commit else self.connection.rollback()


@pytest.fixture
def sessions(world: World) -> Iterator[list[Session]]:
    """Four sessions; positions 1 is an event that reloads name."""
    world.execute(DRAW[0].replace("gen_random_uuid()", f"'{'0' * 32}'"), 1)
    opened = [Session(world) for _ in range(4)]
    yield opened
    for session in opened:
        session.connection.close()


def wrong_cuts(world: World, sessions: list[Session], *, hold: bool) -> tuple[int, int, int]:
    """Let writers and a reader loose; returns transactions, cuts, and how many were wrong."""
    *writers, reader = sessions
    deadline, transactions = time.monotonic() + LASTS, [0]
    cuts: list[tuple[int, int]] = []

    def write(writer: Session, seed: int) -> None:
        chance = random.Random(seed)
        while time.monotonic() < deadline:
            draw = chance.choice(DRAW)
            writer.write(chance.randrange(1, 4), hold=hold, draw=draw)
            if chance.random() < 0.3:
                writer.write(1, hold=hold, draw=draw)
            if chance.random() < 0.2:
                time.sleep(chance.random() / 100)
            writer.end(commit=chance.random() < 0.9)
            transactions[0] += 1

    threads = [threading.Thread(target=write, args=(w, seed)) for seed, w in enumerate(writers)]
    for thread in threads:
        thread.start()
    while time.monotonic() < deadline:
        cut = reader.value(CUT)
        reader.cursor.execute(UP_TO, {"cut": cut})
        cuts.append((cut, reader.cursor.fetchone()[0]))
        reader.end()
    for thread in threads:
        thread.join()
    wrong = 0
    for cut, seen in cuts:
        reader.cursor.execute(UP_TO, {"cut": cut})
        wrong += reader.cursor.fetchone()[0] != seen
    positions = [cut for cut, _ in cuts]
    assert positions == sorted(positions), "a cut has gone back"
    return transactions[0], len(cuts), wrong


def test_no_row_at_or_below_a_cut_appears_later(world: World, sessions: list[Session]) -> None:
    transactions, cuts, wrong = wrong_cuts(world, sessions, hold=True)
    assert wrong == 0
    assert min(transactions, cuts) > 100
    last = "select last_value from stg.positions"
    assert sessions[0].value(CUT) > world.value(last) - 10  # it comes to the end


def test_without_the_lock_that_would_be_found(world: World, sessions: list[Session]) -> None:
    *_, wrong = wrong_cuts(world, sessions, hold=False)
    assert wrong > 0


def test_writers_are_looked_for_after_the_highest_position(
    world: World, sessions: list[Session]
) -> None:
    """Two begin while the cut looks for the highest position, and the later one commits first."""
    in_the_way, first, second, reader = sessions
    in_the_way.cursor.execute("lock table stg.order_events in access exclusive mode")
    reader.cursor.execute("set lock_timeout = '60s'")
    with ThreadPoolExecutor(1) as pool:
        cut = pool.submit(reader.value, CUT)
        waiting = "select count(*) > 0 from pg_locks where not granted and locktype = 'relation'"
        until(lambda: bool(world.value(waiting)), "the cut to look")
        first.write(draw=DRAW[1])
        second.write(draw=DRAW[1])
        second.end()
        in_the_way.end()
        assert cut.result() == 1


@pytest.mark.parametrize("drawn", [0, 1, 41, 2**33])
def test_who_began_before_pins_it_and_nobody_waits(world: World, drawn: int) -> None:
    """Also at 0, before anybody has drawn, and beyond what one half of the key takes."""
    if drawn:
        world.execute("select setval('stg.positions', %s)", drawn)
    first, second, reader = (Session(world) for _ in range(3))
    first.write()  # draws `drawn + 1`
    second.write()
    second.end()
    assert reader.value(CUT) == drawn
    second.write(hold=True)
    second.end()
    assert reader.value(CUT) == drawn
    second.write()  # open too, and higher
    first.end()
    assert reader.value(CUT) == drawn + 3
    second.end(commit=False)
    assert reader.value(CUT) == drawn + 3
    first.write()
    first.end()
    assert reader.value(CUT) == drawn + 5
    for session in (first, second, reader):
        session.connection.close()


def test_a_batch_on_its_way_pins_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stores a batch holds the positions that it draws."""
    source = ready(world)
    seen: list[int] = []

    def looks(place: str) -> None:
        if place == "storing":
            with connect(world.environment, DATABASE).cursor() as cursor:
                cursor.execute("insert into stg.event_reloads values (default, %s)", (stored[0],))
                cursor.execute(CUT)
                seen.append(cursor.fetchone()[0])

    with Postgres(world.settings, "test") as postgres:
        store(postgres, batch_of(world, [1], 0), source)
        stored = [row["event_id"] for row in world.rows("select event_id from stg.order_events")]
        monkeypatch.setattr("ingest.store.failpoint", looks)
        store(postgres, batch_of(world, [2, 3], 1), source)
    assert seen == [1]
    assert world.value(CUT) == 4


def test_an_empty_warehouse_is_cut_at_nothing(world: World) -> None:
    assert world.value(CUT) == 0


def test_locks_of_others_pin_nothing(world: World, sessions: list[Session]) -> None:
    """Of another database, and with two keys: those of publishers."""
    elsewhere = Session(world, "postgres")
    elsewhere.value("select pg_advisory_xact_lock_shared(0) is null")
    sessions[0].value("select pg_advisory_xact_lock(0, 0) is null")
    sessions[1].write()
    sessions[1].end()
    assert sessions[2].value(CUT) == 2
    elsewhere.connection.close()


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_transaction_with_one_snapshot_is_refused(
    world: World, sessions: list[Session], level: str
) -> None:
    """In it the highest position may be older than the locks that it is compared with."""
    session = sessions[0]
    session.cursor.execute(f"set transaction isolation level {level}")
    with pytest.raises(psycopg2.Error, match="read committed") as refused:
        session.value(CUT)
    assert "default_transaction_isolation" in (refused.value.diag.message_hint or "")
