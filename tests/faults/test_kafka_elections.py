"""Three brokers: one of them dies, another one leads its partitions, coordinates, controls."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.stack import Stack
from tests.dbt_project import DbtProject
from tests.faults.bench import bench, in_full, world_under_fire
from tests.world import World, prepare


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
@pytest.mark.timeout(1500)
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
