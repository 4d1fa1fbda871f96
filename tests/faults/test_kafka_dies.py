"""Brokers are killed or restarted, or give up on a transaction, in the middle of a load."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.kafka_tools import console_consumer
from sandbox.stack import Stack
from tests.dbt_project import DbtProject
from tests.faults import witness
from tests.faults.bench import bench, in_full, times, world_under_fire
from tests.faults.processes import Process, supervised, wait_until
from tests.world import RESTAURANT, USER, World, orders, prepare


@pytest.fixture(scope="module")
def cluster() -> Iterator[Stack]:
    """Three brokers."""
    with Stack(durable=True, kafka_nodes=3) as running:
        prepare(running.environment)
        yield running


@pytest.fixture
def wide_world(cluster: Stack) -> Iterator[World]:
    with world_under_fire(cluster.environment, KAFKA_TOPIC_REPLICATION="3") as fresh:
        yield fresh


@pytest.mark.timeout(1800)
def test_broker_killed_and_restarted(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """Some are killed while the ingestors still come to terms with the last time."""
    with bench(own_stack, own_world, tmp_path, dbt) as running:
        kafka = running.servers["kafka"]
        for turn in range(times(1, 32)):
            time.sleep(running.random.uniform(0, 1))
            if turn % 3:
                kafka.stop()
                running.injects("the broker restarted")
            else:
                kafka.kill()
                running.injects("kill -9 of the broker")
            kafka.restart()
            if turn % 4 == 3:
                running.supervisor.until_working(2, again=True)
                running.until_published()
            else:
                time.sleep(running.random.uniform(0, 4))
        running.supervisor.until_working(3, again=True)


@in_full
@pytest.mark.timeout(1800)
def test_brokers_of_a_cluster_killed_and_restarted(
    cluster: Stack, wide_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """Work goes on without one of three; without two it waits."""
    with bench(cluster, wide_world, tmp_path, dbt) as running:
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


@in_full
@pytest.mark.timeout(300)
@pytest.mark.parametrize("place", ["stored", "rows_read", "produced"])
def test_told_to_stop_while_the_broker_is_away(
    own_stack: Stack, own_world: World, tmp_path: Path, place: str
) -> None:
    """It went away in a transaction, which Kafka's client wants to abort before it closes."""
    own_world.know(USER, RESTAURANT)
    own_world.send(*orders(range(10)))
    own_world.environment["KAFKA_TRANSACTION_TIMEOUT_MS"] = "2000"
    kafka = own_stack.servers["kafka"]
    process = Process(own_world, tmp_path, "one", "stg")
    with supervised([process]):
        process.start(kill_at=f"{place}:1:SIGSTOP")
        wait_until(process.is_frozen, f"the place {place}")
        kafka.kill()
        process.send(signal.SIGCONT)
        wait_until(lambda: "waiting for Kafka" in process.said(), "the outage")
        time.sleep(1)  # it has tried again by then
        process.stop()
        assert "Warning" not in process.said()
        kafka.restart()
        process.start()
        wait_until(lambda: " published " in process.said(), "work")
        process.stop()
    assert len(console_consumer(own_world.servers, own_world.settings.kafka_stg_dst_topic)) == 10


@in_full
@pytest.mark.timeout(1500)
def test_transactions_that_time_out_at_the_broker(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """It freezes for longer than a transaction may last, and shorter than its place in the group.

    Nobody has taken its partitions or its lock, and the broker has ended its transaction.
    """
    settings = {"KAFKA_TRANSACTION_TIMEOUT_MS": "2000", "KAFKA_SESSION_TIMEOUT_MS": "40000"}
    with bench(own_stack, own_world, tmp_path, dbt, ingestors=1, settings=settings) as running:
        (process,) = running.processes
        for turn in range(10):
            process.stop()
            process.start(kill_at=f"produced:{turn % 3 + 1}:SIGSTOP")
            wait_until(process.is_frozen, "the place produced")
            time.sleep(3)
            wait_until(
                lambda: "Ongoing" not in witness.transactions(own_world).values(), "the broker"
            )
            process.send(signal.SIGCONT)
            running.injects("a transaction times out at the broker")
            running.supervisor.until_working(again=True)
            running.until_published()
            assert "another process" not in process.said()
