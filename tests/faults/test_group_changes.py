"""Ingestors come and go, partitions are added, the group's offsets are moved: no event minds."""

import time
from pathlib import Path

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    NewPartitions,
)

from ingest.kafka.client import configuration
from sandbox.kafka_tools import GROUPS, tool
from sandbox.stack import Stack
from tests.dbt_project import DbtProject
from tests.faults.bench import Bench, bench, in_full
from tests.faults.processes import wait_until
from tests.world import World

pytestmark = [in_full, pytest.mark.timeout(1500)]


def test_scaled_up_and_down(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """Whoever comes or goes makes the group share out its partitions anew."""
    with bench(own_stack, own_world, tmp_path, dbt, ingestors=4) as running:
        processes = running.processes
        running.supervisor.wait_for(lambda: all(p.joined() for p in processes), "four members")
        while running.injected["an ingestor comes or goes"] < 40:
            for count in (1, 3, 1, 4):
                changed = running.supervisor.scale(count)
                running.injects("an ingestor comes or goes", changed)
                time.sleep(running.random.uniform(0, 0.5))


def test_partitions_added_to_the_source(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    with bench(own_stack, own_world, tmp_path, dbt) as running:
        topic = own_world.settings.kafka_stg_src_topic
        admin = AdminClient(configuration(own_world.settings))
        for count in (8, 12):
            admin.create_partitions([NewPartitions(topic, count)])[topic].result()
            running.injects(f"the source gets {count} partitions")
            until_all_are_read(running, count)


def test_offsets_of_the_group_moved(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """To anywhere: where reading goes on lies in Postgres."""
    with bench(own_stack, own_world, tmp_path, dbt, ingestors=2) as running:
        for to in ("--to-earliest", "--to-latest", "--shift-by=-500", "--shift-by=500") * 3:
            running.supervisor.until_working(2)
            for process in running.processes:
                process.kill()
            until_moved(running, to)
            running.injects("offsets of the group moved")
            running.supervisor.tend()
            running.until_all_have_moved_on()
        running.supervisor.until_working(2)


def until_all_are_read(running: Bench, partitions: int) -> None:
    wait_until(lambda: len(running.stored()) == partitions, "messages of all of them")


def until_moved(running: Bench, to: str) -> None:
    """Move them by Kafka's own tool, which refuses that while there are members."""
    settings = running.world.settings
    arguments = (
        *("--bootstrap-server", settings.bootstrap_servers),
        *("--group", settings.kafka_stg_consumer_group, "--topic", settings.kafka_stg_src_topic),
        *("--reset-offsets", *to.split("="), "--execute"),
    )

    def is_moved() -> bool:
        done = tool(GROUPS, *arguments)
        return done.returncode == 0 and "Error" not in done.stdout + done.stderr

    wait_until(is_moved, "the group to have no members")
