"""Every kind of bad input through the real `ingest stg`: alone, and among good neighbours."""

from collections import Counter

import pytest

from ingest.kafka.client import headers_of
from ingest.kafka.message import Received
from tests.as_sent import as_sent, exactly
from tests.bad_input import ALL, OK, REFERENCES, SKIPPED
from tests.convergence.comparison import assert_equals_model
from tests.dbt_project import DbtProject
from tests.topics import new_source
from tests.world import World, encoded, order


@pytest.mark.parametrize("batch_size", [1, 3, 10_000])
def test_bad_input_gets_its_reason_and_costs_no_neighbour(world: World, batch_size: int) -> None:
    # The source's limit is the producer's business; ours is MAX_MESSAGE_BYTES.
    new_source(world, **{"max.message.bytes": "4000000"})
    for key, value in REFERENCES.items():
        world.redis.set(key, value)
    neighbours = [encoded(order(1000 + number)) for number in range(len(ALL) + 1)]
    pairs = zip(neighbours, (case.value for case in ALL), strict=False)
    world.send(*(value for pair in pairs for value in pair), neighbours[-1], partition=0)

    # So many are bad on purpose that their share must not look like an outage.
    totals = world.stg(batch_size=batch_size, max_unknown_share=1)

    outcomes = Counter(case.outcome for case in ALL)
    assert totals.pop("stored") == outcomes.pop(OK) + len(neighbours)
    assert totals.pop(SKIPPED) == outcomes.pop(SKIPPED)
    assert +totals == outcomes

    found = {row["kafka_offset"]: row for row in world.dead_letters()}
    stored = {
        row["kafka_offset"]: row["payload"]
        for row in world.rows("select kafka_offset, payload::text from stg.order_events")
    }
    onward = {
        int((header(m, "source") or b"").split(b"/")[2]): m.value() or b""
        for m in world.topic(world.settings.kafka_stg_dst_topic)
    }
    copies = {
        int(header(m, "__connect.errors.offset") or b""): m
        for m in world.topic(world.settings.dead_letter_topic)
    }
    assert len(onward) == len(stored)
    assert copies.keys() == found.keys()
    for number, case in enumerate(ALL):
        offset = 2 * number + 1
        if case.outcome == OK:
            assert exactly(stored[offset]) == exactly(onward[offset]), case.name
            assert as_sent(onward[offset]) == as_sent(case.value or b""), case.name
        elif case.outcome != SKIPPED:
            row = found[offset]
            assert row["reason"] == row["first_reason"] == case.outcome, case.name
            assert case.path in row["detail"], case.name
            kept = row["message_value"]
            assert (None if kept is None else bytes(kept)) == case.value, case.name
            assert copies[offset].value() == case.value, case.name


def header(message: Received, name: str) -> bytes | None:
    return dict(headers_of(message))[name]


def test_the_warehouse_takes_every_stored_message(world: World, dbt: DbtProject) -> None:
    """What passes the checks never fails later, where it would stop everybody."""
    for key, value in REFERENCES.items():
        world.redis.set(key, value)
    world.send(*(case.value for case in ALL if case.outcome == OK))
    world.stg()
    dbt.build(world)
    assert_equals_model(world)
