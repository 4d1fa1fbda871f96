"""`ingest stg` killed, told to stop, or frozen: every event goes on once."""

import signal
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from sandbox.kafka_tools import group_lags
from sandbox.stack import Stack
from tests.dbt_project import DbtProject
from tests.faults.bench import FULL, Bench, bench, in_full, times
from tests.faults.processes import Process, supervised, wait_until
from tests.world import RESTAURANT, USER, World, orders

# Where `ingest stg` may be between two steps, as loader and as publisher: see
# docs/explanation/guarantees.md.
LOADING = ("polled", "enriched", "storing", "stored", "replayed")
PUBLISHING = ("opened", "rows_read", "promised", "produced", "sent")
PLACES = (*LOADING, *PUBLISHING) if FULL else ("storing", "stored", "promised", "sent")
OFTEN = {"REFERENCE_RETRY_SECONDS": "1"}  # looks for dead letters that can be replayed


def kill_at_random(running: Bench, count: int) -> None:
    """Some of them, whatever they do."""
    while running.injected["kill -9, at random"] < count:
        working = running.supervisor.until_working(2)
        time.sleep(running.random.uniform(0, 0.4))
        for process in running.random.sample(working, running.random.randint(1, len(working))):
            process.kill()
            running.injects("kill -9, at random")


def kill_at(running: Bench, places: Iterable[str], turn: int) -> None:
    """Two of them at each place: when the publisher is dead, the other one takes over and dies."""
    processes = running.processes[:2]
    for process in running.processes:
        if process.lives():
            process.kill()
    for place in places:
        count = 1 if place in ("opened", "replayed") else turn + 1  # it comes there seldom
        for process in processes:
            process.start(kill_at=f"{place}:{count}")
        for process in processes:
            assert process.wait() == -signal.SIGKILL, process.said()[-1500:]
            running.injects(f"kill -9 at {place}")


@pytest.mark.timeout(1500)
def test_killed_at_any_moment_and_between_any_two_steps(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    with bench(own_stack, own_world, tmp_path, dbt, settings=OFTEN) as running:
        kill_at_random(running, times(5, 100))
        for turn in range(times(1, 5)):
            kill_at(running, PLACES, turn)


@in_full
def test_killed_before_the_group_is_told(own_world: World, tmp_path: Path) -> None:
    """Nothing comes any more, and the lag that monitors see goes to zero all the same."""
    own_world.know(USER, RESTAURANT)
    own_world.send(*orders(range(5)))
    process = Process(own_world, tmp_path, "one", "stg")
    with supervised([process]):
        process.start(kill_at="stored:1")
        assert process.wait() == -signal.SIGKILL, process.said()[-1500:]
        process.start()
        group = own_world.settings.kafka_stg_consumer_group
        wait_until(
            lambda: set(group_lags(own_world.servers, group).values()) == {0},
            "lag 0",
            longest=60,
        )
        process.stop()
    assert len(own_world.onward()) == 5


@in_full
@pytest.mark.timeout(1500)
def test_told_to_stop(own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path) -> None:
    with bench(own_stack, own_world, tmp_path, dbt) as running:
        while running.injected["SIGTERM"] < 50:
            for process in running.supervisor.until_working(2):
                time.sleep(running.random.uniform(0, 0.2))
                process.stop()
                running.injects("SIGTERM")


@in_full
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("place", ["polled", "enriched", "storing", "stored"])
def test_frozen_until_the_group_has_gone_on_without_it(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path, place: str
) -> None:
    """A stale owner: it wakes up with messages in hand that others have stored meanwhile.

    In a transaction it holds the rows of its partitions, until the server ends its session.
    """
    with bench(own_stack, own_world, tmp_path, dbt, ingestors=2) as running:
        first, _ = running.processes
        for turn in range(5):
            running.supervisor.until_working(2)
            first.kill()
            first.start(kill_at=f"{place}:{turn + 2}:SIGSTOP")
            wait_until(first.is_frozen, f"the place {place}")
            # The others have its partitions when all of them have moved on.
            running.until_all_have_moved_on()
            first.send(signal.SIGCONT)
            running.injects(f"SIGSTOP at {place}, then SIGCONT")
            running.supervisor.until_working(2, again=True)
