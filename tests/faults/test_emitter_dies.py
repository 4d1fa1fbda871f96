"""`ingest emit` killed at any moment and at each step, alone and with another one beside it."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from ingest.kafka.admin import Admin
from ingest.operate.init import topics
from sandbox.stack import Stack
from tests.faults import outbox, table
from tests.faults.bench import end_sessions, in_full
from tests.faults.processes import Process, Supervisor, supervised, wait_until
from tests.topics import delete
from tests.world import World

pytestmark = [in_full, pytest.mark.timeout(1500)]

PLACES = ("opened", "rows_read", "promised", "produced", "sent")


@contextmanager
def emitting(
    world: World, folder: Path, fault: str, *, emitters: int
) -> Iterator[tuple[Supervisor, list[int]]]:
    """Emitters beside a growing outbox; the block appends to the list what it injected.

    Afterwards each row is in the topic once, in order.
    """
    processes = [Process(world, folder, f"e{n}", "emit", "--follow") for n in range(emitters)]
    growing = outbox.Growing(world)
    injected: list[int] = []
    growing.start()
    try:
        with supervised(processes) as supervisor:
            supervisor.tend()
            yield supervisor, injected
            rows = growing.stop()
            supervisor.wait_for(lambda: outbox.sent_up_to(world) == rows, f"position {rows}")
            supervisor.stop()
    finally:
        growing.stop()
    verdict = outbox.examine(world)
    table.add({fault: sum(injected)}, verdict.seen, verdict.lost, verdict.doubled)
    assert not verdict.wrong, "\n".join(verdict.wrong)


@pytest.mark.parametrize("emitters", [1, 2])
def test_killed_at_any_moment(own_world: World, tmp_path: Path, emitters: int) -> None:
    random = Random(emitters)
    fault = f"kill -9 of the emitter, {emitters} there"
    with emitting(own_world, tmp_path, fault, emitters=emitters) as (running, injected):
        while sum(injected) < 60:
            (process, *_) = running.until_working()
            time.sleep(random.uniform(0, 0.2))
            process.kill()
            injected.append(1)


def test_killed_between_any_two_steps(own_world: World, tmp_path: Path) -> None:
    fault = "kill -9 of the emitter between steps"
    with emitting(own_world, tmp_path, fault, emitters=1) as (running, injected):
        (process,) = running.processes
        process.kill()
        for turn in range(5):
            for place in PLACES:
                count = 1 if place == "opened" else turn + 1  # it comes there once
                process.start(kill_at=f"{place}:{count}")
                assert process.wait() == -signal.SIGKILL, process.said()[-1500:]
                injected.append(1)


def test_frozen_until_another_one_has_taken_over(own_world: World, tmp_path: Path) -> None:
    """Its session is ended, so the other one gets the lock; then it wakes up with rows in hand."""
    fault = "SIGSTOP of the emitter, then SIGCONT"
    with emitting(own_world, tmp_path, fault, emitters=2) as (running, injected):
        first, second = running.processes
        for place in ("rows_read", "promised", "produced") * 4:
            running.until_working()
            for process in running.processes:
                process.kill()
            first.start(kill_at=f"{place}:2:SIGSTOP")
            wait_until(first.is_frozen, f"the place {place}")
            end_sessions(own_world, "ingest publish")
            second.start()
            wait_until(second.worked, "the other one")
            first.mark()
            first.send(signal.SIGCONT)
            injected.append(1)
            wait_until(lambda: "waiting for Postgres" in first.said(), "it to notice")
            second.mark()
            wait_until(second.worked, "the other one to go on")


def test_servers_killed_under_an_emitter(
    own_stack: Stack, own_world: World, tmp_path: Path
) -> None:
    random = Random(3)
    fault = "kill -9 of a server under the emitter"
    with emitting(own_world, tmp_path, fault, emitters=1) as (running, injected):
        for server in ("postgres", "kafka") * 5:
            running.until_working(again=True)
            time.sleep(random.uniform(0, 0.2))
            own_stack.servers[server].kill()
            injected.append(1)
            own_stack.servers[server].restart()
        running.until_working(again=True)


def test_the_progress_topic_deleted_under_an_emitter(own_world: World, tmp_path: Path) -> None:
    """It ends and says what to do; made anew, the topic is empty, and the messages tell."""
    fault = "the progress topic deleted"
    with emitting(own_world, tmp_path, fault, emitters=1) as (running, injected):
        (process,) = running.processes
        for _ in range(5):
            running.until_working()
            delete(own_world, f"{own_world.settings.kafka_dds_dst_topic}.progress")
            injected.append(1)
            assert process.wait() == 1
            assert "run `ingest init`" in process.said()
            Admin(own_world.settings).create_topics(topics(own_world.settings))
            process.start()
