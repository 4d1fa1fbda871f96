"""Everything at once: `SOAK_MINUTES=120 make faults PYTEST_ARGS="-k soak"` for two hours of it.

Ingestors, `ingest dds` and `ingest cdm` under a load, and faults drawn at random with quiet windows
between them. One ingestor is spared, and in the second half the services too: what they hold of
memory and descriptors must not grow.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psutil
import pytest

from sandbox.stack import Stack
from tests.dbt_project import DbtProject
from tests.faults import outbox
from tests.faults.bench import Bench, bench, end_sessions, in_full
from tests.faults.processes import Process
from tests.world import World

MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))
RATE = 50
# More than the caches of a process that has just begun take, as a share, and in descriptors.
MEMORY_GROWTH = 1.3
DESCRIPTORS = 10


class Spared:
    """What processes hold while nothing happens to them."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, int], list[tuple[int, int]]] = {}

    def look(self, processes: list[Process]) -> None:
        """Note the bytes and the descriptors of each."""
        for process in processes:
            found = psutil.Process(process.pid)
            held = (found.memory_info().rss, found.num_fds())
            self._seen.setdefault((process.log.name, process.pid), []).append(held)

    def grown(self) -> list[str]:
        """Who holds more at the end than after a while; asked of those seen often enough."""
        wrong = []
        for who, looks in self._seen.items():
            third = len(looks) // 3
            if third < 2:
                continue
            (memory, files), (more_memory, more_files) = (
                (median(look[0] for look in part), median(look[1] for look in part))
                for part in (looks[third : 2 * third], looks[-third:])
            )
            if more_memory > memory * MEMORY_GROWTH or more_files > files + DESCRIPTORS:
                wrong.append(f"{who}: {memory} B, {files} files; then {more_memory}, {more_files}")
        return wrong


class Faults:
    """What may happen, each as a method; its docstring is the name in the table."""

    def __init__(self, running: Bench, victims: list[Process]) -> None:
        self._running = running
        self._random = random.Random(f"{time.time()}")
        self.victims = victims

    def draw(self) -> None:
        """Let one of them happen."""
        faults: list[Callable[[], None]] = [
            *([self.kill, self.freeze, self.end] * 2),
            *(self.kill_kafka, self.restart_kafka, self.kill_postgres, self.hang_up),
            *(self.kill_redis, self.empty_redis),
        ]
        fault = self._random.choice(faults)
        name = (fault.__doc__ or "").rstrip(".")
        self._running.injects(f"soak: {name}")
        fault()

    def kill(self) -> None:
        """kill -9 of a process."""
        self._victim().kill()

    def end(self) -> None:
        """SIGTERM of a process."""
        self._victim().send(signal.SIGTERM)  # it may have just begun: no word of how it ends

    def freeze(self) -> None:
        """SIGSTOP of a process for longer than its session."""
        victim = self._victim()
        victim.send(signal.SIGSTOP)
        self._pause(2.5, 6)
        victim.send(signal.SIGCONT)

    def kill_kafka(self) -> None:
        """kill -9 of the broker."""
        self._again("kafka", kill=True)

    def restart_kafka(self) -> None:
        """restart of the broker."""
        self._again("kafka", kill=False)

    def kill_postgres(self) -> None:
        """kill -9 of Postgres."""
        self._again("postgres", kill=True)

    def kill_redis(self) -> None:
        """kill -9 of Redis."""
        self._again("valkey", kill=True)

    def hang_up(self) -> None:
        """sessions of Postgres ended."""
        end_sessions(self._running.world, "ingest stg", "ingest publish")

    def empty_redis(self) -> None:
        """Redis emptied."""
        self._running.world.redis.flushall()
        self._pause(0, 2)
        self._running.load.restore_references()

    def _again(self, name: str, *, kill: bool) -> None:
        server = self._running.servers[name]
        if kill:
            server.kill()
        else:
            server.stop()
        self._pause(0, 2)
        server.restart()

    def _victim(self) -> Process:
        self._running.supervisor.tend()
        return self._random.choice(self.victims)

    def _pause(self, least: float, most: float) -> None:
        time.sleep(self._random.uniform(least, most))


@in_full
@pytest.mark.timeout(MINUTES * 60 + 1800)
def test_soak(own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path) -> None:
    own_world.environment |= {"DEFAULT_JOB_INTERVAL": "2", "REFERENCE_RETRY_SECONDS": "2"}
    spared = Spared()
    with bench(
        *(own_stack, own_world, tmp_path, dbt),
        rate=RATE,
        services=("dds", "cdm"),
        orders=int(MINUTES * 60 * RATE),
    ) as running:
        *ingestors, last, dds, cdm = running.processes
        faults = Faults(running, [*ingestors, dds, cdm])
        began = time.monotonic()
        while (passed := time.monotonic() - began) < MINUTES * 60:
            for _ in range(3):
                faults.draw()
                running.supervisor.tend()
            running.supervisor.until_working(len(running.processes), again=True)
            if passed > MINUTES * 30:
                faults.victims = ingestors
            spared.look([p for p in (last, dds, cdm) if p not in faults.victims])
    # The last build's rows; whoever sends them also ends what a killed `ingest dds` left open.
    own_world.emit()
    verdict = outbox.examine(own_world)
    assert not verdict.wrong, "\n".join(verdict.wrong)
    assert not spared.grown()
