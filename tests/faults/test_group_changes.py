"""Ingestors come and go, partitions are added, two processes have one name: no event minds."""

import time
from pathlib import Path

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    NewPartitions,
)

from ingest.kafka.client import configuration
from sandbox.stack import Stack
from tests.dbt_project import DbtProject
from tests.faults.bench import bench, in_full, times
from tests.faults.processes import Process, supervised, wait_until
from tests.world import World


@pytest.mark.timeout(1500)
def test_scaled_up_and_down(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """Whoever comes or goes makes the group share out its partitions anew."""
    with bench(own_stack, own_world, tmp_path, dbt, ingestors=4) as running:
        processes = running.processes
        running.supervisor.wait_for(lambda: all(p.joined() for p in processes), "four members")
        while running.injected["an ingestor comes or goes"] < times(4, 40):
            for count in (1, 3, 1, 4) if times(0, 1) else (2, 4):
                changed = running.supervisor.scale(count)
                running.injects("an ingestor comes or goes", changed)
                time.sleep(running.random.uniform(0, 0.5))


@pytest.mark.timeout(1500)
def test_two_processes_with_one_name(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """One fences the other off, which ends and says so; started again, it takes over."""
    twin = Process(own_world, tmp_path, "i0", "stg")
    with (
        supervised([twin]),
        bench(own_stack, own_world, tmp_path, dbt, ingestors=1) as running,
    ):
        (process,) = running.processes
        assert process.instance == twin.instance
        twins = (process, twin)
        for _ in range(times(2, 10)):
            for each in twins:
                if not each.lives():
                    each.start()
            running.injects("a twin with the same transactional.id")
            wait_until(lambda: not all(each.lives() for each in twins), "one of two to end")
            (ended,) = (each for each in twins if not each.lives())
            assert ended.code == 1
            assert "another process uses the transactional.id" in ended.said()
            assert "INSTANCE_ID" in ended.said()
        if twin.lives():
            twin.stop()
            process.start()


@in_full
@pytest.mark.timeout(1500)
def test_partitions_added_to_the_source(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    with bench(own_stack, own_world, tmp_path, dbt) as running:
        topic = own_world.settings.kafka_stg_src_topic
        admin = AdminClient(configuration(own_world.settings))
        admin.create_partitions([NewPartitions(topic, 12)])[topic].result()
        running.injects("6 partitions become 12")
        wait_until(lambda: len(running.stored()) == 12, "messages of 12 partitions")
