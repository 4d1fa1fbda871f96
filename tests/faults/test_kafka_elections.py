"""Three brokers: one of them dies, another one leads its partitions, coordinates, controls."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from ingest import stg
from ingest.deliveries import Place
from ingest.errors import OutageError, StopError
from ingest.kafka.client import configuration
from ingest.kafka.left_open import Predecessor
from ingest.kafka.producer import Record, TransactionalProducer
from ingest.kafka.reader import committed_offsets, open_messages, outsider
from sandbox.jars import PINS
from sandbox.server import Server
from sandbox.stack import Stack
from tests.dbt_project import DbtProject
from tests.faults.bench import bench, in_full, world_under_fire
from tests.faults.processes import wait_until
from tests.java import console_consumer
from tests.world import World, prepare

OFFSETS = "__consumer_offsets"
# A version that loses parts of committed transactions (KAFKA-20734), as others may run it.
FORGETFUL = Path(__file__).with_name("kafka-4.3.1.jars")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Stack]:
    with Stack(durable=True, kafka_nodes=3) as running:
        prepare(running.environment)
        yield running


@pytest.fixture
def world(cluster: Stack) -> Iterator[World]:
    with world_under_fire(cluster.environment, KAFKA_TOPIC_REPLICATION="3") as fresh:
        yield fresh


@in_full
@pytest.mark.timeout(1800)
def test_brokers_of_a_cluster_killed_and_restarted(
    cluster: Stack, world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """Work goes on without one of three; without two it waits."""
    with bench(cluster, world, tmp_path, dbt) as running:
        brokers = [server for name, server in running.servers.items() if name.startswith("kafka")]
        for turn in range(30):
            first, second = running.random.sample(brokers, 2)
            time.sleep(running.random.uniform(0, 1))
            if turn % 3 == 2:
                first.stop()
                running.injects("one of three brokers restarted")
            else:
                first.kill()
                running.injects("kill -9 of one of three brokers")
            if turn % 5 == 4:
                second.kill()
                running.injects("kill -9 of two of three brokers")
                time.sleep(running.random.uniform(0, 2))
                second.restart()
            else:
                running.supervisor.until_working(2, again=True)
            first.restart()
        running.supervisor.until_working(3, again=True)


def group_on(admin: AdminClient, broker: int) -> str:
    """A group whose offsets are there. Its partition is its name's hash in Java."""
    partitions = admin.list_topics(OFFSETS, 10).topics[OFFSETS].partitions
    for number in itertools.count():
        name, value = f"group-{number}", 0
        for letter in name:
            value = (31 * value + ord(letter)) % 2**32
        if partitions[value % 2**31 % len(partitions)].leader == broker:
            return name
    raise AssertionError


