"""`ingest dds` killed between its steps: what was closed goes on once."""

import signal
from pathlib import Path

import pytest

from tests.faults import table
from tests.faults.bench import FULL, times
from tests.faults.processes import Process, supervised
from tests.faults.test_emitter_dies import examine, sent_up_to
from tests.java import group_lags
from tests.world import CLOSED, RESTAURANT, USER, World, encoded, order

# Where `ingest dds` may be between two steps: see docs/guarantees.md.
PLACES = ("built", "opened", "rows_read", "produced", "sent", "finished")
QUICK_PLACES = ("built", "finished")


@pytest.mark.timeout(1500)
def test_killed_between_any_two_steps(own_world: World, tmp_path: Path) -> None:
    own_world.know(USER, RESTAURANT)
    own_world.environment |= {"DEFAULT_JOB_INTERVAL": "1"}
    places = (PLACES if FULL else QUICK_PLACES) * times(1, 5)
    process = Process(own_world, tmp_path, "dds", "dds")
    with supervised([process]) as running:
        for number, place in enumerate(places):
            own_world.send(encoded(order(number, statuses=CLOSED)))
            own_world.stg()
            process.start(kill_at=f"{place}:1")
            assert process.wait() == -signal.SIGKILL, process.said()[-1500:]
        running.wait_for(lambda: sent_up_to(own_world) == len(places), "all to be sent")
        running.until_working(again=True)
        running.stop()
    verdict = examine(own_world, len(places))
    table.add({"kill -9 of `ingest dds`": len(places)}, verdict.seen, verdict.lost, verdict.doubled)
    assert not verdict.wrong, "\n".join(verdict.wrong)
    group, topic = (
        own_world.settings.kafka_dds_consumer_group,
        own_world.settings.kafka_dds_src_topic,
    )
    lags = group_lags(own_world, group)
    assert {lag for (name, _), lag in lags.items() if name == topic} == {0}
