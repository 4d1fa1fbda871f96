"""Loaders that are in each other's way, or in the way of all: nobody waits for ever."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest

from ingest import loader as loader_module
from ingest import postgres as postgres_module
from ingest import store as store_module
from ingest.errors import OutageError
from ingest.orders.events import COPY_EVENTS
from ingest.postgres import Postgres
from ingest.store import Batch, Source, store
from tests.integration.batches import batch_of, ready
from tests.integration.running import published, running, stored, until
from tests.world import DATABASE, World, connect, orders

FAIL_ONCE = """
create sequence public.attempts;
create function public.fail() returns trigger language plpgsql as $$
begin
    if nextval('public.attempts') = 1 then
        raise exception 'in the way' using errcode = '{}';
    end if;
    return new;
end $$;
create trigger fail before insert on stg.order_events
for each statement execute function public.fail();
"""

# Each row takes a while, and so two batches meet.
SLOW = """
create function public.linger() returns trigger language plpgsql as $$
begin
    perform pg_sleep(0.3);
    return new;
end $$;
create trigger linger before insert on stg.order_events
for each row execute function public.linger();
"""


def store_at_once(world: World, source: Source, *batches: Batch) -> list[Counter[str]]:
    """Store each batch in a session of its own, all at the same time."""
    counts: list[Counter[str]] = [Counter() for _ in batches]
    together = threading.Barrier(len(batches))

    def work(number: int) -> None:
        with Postgres(world.settings, "ingest stg") as postgres:
            postgres.connect()
            together.wait()
            counts[number] = +store(postgres, batches[number], source)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(batches))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return counts


@pytest.mark.parametrize("code", ["40P01", "40001", "55P03"])
def test_what_postgres_wants_again_it_gets_at_once_and_nothing_is_closed(
    world: World, code: str
) -> None:
    source = ready(world)
    world.execute(FAIL_ONCE.format(code))
    with Postgres(world.settings, "test") as postgres:
        before = postgres.connect().info.backend_pid
        counts = store(postgres, batch_of(world, range(5), 0, bad=(3,)), source)
        assert +counts == Counter(stored=4, unknown_user=1)
        assert postgres.connect().info.backend_pid == before
    assert world.value("select last_value from public.attempts") == 2
    assert (stored(world), len(world.dead_letters())) == (4, 1)


def test_a_new_event_that_two_load_at_once_is_stored_once(world: World) -> None:
    """The second one waits at the primary key, and does not find it when it looks first."""
    source = ready(world)
    world.execute(SLOW)
    counts = store_at_once(
        world, source, batch_of(world, [1], 0), batch_of(world, [1], 0, partition=1)
    )
    assert sum(counts, Counter()) == Counter(stored=1, duplicate=1)
    assert stored(world) == 1


def test_two_that_load_the_same_events_in_opposite_orders_both_come_through(world: World) -> None:
    source = ready(world)
    world.execute(SLOW)
    counts = store_at_once(
        world, source, batch_of(world, [1, 2], 0), batch_of(world, [2, 1], 0, partition=1)
    )
    assert sum(counts, Counter()) == Counter(stored=2, duplicate=2)
    assert stored(world) == 2
    deadlocks = "select deadlocks from pg_stat_database where datname = current_database()"
    until(lambda: world.value(deadlocks) > 0, "the deadlock that this is about")


def test_who_gives_partitions_up_first_stores_what_was_read_of_them(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Else whoever gets them would begin too early, and find that they were stored further."""
    ready(world)
    caplog.set_level(logging.INFO, "ingest")
    caplog.clear()

    def logged(words: str) -> int:
        return sum(words in record.getMessage() for record in caplog.records)

    world.execute(SLOW)
    with running(world, batch_size=10):
        until(lambda: logged("assigned partitions") == 1, "the first one's partitions")
        world.send(*orders(range(20)))
        until(lambda: being_stored(world), "the first batch on its way, and so the second one soon")
        with running(world):
            until(lambda: logged("assigned partitions") == 3, "both to have a share")
            assert stored(world) > 10
            until(lambda: len(published(world)) == 20, "all in the topic")
    assert logged("waiting for") == 0


def being_stored(world: World) -> int:
    """How many batches are."""
    return int(world.value("select count(*) from pg_stat_progress_copy"))


