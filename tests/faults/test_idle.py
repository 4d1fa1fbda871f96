"""Nothing to do for so long that Kafka closes connections and forgets transactional ids."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.kafka_tools import console_consumer
from sandbox.stack import Stack
from tests.faults import outbox, table, witness
from tests.faults.bench import in_full
from tests.faults.processes import Process, supervised, wait_until
from tests.world import RESTAURANT, USER, World, orders, prepare

# Seven days, and ten minutes, if nobody says otherwise.
FORGETFUL = {
    "transactional.id.expiration.ms": "2000",
    "transaction.remove.expired.transaction.cleanup.interval.ms": "500",
    "connections.max.idle.ms": "2000",
}
ROWS = 10


@pytest.fixture
def forgetful_world() -> Iterator[World]:
    with Stack(durable=False, kafka_settings=FORGETFUL) as running:
        world = World(prepare(running.environment))
        world.know(USER, RESTAURANT)
        yield world
        world.close()


@in_full
@pytest.mark.timeout(600)
def test_idle_for_long(forgetful_world: World, tmp_path: Path) -> None:
    world, turns = forgetful_world, 3
    outbox.make(world)
    commands = (("stg",), ("emit", "--follow"))
    with supervised([Process(world, tmp_path, "one", *command) for command in commands]) as running:
        for turn in range(turns):
            running.tend()
            for process in running.processes:
                process.mark()
            world.send(*orders(range(turn * ROWS, (turn + 1) * ROWS)))
            outbox.append(world, ROWS)
            running.until_working(2)
            wait_until(lambda: not witness.transactions(world), "Kafka to forget them")
        running.stop()
    verdict = outbox.examine(world)
    verdict.compare("rows", range(turns * ROWS), range(verdict.seen))
    read = console_consumer(world.servers, world.settings.kafka_stg_dst_topic)
    verdict.compare("events", range(turns * ROWS), (int(message.key) for message in read))
    table.add({"idle for long": turns}, verdict.seen, verdict.lost, verdict.doubled)
    assert not verdict.wrong, "\n".join(verdict.wrong)
