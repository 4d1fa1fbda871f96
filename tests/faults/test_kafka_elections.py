"""Three brokers: one of them dies, another one leads its partitions, coordinates, controls."""

import itertools
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from ingest import stg
from ingest.errors import OutageError, StopError
from ingest.kafka.client import configuration
from ingest.kafka.left_open import Predecessor
from ingest.kafka.producer import Record, TransactionalProducer
from ingest.kafka.reader import committed_offsets, open_messages, outsider
from sandbox.stack import Stack
from tests.dbt_project import DbtProject
from tests.faults.bench import bench, in_full, world_under_fire
from tests.faults.processes import wait_until
from tests.java import console_consumer
from tests.world import World, prepare

OFFSETS = "__consumer_offsets"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Stack]:
    with Stack(durable=True, all_own=True, kafka_nodes=3) as running:
        prepare(running.reached())
        yield running


@pytest.fixture
def world(cluster: Stack) -> Iterator[World]:
    with world_under_fire(cluster.reached(), KAFKA_TOPIC_REPLICATION="3") as fresh:
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


@pytest.fixture
def brittle_cluster() -> Iterator[Stack]:
    """Where the offsets of groups have one replica."""
    settings = {"offsets.topic.replication.factor": "1", "offsets.topic.num.partitions": "3"}
    with Stack(all_own=True, kafka_nodes=3, kafka_settings=settings) as running:
        prepare(running.reached())
        yield running


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
    brittle_cluster: Stack, outcome: str, peer: str
) -> None:
    """Kafka leaves out the markers then, and the next commit there stands for the old one too.

    And nobody could ask where the group stands, for ever.
    """
    world = World(brittle_cluster.reached())
    settings, topic = world.settings, f"{world.name}-alone"
    admin = AdminClient(configuration(settings))
    config = {"min.insync.replicas": "1"}
    new = NewTopic(topic, 1, replica_assignment=[[3]], config=config)
    admin.create_topics([new])[topic].result()

    def is_known() -> bool:  # which takes a moment, and a broker for the offsets
        with suppress(StopError, OutageError):
            return committed_offsets(settings, "any", [topic]) == {(topic, 0): None}
        return False

    wait_until(is_known, "the topic to be known to all brokers")
    group = group_on(admin, 3 if (outcome, peer) == ("aborted", "is not there") else 1)
    headers: Any = [("source_topic", topic), ("source_partition", "0"), ("source_offset", "6")]

    def begun(name: str, value: bytes | None) -> Producer:
        producer = Producer({**configuration(settings), "transactional.id": name})
        producer.init_transactions(30)
        producer.begin_transaction()
        if value:
            producer.produce(topic, value, b"k", headers=headers)
        assert producer.flush(30) == 0
        offsets = [TopicPartition(topic, 0, 7)]
        producer.send_offsets_to_transaction(offsets, outsider(settings, group), 30)
        return producer

    def is_unreadable() -> bool:
        with suppress(OutageError):
            return any(True for _ in open_messages(settings, [topic], 0))
        return False

    first = begun(world.name, b"first")
    broker = brittle_cluster.servers["kafka-3"]
    broker.kill()
    wait_until(
        lambda: admin.list_topics(topic, 10).topics[topic].partitions[0].leader == -1,
        "the partition to have no leader",
    )
    if outcome == "committed":
        first.commit_transaction(30)
    predecessor = Predecessor([topic], stg._was_committed, group, [topic])
    with TransactionalProducer(settings, world.name, predecessor) as producer:
        with suppress(OutageError):
            producer.open()
        broker.restart()
        if peer == "has sent it again":
            begun(f"{world.name}-peer", b"first, by a peer").commit_transaction(30)
        wait_until(is_unreadable, "a transaction that has ended and is open all the same")
        if peer == "has offsets in a transaction":
            other = begun(f"{world.name}-peer", None)
        producer.reopen()
        if peer == "has offsets in a transaction":
            other.abort_transaction(30)
        has_read = outcome == "committed" or peer == "has sent it again"
        assert committed_offsets(settings, group, [topic]) == {(topic, 0): 7 if has_read else None}
        producer.send([Record(topic, b"k", b"second", [])])
    read = [read.value for read in console_consumer(world, topic)]
    before = ["first"] if outcome == "committed" else ["first, by a peer"] if has_read else []
    assert read == [*before, "second"]
    world.close()
