"""`ingest emit` killed at any moment and at each step, alone and with another one beside it."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

import psycopg2
import pytest
from confluent_kafka.admin import AdminClient

from ingest.emit import read_progress
from ingest.kafka.client import configuration
from sandbox.stack import Stack
from tests.faults import table, witness
from tests.faults.bench import in_full, times
from tests.faults.processes import Process, Supervisor, supervised, wait_until
from tests.integration.test_emit import OUTBOX, append
from tests.java import console_consumer
from tests.world import DATABASE, World, connect

PLACES = ("opened", "rows_read", "produced", "sent")
# Rows that the outbox gets every twentieth of a second.
ROWS = 5


class Outbox:
    """An outbox that grows all the time, by a single writer, as dbt would have it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._grow)

    def start(self) -> None:
        self._world.execute(OUTBOX)
        self._thread.start()

    def is_growing(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> int:
        """How many rows it has in the end."""
        self._stopped.set()
        self._thread.join()
        return int(self._world.value("select coalesce(max(position), 0) from dds.outbox"))

    def _grow(self) -> None:
        while not self._stopped.wait(0.05):
            try:
                append(self._world, ROWS)
            except psycopg2.Error:  # Postgres was killed
                with suppress(psycopg2.Error):
                    self._world.reconnect()


@contextmanager
def emitting(
    world: World, folder: Path, fault: str, *, emitters: int
) -> Iterator[tuple[Supervisor, list[int]]]:
    """Emitters beside a growing outbox; the block appends to the list what it injected.

    Afterwards each position is in the topic once, in order.
    """
    world.environment |= {"DEFAULT_JOB_INTERVAL": "300", "BATCH_SIZE": "25"}
    processes = [Process(world, folder, f"e{n}", "emit", "--follow") for n in range(emitters)]
    outbox = Outbox(world)
    injected: list[int] = []
    outbox.start()
    try:
        with supervised(processes) as supervisor:
            supervisor.tend()
            yield supervisor, injected
            rows = outbox.stop()
            supervisor.wait_for(lambda: sent_up_to(world) == rows, f"position {rows}")
            supervisor.stop()
    finally:
        if outbox.is_growing():
            outbox.stop()
    verdict = examine(world, rows)
    table.add({fault: sum(injected)}, verdict.seen, verdict.lost, verdict.doubled)
    assert not verdict.wrong, "\n".join(verdict.wrong)


def examine(world: World, rows: int) -> witness.Verdict:
    """Each of the outbox's positions once, each partition in order; nothing hangs."""
    verdict = witness.Verdict(seen=rows)
    reads = console_consumer(world, world.settings.kafka_dds_dst_topic)
    positions = [int(read.headers["position"]) for read in reads]
    verdict.compare("positions", range(1, rows + 1), positions)
    parts: dict[int, list[int]] = {}
    for read, position in zip(reads, positions, strict=True):
        parts.setdefault(read.partition, []).append(position)
    verdict.expect(
        all(part == sorted(part) for part in parts.values()), "positions are out of order"
    )
    sent = {(int(read.headers["position"]), read.value) for read in reads}
    rows_there = witness.psql(world, "select position, message from dds.outbox")
    stored = {(row["position"], row["message"]) for row in rows_there}
    verdict.expect(sent == stored, "the messages are not the outbox's rows")
    hanging = set(witness.transactions(world).values()) - witness.AT_REST
    verdict.expect(not hanging, f"hanging transactions: {hanging}")
    return verdict


def sent_up_to(world: World) -> int:
    """By the progress topic, without waiting for Kafka's tools."""
    progress = read_progress(world.settings)
    return progress.position if progress else 0


@in_full
@pytest.mark.timeout(1500)
def test_killed_at_any_moment(own_world: World, tmp_path: Path) -> None:
    random = Random(1)
    with emitting(own_world, tmp_path, "kill -9 of the emitter", emitters=1) as (running, injected):
        while sum(injected) < times(3, 60):
            (process,) = running.until_working()
            time.sleep(random.uniform(0, 0.2))
            process.kill()
            injected.append(1)


@pytest.mark.timeout(1500)
def test_killed_at_any_moment_with_another_one_standing_by(
    own_world: World, tmp_path: Path
) -> None:
    random = Random(2)
    fault = "kill -9 of one of two emitters"
    with emitting(own_world, tmp_path, fault, emitters=2) as (running, injected):
        while sum(injected) < times(3, 50):
            (process, *_) = running.until_working()
            time.sleep(random.uniform(0, 0.2))
            process.kill()
            injected.append(1)


@pytest.mark.timeout(1500)
def test_killed_between_any_two_steps(own_world: World, tmp_path: Path) -> None:
    fault = "kill -9 of the emitter between steps"
    with emitting(own_world, tmp_path, fault, emitters=1) as (running, injected):
        (process,) = running.processes
        process.kill()
        for turn in range(times(1, 5)):
            for place in PLACES:
                count = 1 if place == "opened" else turn + 1  # it comes there once
                process.start(kill_at=f"{place}:{count}")
                assert process.wait() == -signal.SIGKILL, process.said()[-1500:]
                injected.append(1)


@pytest.mark.timeout(300)
def test_killed_while_it_goes_back(own_world: World, tmp_path: Path) -> None:
    """Whoever emits next goes on from where `--from` said, or from where it was."""
    own_world.execute(OUTBOX)
    append(own_world, 10)
    own_world.emit()
    process = Process(own_world, tmp_path, "e0", "emit", "--from", "4")
    with supervised([process]):
        for place, sent_again in (("produced", 0), ("moved", 6)):
            process.start(kill_at=f"{place}:1")
            assert process.wait() == -signal.SIGKILL, process.said()[-1500:]
            assert own_world.emit() == sent_again
    reads = console_consumer(own_world, own_world.settings.kafka_dds_dst_topic)
    positions = sorted(int(read.headers["position"]) for read in reads)
    assert positions == sorted([*range(1, 11), *range(5, 11)])


@pytest.mark.timeout(600)
def test_frozen_until_another_one_has_taken_over(own_world: World, tmp_path: Path) -> None:
    """Its session is ended, so the other one gets the lock; then it wakes up with rows in hand."""
    fault = "SIGSTOP of the emitter, then SIGCONT"
    with emitting(own_world, tmp_path, fault, emitters=2) as (running, injected):
        first, _ = running.processes
        for place in ("rows_read", "produced") * times(1, 5):
            running.until_working()
            for process in running.processes:
                process.kill()
            first.start(kill_at=f"{place}:2:SIGSTOP")
            wait_until(lambda: first.is_frozen(), f"the place {place}")
            _end_sessions(own_world)
            running.until_working(2)
            first.send(signal.SIGCONT)
            injected.append(1)
            assert first.wait() == 1
            assert "another process uses the transactional.id" in first.said()
            first.start()


@pytest.mark.timeout(1500)
def test_servers_killed_under_an_emitter(
    own_stack: Stack, own_world: World, tmp_path: Path
) -> None:
    random = Random(3)
    fault = "kill -9 of a server under the emitter"
    with emitting(own_world, tmp_path, fault, emitters=1) as (running, injected):
        for server in ("postgres", "kafka") * times(1, 5):
            running.until_working(again=True)
            time.sleep(random.uniform(0, 0.2))
            own_stack.servers[server].kill()
            injected.append(1)
            own_stack.servers[server].restart()
        running.until_working(again=True)


@pytest.mark.timeout(600)
def test_the_progress_topic_deleted_under_an_emitter(own_world: World, tmp_path: Path) -> None:
    """It ends and says what to do; made anew, the topic is empty, and the messages tell."""
    fault = "the progress topic deleted"
    topic = own_world.settings.progress_topic
    with emitting(own_world, tmp_path, fault, emitters=1) as (running, injected):
        (process,) = running.processes
        for _ in range(times(1, 5)):
            running.until_working()
            admin = AdminClient(configuration(own_world.settings))
            admin.delete_topics([topic])[topic].result()
            injected.append(1)
            assert process.wait() == 1
            assert "run `ingest init`" in process.said()
            own_world.ingest("init")
            process.start()


def _end_sessions(world: World) -> None:
    connection = connect(world.environment, "postgres")
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'ingest emit' and datname = %s",
            (DATABASE,),
        )
    connection.close()
