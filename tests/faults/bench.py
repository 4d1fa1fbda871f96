"""The bench of the fault tests: a load, supervised ingestors, and the verdict at the end."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

import pytest

from sandbox.stack import Stack
from tests.convergence.comparison import assert_equals_model
from tests.dbt_project import DbtProject
from tests.faults import table, witness
from tests.faults.load import Load
from tests.faults.processes import Process, Supervisor, supervised, wait_until
from tests.world import DATABASE, World, connect

FULL = os.environ.get("FAULTS", "quick") == "full"
# Small batches: more transactions for a fault to meet.
BATCH_SIZE = "40"


# Good messages that wait for reference data; the load's own bad ones wait for ever.
WAITING = """
select 1 from stg.dead_letters
where resolved_at is null and next_attempt_at is not null and position('unknown-' in detail) = 0
"""

in_full = pytest.mark.skipif(not FULL, reason="`make faults` runs it")


def end_sessions(world: World, *names: str) -> int:
    """End the sessions of Postgres that have these names; returns how many there were."""
    connection = connect(world.environment, "postgres")
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = any(%s) and datname = %s",
            (list(names), DATABASE),
        )
        count = int(cursor.rowcount)
    connection.close()
    return count


def times(quick: int, full: int) -> int:
    """How often to inject a fault: in `make test`, and in `make faults`."""
    return full if FULL else quick


@contextmanager
def world_under_fire(servers: Mapping[str, str], **overrides: str) -> Iterator[World]:
    """A fresh world of six partitions, whose consumers are missed within two seconds."""
    settings = {
        "KAFKA_SESSION_TIMEOUT_MS": "2000",
        "KAFKA_TOPIC_PARTITIONS": "6",
        "STUCK_AFTER_SECONDS": "120",
        **overrides,
    }
    fresh = World(servers, **settings)
    fresh.redis.flushall()
    yield fresh
    fresh.close()


class Bench:
    """A world under load, with `ingest stg` processes that are kept alive."""

    def __init__(
        self, stack: Stack, world: World, supervisor: Supervisor, load: Load, reader: witness.Reader
    ) -> None:
        self.servers = stack.servers
        self.world = world
        self.supervisor = supervisor
        self.load = load
        self.random = Random(1)
        self.injected: Counter[str] = Counter()
        self.read_again = False  # whether a stretch of the source was
        self._reader = reader

    @property
    def processes(self) -> list[Process]:
        return self.supervisor.processes

    def stored(self) -> dict[int, int]:
        """How far each partition of the source is stored."""
        rows = self.world.rows(
            "select kafka_partition, next_offset from stg.source_progress where kafka_topic = %s",
            self.world.settings.kafka_stg_src_topic,
        )
        return {row["kafka_partition"]: row["next_offset"] for row in rows}

    def until_all_have_moved_on(self) -> None:
        """Return when every partition is stored further than now."""
        stood = self.stored()
        wait_until(
            lambda: all(self.stored()[number] > offset for number, offset in stood.items()),
            "all partitions to go on",
        )

    def until_published(self) -> None:
        """Return when the reader sees all that is stored now."""
        stored = self.world.value("select count(*) from stg.order_events")
        self.supervisor.wait_for(
            lambda: self._reader.count()[0] >= stored, f"{stored} in the topic"
        )

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
    settings: Mapping[str, str] | None = None,
    services: Sequence[str] = (),
    orders: int = 40_000,
) -> Iterator[Bench]:
    """A bench for the block's faults; the verdict comes when the block is done.

    `settings` are the processes' own, `services` run beside the ingestors, `orders` is more than
    the load comes to. Fails if an event was lost or doubled, or if the vault is not
    what the model says.
    """
    world.environment |= {"BATCH_SIZE": BATCH_SIZE, **(settings or {})}
    commands = [("stg", f"i{number}") for number in range(ingestors)]
    commands += [(service, service) for service in services]
    load = Load(world, rate=rate, orders=orders)
    with ExitStack() as closing:
        supervisor = closing.enter_context(
            supervised([Process(world, folder, name, command) for command, name in commands])
        )
        load.start()
        closing.callback(load.stop)
        reader = witness.Reader(world, folder)
        closing.callback(reader.stop)
        running = Bench(stack, world, supervisor, load, reader)
        supervisor.tend()
        supervisor.until_working()
        yield running

        sent = load.stop()
        world.reconnect()
        supervisor.wait_for(lambda: not world.rows(WAITING), "dead letters to be replayed")
        witness.until_drained(world, reader, supervisor.tend)
        supervisor.stop()
        if supervisor.stuck:
            running.injects("stuck in Kafka's client, ended by itself", supervisor.stuck)
        verdict = witness.examine(world, sent, reader, read_again=running.read_again)
        table.add(running.injected, verdict.seen, verdict.lost, verdict.doubled)
        assert not verdict.wrong, "\n".join(verdict.wrong[:20])
        dbt.build(world)
        assert_equals_model(world)
