"""The publisher in `ingest stg` is killed or frozen, has a rival, or falls behind."""

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from confluent_kafka import Producer

from ingest.kafka.client import configuration
from sandbox.stack import Stack
from tests.dbt_project import DbtProject
from tests.faults.bench import FULL, bench, end_sessions, in_full, times
from tests.faults.processes import wait_until
from tests.topics import make_anew
from tests.world import DATABASE, RESTAURANT, USER, World, connect, encoded, order, orders

PLACES = ("rows_read", "promised", "produced") if FULL else ("produced",)
END_HOLDER = """
select pg_terminate_backend(pid)
from pg_locks
where locktype = 'advisory' and objsubid = 2 and granted
    and database = (select oid from pg_database where datname = %s)
group by pid
"""
WAITING = "select 1 from pg_locks where locktype = 'advisory' and not granted"
LOCK = "select pg_advisory_lock(hashtext('ordervault.publish'), hashtext(%s))"


def end_holder(world: World) -> None:
    """End the session that has the publisher's locks."""
    connection = connect(world.environment, "postgres")
    with connection.cursor() as cursor:
        cursor.execute(END_HOLDER, (DATABASE,))
        assert cursor.rowcount == 1
    connection.close()


@pytest.mark.timeout(1500)
def test_frozen_until_another_one_has_taken_over(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """It wakes up with rows in hand that the other one has sent, and stands by from then on."""
    with bench(own_stack, own_world, tmp_path, dbt, ingestors=2) as running:
        first, second = running.processes
        for turn, place in enumerate(PLACES * times(1, 5)):
            running.supervisor.until_working(2)
            second.kill()
            first.kill()
            first.start(kill_at=f"{place}:2:SIGSTOP")
            wait_until(first.is_frozen, f"the place {place}")
            if turn % 5 != 4:  # else the server does it by itself
                end_holder(own_world)
            second.start()
            # Of both topics: until it is fenced off from one, the first may end its transaction.
            wait_until(lambda: second.said().count(" publishing ") == 2, "another publisher")
            running.until_published()
            first.send(signal.SIGCONT)
            running.injects("SIGSTOP of the publisher, then SIGCONT")
            running.supervisor.until_working(2, again=True)
            assert " published " not in first.said()


@in_full
@pytest.mark.timeout(1500)
def test_behind_while_loading_goes_on(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """Nobody gets the lock for a while, and loaders come and go meanwhile."""
    topic = own_world.settings.kafka_stg_dst_topic
    with bench(own_stack, own_world, tmp_path, dbt) as running:
        for _ in range(5):
            running.supervisor.until_working(2)
            with _locked(own_world, topic):
                running.injects("the publisher behind")
                published = len(own_world.topic(topic))
                for process in running.random.sample(running.processes, 2):
                    process.kill()
                    running.injects("kill -9 meanwhile")
                running.until_all_have_moved_on()
                running.supervisor.until_working(3, again=True)
                assert len(own_world.topic(topic)) == published
            running.until_published()


@contextmanager
def _locked(world: World, topic: str) -> Iterator[None]:
    """A publisher's lock in our hands: whoever waits for it is the next."""
    connection = connect(world.environment, DATABASE)
    with connection.cursor() as cursor:
        ending = Thread(target=wait_until, args=(lambda: _ended(world), "the lock to be free"))
        ending.start()
        cursor.execute(LOCK, (topic,))
        yield
    connection.close()
    ending.join()


def _ended(world: World) -> bool:
    """End the publishers' sessions while we wait for a lock."""
    if waits := bool(world.rows(WAITING)):
        end_sessions(world, "ingest publish")
    return waits


def test_killed_in_its_first_transactions(own_world: World) -> None:
    """There are only messages then that nobody sees, in the topics as in those of the positions."""
    own_world.know(USER, RESTAURANT)
    own_world.send(*orders(range(5)), b"{")
    settings = own_world.settings
    for name, topic in (("", settings.kafka_stg_dst_topic), ("-dlq", settings.dead_letter_topic)):
        for _ in range(3):
            leave_open(own_world, f"{settings.stg_transactional_id}{name}", topic, 5)
    assert own_world.stg() == Counter(stored=5, malformed_json=1)
    assert len(own_world.onward()) == 5
    assert len(own_world.topic(settings.dead_letter_topic)) == 1


def test_killed_in_a_long_transaction_and_the_positions_lost(own_world: World) -> None:
    """The last message that can be read lies far behind the end, and tells how far we are."""
    own_world.know(USER, RESTAURANT)
    own_world.send(encoded(order(1)))
    own_world.stg()
    settings = own_world.settings
    make_anew(own_world, f"{settings.kafka_stg_dst_topic}.progress")
    leave_open(own_world, settings.stg_transactional_id, settings.kafka_stg_dst_topic, 1500)
    own_world.send(encoded(order(2)))
    own_world.stg()
    assert sorted(event["object_id"] for event in own_world.onward()) == [1, 2]


def leave_open(world: World, name: str, topic: str, count: int) -> None:
    """What a publisher leaves that is killed before its transaction is committed."""
    settings = {**configuration(world.settings), "partitioner": "murmur2_random"}
    producer = Producer({**settings, "transactional.id": name})
    producer.init_transactions(30)
    producer.begin_transaction()
    for _ in range(count):
        producer.produce(topic, b"{}", b"1", headers=[("position", b"9")])
    producer.produce(f"{topic}.progress", b'{"position": 9}', topic.encode())
    assert producer.flush(30) == 0
    producer.purge()