def test_who_does_not_go_away_is_an_outage(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that is none of ours is not ended."""
    monkeypatch.setattr(postgres_module, "LOCK_TIMEOUT", 0.1)
    monkeypatch.setattr(store_module, "END_FROZEN_WRITERS", ended_after("0 s"))
    source = ready(world)
    other = connect(world.environment, DATABASE)
    other.autocommit = False
    with other.cursor() as cursor, Postgres(world.settings, "test") as postgres:
        cursor.execute("select stg.hold_positions() from stg.source_progress for update")
        with pytest.raises(OutageError, match="others are in the way of each attempt"):
            store(postgres, batch_of(world, range(5), 0), source)
        assert stored(world) == 0
        other.commit()
        assert +store(postgres, batch_of(world, range(5), 0), source) == Counter(stored=5)
    other.close()


def ended_after(seconds: str) -> str:
    return f"select stg.end_frozen_writers('{seconds}')"


class NothingComes:
    """What COPY reads from a process that is frozen."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()

    def read(self, _: int) -> bytes:
        self.goes_on.wait(60)
        return b""


@contextmanager
def frozen_in_copy(world: World, partition: int) -> Iterator[list[Exception]]:
    """A loader that is frozen in the middle of COPY; what its session ends with."""
    errors: list[Exception] = []
    nothing = NothingComes()
    session = connect(world.environment, DATABASE)
    session.autocommit = False
    with session.cursor() as cursor:
        cursor.execute("set application_name = 'ingest stg'")
        cursor.execute("set statement_timeout = '1s'")
        cursor.execute("set idle_in_transaction_session_timeout = '1s'")
        session.commit()
        cursor.execute("select stg.hold_positions()")
        cursor.execute(
            "select * from stg.source_progress where kafka_partition = %s for update", (partition,)
        )

        def copy() -> None:
            try:
                cursor.copy_expert(COPY_EVENTS, nothing)
            except (psycopg2.Error, SystemError) as error:
                errors.append(error)

        thread = threading.Thread(target=copy)
        thread.start()
        try:
            yield errors
        finally:
            nothing.goes_on.set()
            thread.join()
            session.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loaders that end after two seconds whoever is in their way."""
    monkeypatch.setattr(postgres_module, "LOCK_TIMEOUT", 1)
    for module in (store_module, loader_module):
        monkeypatch.setattr(module, "END_FROZEN_WRITERS", ended_after("2 s"))


@pytest.mark.usefixtures("impatient")
def test_who_is_frozen_in_the_middle_of_copy_is_ended_by_who_waits_for_him(world: World) -> None:
    """No timeout of Postgres fires there; he has the row of the partition, too."""
    ready(world)
    with frozen_in_copy(world, 0) as errors:
        time.sleep(2.5)
        world.execute("select pg_sleep(0)")
        assert sessions(world) == 1  # whatever timeouts he has
        world.send(*orders(range(5)), partition=0)
        assert world.stg() == Counter(stored=5)
        assert sessions(world) == 0
    assert len(errors) == 1
    assert len(published(world)) == 5


@pytest.mark.usefixtures("impatient")
def test_who_is_frozen_and_in_nobodys_way_is_ended_as_he_holds_up_the_cut(world: World) -> None:
    ready(world)
    with frozen_in_copy(world, 2), running(world, reference_retry_seconds=1.0):
        world.send(*orders(range(5)), partition=0)
        until(lambda: stored(world) == 5, "what is in another partition")
        until(lambda: len(published(world)) == 5, "the same in the topic")
        assert sessions(world) == 0


def sessions(world: World) -> int:
    """How many hold positions while they copy."""
    return int(
        world.value(
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and wait_event = 'ClientRead'"
            " and query ilike '%%copy stg.order_events%%' and state = 'active'"
        )
    )


@pytest.mark.usefixtures("impatient")
def test_a_writer_at_work_is_not_taken_for_frozen(world: World) -> None:
    source = ready(world)
    world.execute(SLOW)
    first, second = batch_of(world, range(5), 0), batch_of(world, range(5), 0)
    counts = store_at_once(world, source, first, second)  # 1.5 s, and a lock timeout between
    assert sum(counts, Counter()) == Counter(stored=5)