@dataclass(frozen=True)
class Lonely:
    """A topic of one partition with one replica, and the broker that has it."""

    world: World
    broker: Server
    topic: str
    admin: AdminClient

    @classmethod
    @contextmanager
    def on(cls, pins: Path) -> Iterator[Self]:
        """In a cluster of a version, where the offsets of groups have one replica too."""
        settings = {"offsets.topic.replication.factor": "1", "offsets.topic.num.partitions": "3"}
        with Stack(kafka_nodes=3, kafka_settings=settings, kafka_pins=pins) as stack:
            prepare(stack.environment)
            world = World(stack.environment)
            topic, admin = f"{world.name}-alone", AdminClient(configuration(world.settings))
            config = {"min.insync.replicas": "1"}
            new = NewTopic(topic, 1, replica_assignment=[[3]], config=config)
            admin.create_topics([new])[topic].result()
            made = cls(world, stack.servers["kafka-3"], topic, admin)
            wait_until(
                lambda: made.offset("any") == {(topic, 0): None},
                "the topic to be known to all brokers",
            )
            yield made
            world.close()

    def offset(self, group: str) -> dict[Place, int | None] | None:
        """Where a group stands; None if nobody can tell."""
        with suppress(StopError, OutageError):
            return committed_offsets(self.world.settings, group, [self.topic])
        return None

    def begun(self, name: str, group: str, value: bytes | None) -> Producer:
        """In a transaction with a message, if there is a value, and the offset 7 of a group."""
        producer = Producer({**configuration(self.world.settings), "transactional.id": name})
        producer.init_transactions(30)
        producer.begin_transaction()
        if value:
            headers: Any = [("source_topic", self.topic)]
            headers += [("source_partition", "0"), ("source_offset", "6")]
            producer.produce(self.topic, value, b"k", headers=headers)
        assert producer.flush(30) == 0
        offsets = [TopicPartition(self.topic, 0, 7)]
        member = outsider(self.world.settings, group)
        producer.send_offsets_to_transaction(offsets, member, 30)
        return producer

    def loses_its_leader(self) -> None:
        """Until the broker is restarted."""
        self.broker.kill()
        wait_until(
            lambda: (
                self.admin.list_topics(self.topic, 10).topics[self.topic].partitions[0].leader == -1
            ),
            "the partition to have no leader",
        )

    def read(self) -> list[str]:
        """What is committed in the topic."""
        return [read.value for read in console_consumer(self.world, self.topic)]


@pytest.mark.timeout(300)
def test_a_commit_reaches_partitions_that_had_no_leader() -> None:
    """Not with Kafka 4.3.0 to 4.4.0, which take them for deleted (KAFKA-20734)."""
    with Lonely.on(PINS) as lonely:
        group = group_on(lonely.admin, 3)
        producer = lonely.begun(lonely.world.name, group, b"first")
        lonely.loses_its_leader()
        producer.commit_transaction(30)
        lonely.broker.restart()
        wait_until(
            lambda: lonely.offset(group) == {(lonely.topic, 0): 7}, "the offset to be committed"
        )
        assert lonely.read() == ["first"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("outcome", "peer"),
    [
        ("aborted", "is not there"),
        ("aborted", "has sent it again"),
        ("committed", "is not there"),
        ("committed", "has offsets in a transaction"),
    ],
)
def test_what_was_aborted_stays_so_though_its_partitions_had_no_leader(
    outcome: str, peer: str
) -> None:
    """Kafka 4.3 leaves out the markers, and the next commit there stands for the old one too.

    And nobody could ask where the group stands, for ever.
    """
    with Lonely.on(FORGETFUL) as lonely:
        world, topic, settings = lonely.world, lonely.topic, lonely.world.settings
        alone = (outcome, peer) == ("aborted", "is not there")
        group = group_on(lonely.admin, 3 if alone else 1)

        def is_unreadable() -> bool:
            with suppress(OutageError):
                return any(True for _ in open_messages(settings, [topic], 0))
            return False

        first = lonely.begun(world.name, group, b"first")
        lonely.loses_its_leader()
        if outcome == "committed":
            first.commit_transaction(30)
        predecessor = Predecessor([topic], stg._was_committed, group, [topic])
        with TransactionalProducer(settings, world.name, predecessor) as producer:
            with suppress(OutageError):
                producer.open()
            lonely.broker.restart()
            if peer == "has sent it again":
                again = lonely.begun(f"{world.name}-peer", group, b"first, by a peer")
                again.commit_transaction(30)
            wait_until(is_unreadable, "a transaction that has ended and is open all the same")
            if peer == "has offsets in a transaction":
                other = lonely.begun(f"{world.name}-peer", group, None)
            producer.reopen()
            if peer == "has offsets in a transaction":
                other.abort_transaction(30)
            has_read = outcome == "committed" or peer == "has sent it again"
            offset = 7 if has_read else None
            assert committed_offsets(settings, group, [topic]) == {(topic, 0): offset}
            producer.send([Record(topic, b"k", b"second", [])])
        before = ["first"] if outcome == "committed" else ["first, by a peer"] if has_read else []
        assert lonely.read() == [*before, "second"]
