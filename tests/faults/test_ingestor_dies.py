"""`ingest stg` killed, told to stop, or frozen: every event goes on once."""

import signal
import time
from pathlib import Path

import pytest

from ingest.kafka.producer import Record, TransactionalProducer
from sandbox.stack import Stack
from tests.dbt_project import DbtProject
from tests.faults.bench import FULL, bench, in_full, times
from tests.faults.processes import Process, supervised, wait_until
from tests.java import console_consumer, group_lags
from tests.world import RESTAURANT, USER, World, orders

# Where `ingest stg` may be between two steps: see docs/guarantees.md.
PLACES = (
    *("opened", "polled", "enriched", "storing", "stored", "produced", "offsets_sent"),
    "committed",
)
QUICK_PLACES = ("storing", "stored", "offsets_sent")


@pytest.mark.timeout(1500)
def test_killed_at_any_moment(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    with bench(own_stack, own_world, tmp_path, dbt) as running:
        while running.injected["kill -9, at random"] < times(6, 100):
            working = running.supervisor.until_working(2)
            time.sleep(running.random.uniform(0, 0.4))
            for process in running.random.sample(working, running.random.randint(1, len(working))):
                process.kill()
                running.injects("kill -9, at random")


@pytest.mark.timeout(1500)
def test_killed_between_any_two_steps(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    with bench(own_stack, own_world, tmp_path, dbt, ingestors=2) as running:
        for process in running.processes:
            process.kill()
        for turn in range(times(1, 5)):
            for place in PLACES if FULL else QUICK_PLACES:
                # Both of them, so that somebody comes to the place, whoever has the partitions.
                count = 1 if place == "opened" else turn + 1  # it comes there once
                for process in running.processes:
                    process.start(kill_at=f"{place}:{count}")
                for process in running.processes:
                    assert process.wait() == -signal.SIGKILL, process.said()[-1500:]
                    running.injects(f"kill -9 at {place}")


@pytest.mark.timeout(300)
def test_killed_before_offsets_without_messages_are_committed(
    own_world: World, tmp_path: Path
) -> None:
    """The marker of a transaction at the end of the source: the warehouse is past it already."""
    source = own_world.settings.kafka_stg_src_topic
    own_world.know(USER, RESTAURANT)
    with TransactionalProducer(own_world.settings, f"{own_world.name}-source") as producer:
        producer.send([Record(source, b"k", raw, []) for raw in orders(range(5))])
    process = Process(own_world, tmp_path, "i0", "stg", "--once")
    with supervised([process]):
        for _ in range(3):  # the first time it may have come to the end of empty partitions only
            process.start(kill_at="passed:1")
            assert process.wait() == -signal.SIGKILL, process.said()[-1500:]
        process.start()
        assert process.wait() == 0, process.said()[-1500:]
    lags = group_lags(own_world, own_world.settings.kafka_stg_consumer_group)
    assert set(lags.values()) == {0}
    assert len(console_consumer(own_world, own_world.settings.kafka_stg_dst_topic)) == 5
    assert own_world.value("select sum(duplicates) from stg.source_progress") == 0


@pytest.mark.timeout(1500)
def test_told_to_stop(own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path) -> None:
    with bench(own_stack, own_world, tmp_path, dbt) as running:
        while running.injected["SIGTERM"] < times(4, 50):
            for process in running.supervisor.until_working(2):
                time.sleep(running.random.uniform(0, 0.2))
                process.stop()
                running.injects("SIGTERM")


@pytest.mark.timeout(1500)
@pytest.mark.parametrize(
    "place",
    [
        pytest.param("polled", marks=in_full),
        pytest.param("storing", marks=in_full),
        "stored",
        pytest.param("offsets_sent", marks=in_full),
    ],
)
def test_frozen_until_the_group_has_gone_on_without_it(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path, place: str
) -> None:
    with bench(own_stack, own_world, tmp_path, dbt, ingestors=2) as running:
        first, _ = running.processes
        for turn in range(times(1, 5)):
            running.supervisor.until_working(2)
            first.kill()
            first.start(kill_at=f"{place}:{turn + 2}:SIGSTOP")
            wait_until(first.is_frozen, f"the place {place}")
            # The others have its partitions when all of them have moved on.
            running.until_all_have_moved_on()
            first.send(signal.SIGCONT)
            running.injects(f"SIGSTOP at {place}, then SIGCONT")
            running.supervisor.until_working(2, again=True)
