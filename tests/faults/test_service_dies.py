"""`ingest dds` killed between its steps: what was closed goes on once."""

import signal
from pathlib import Path

import pytest

from sandbox.kafka_tools import group_lags
from sandbox.stack import Stack
from tests.faults import outbox, table
from tests.faults.bench import in_full
from tests.faults.processes import Process, supervised, wait_until
from tests.world import CLOSED, RESTAURANT, USER, World, encoded, order

pytestmark = [in_full, pytest.mark.timeout(1500)]

# Where `ingest dds` may be between two steps: see docs/explanation/guarantees.md.
PLACES = ("built", "opened", "rows_read", "promised", "produced", "sent")


def test_killed_between_any_two_steps(own_world: World, tmp_path: Path) -> None:
    own_world.know(USER, RESTAURANT)
    own_world.environment |= {"DEFAULT_JOB_INTERVAL": "1"}
    places = PLACES * 5
    process = Process(own_world, tmp_path, "dds", "dds")
    with supervised([process]) as running:
        for number, place in enumerate(places):
            own_world.send(encoded(order(number, statuses=CLOSED)))
            own_world.stg()
            process.start(kill_at=f"{place}:1")
            assert process.wait() == -signal.SIGKILL, process.said()[-1500:]
        running.wait_for(lambda: outbox.sent_up_to(own_world) == len(places), "all to be sent")
        # It goes on: the next one is woken for.
        own_world.send(encoded(order(len(places), statuses=CLOSED)))
        own_world.stg()
        running.wait_for(lambda: outbox.sent_up_to(own_world) > len(places), "the next one")
        running.stop()
    verdict = outbox.examine(own_world)
    verdict.compare("closed orders", range(len(places) + 1), range(verdict.seen))
    table.add({"kill -9 of `ingest dds`": len(places)}, verdict.seen, verdict.lost, verdict.doubled)
    assert not verdict.wrong, "\n".join(verdict.wrong)
    assert dds_lag(own_world) == {0}


def test_told_to_stop_while_the_broker_is_away(
    own_stack: Stack, own_world: World, tmp_path: Path
) -> None:
    """It had built, and commits."""
    own_world.know(USER, RESTAURANT)
    own_world.send(encoded(order(1, statuses=CLOSED)))
    own_world.stg()
    kafka = own_stack.servers["kafka"]
    process = Process(own_world, tmp_path, "dds", "dds")
    with supervised([process]):
        process.start(kill_at="built:1:SIGSTOP")
        wait_until(process.is_frozen, "the place built")
        kafka.kill()
        process.send(signal.SIGCONT)
        wait_until(lambda: "waiting for Kafka" in process.said(), "the outage", longest=30)
        process.stop()
        kafka.restart()
        process.start("", DEFAULT_JOB_INTERVAL="1")
        wait_until(lambda: dds_lag(own_world) == {0}, "the lag to be 0")
        process.stop()
    assert outbox.sent_up_to(own_world) == 1


def dds_lag(world: World) -> set[int | None]:
    """Of the partitions of the topic that wakes `ingest dds`."""
    settings = world.settings
    lags = group_lags(world.servers, settings.kafka_dds_consumer_group)
    return {lag for (topic, _), lag in lags.items() if topic == settings.kafka_dds_src_topic}
