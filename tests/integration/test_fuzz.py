"""The whole ingestor and the warehouse behind it, given whatever comes."""

import os
from collections import Counter

from ingest.errors import RejectError
from ingest.orders.decode import SkippedError
from tests.as_sent import as_sent, enriched, exactly
from tests.convergence.comparison import assert_equals_model
from tests.dbt_project import DbtProject
from tests.fuzz import messages
from tests.world import World

# `make fuzz` asks for more.
COUNT = int(os.environ.get("FUZZ_INGEST", "3000"))
SEED = int(os.environ.get("FUZZ_SEED", "2"))
CHUNK = 10_000


def test_every_message_is_in_one_place_and_as_it_came(world: World, dbt: DbtProject) -> None:
    """Stored, duplicate, skipped or dead letter: as the pure functions say, message by message."""
    totals: Counter[str] = Counter()
    sent = list(messages(SEED, COUNT))
    for start in range(0, COUNT, CHUNK):
        world.send(*sent[start : start + CHUNK], partition=0)
        totals += world.stg(max_unknown_share=1)

    stored = {
        row["kafka_offset"]: row["payload"]
        for row in world.rows("select kafka_offset, payload::text from stg.order_events")
    }
    refused = {row["kafka_offset"]: row for row in world.dead_letters()}
    expected: Counter[str] = Counter()
    seen = set()
    wrong = 0
    for offset, raw in enumerate(sent):
        assert (offset in stored) + (offset in refused) <= 1
        try:
            event_id, payload = enriched(raw)
        except RejectError as error:
            expected[error.reason.value] += 1
            row = refused[offset]
            kept = None if row["message_value"] is None else bytes(row["message_value"])
            wrong += (row["reason"], kept) != (error.reason, raw)
            continue
        except SkippedError:
            expected["skipped"] += 1
            continue
        if event_id in seen:
            expected["duplicate"] += 1
            continue
        seen.add(event_id)
        expected["stored"] += 1
        assert exactly(stored[offset]) == exactly(payload)
        assert as_sent(stored[offset]) == as_sent(raw or b"")
    print(expected)
    assert wrong == 0
    assert totals == expected  # nothing among them that only Postgres refused
    assert expected.total() == COUNT
    assert len(stored) == expected["stored"]
    assert len(world.topic(world.settings.kafka_stg_dst_topic)) == expected["stored"]

    dbt.build(world)
    assert_equals_model(world)
