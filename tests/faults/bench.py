"""The bench of the fault tests: a load, supervised ingestors, and the verdict at the end."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

import pytest

from sandbox.stack import Stack
from tests.convergence.comparison import assert_equals_model
from tests.dbt_project import DbtProject
from tests.faults import table, witness
from tests.faults.load import Load
from tests.faults.processes import Process, Supervisor, supervised
from tests.world import World

FULL = os.environ.get("FAULTS", "quick") == "full"
# Small batches: more transactions for a fault to meet.
BATCH_SIZE = "40"


in_full = pytest.mark.skipif(not FULL, reason="`make faults` runs it")


def times(quick: int, full: int) -> int:
    """How often to inject a fault: in `make test`, and in `make faults`."""
    return full if FULL else quick


class Bench:
    """A world under load, with `ingest stg` processes that are kept alive."""

    def __init__(self, stack: Stack, world: World, supervisor: Supervisor) -> None:
        self.stack = stack
        self.world = world
        self.supervisor = supervisor
        self.random = Random(1)
        self.injected: Counter[str] = Counter()

    @property
    def processes(self) -> list[Process]:
        return self.supervisor.processes

    def injects(self, fault: str, count: int = 1) -> None:
        """Count a fault for the table."""
        self.injected[fault] += count


@contextmanager
def bench(
    stack: Stack,
    world: World,
    folder: Path,
    dbt: DbtProject,
    *,
    ingestors: int = 3,
    rate: float = 100,
) -> Iterator[Bench]:
    """A bench for the block's faults; the verdict comes when the block is done.

    Fails if an event was lost or doubled, or if the vault is not that of an undisturbed load.
    """
    world.environment["BATCH_SIZE"] = BATCH_SIZE
    names = [f"i{number}" for number in range(ingestors)]
    load = Load(world, rate=rate)
    with ExitStack() as closing:
        supervisor = closing.enter_context(
            supervised([Process(world, folder, name, "stg") for name in names])
        )
        load.start()
        closing.callback(load.stop)
        reader = witness.Reader(world, world.settings.kafka_stg_dst_topic, folder)
        closing.callback(reader.stop)
        running = Bench(stack, world, supervisor)
        supervisor.tend()
        supervisor.until_working()
        yield running

        sent = load.stop()
        supervisor.until_working()
        witness.until_drained(world, supervisor.tend)
        supervisor.stop()
        verdict = witness.examine(world, sent, reader)
        table.add(running.injected, verdict.seen, verdict.lost, verdict.doubled)
        assert not verdict.wrong, "\n".join(verdict.wrong[:20])
        dbt.build(world)
        assert_equals_model(world)
