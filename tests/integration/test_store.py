"""One batch into Postgres: all of it or nothing, and only into a server that is known."""

from collections import Counter
from dataclasses import replace

import psycopg2
import pytest

from ingest.errors import OutageError, StopError
from ingest.postgres import Postgres
from ingest.store import Batch, Source, store
from tests.integration.batches import batch_of, ready
from tests.integration.running import next_offsets, stored
from tests.world import World

SOURCE_IS_FULL = """
create function public.fail() returns trigger language plpgsql
as $$ begin raise exception 'broken on purpose' using errcode = '{}'; end $$;
create trigger broken before update on stg.source_progress
for each statement execute function public.fail();
"""


def stored_as(world: World, batch: Batch, source: Source) -> Counter[str]:
    with Postgres(world.settings, "test") as postgres:
        return +store(postgres, batch, source)


def everything(world: World) -> tuple[int, int, dict[int, int]]:
    return stored(world), len(world.dead_letters()), next_offsets(world)


@pytest.mark.parametrize(
    ("code", "error"),
    [("53100", OutageError), ("42501", StopError), ("22023", psycopg2.DataError)],
    ids=["a full disk", "a missing grant", "a data error that is nobody's"],
)
def test_a_batch_is_stored_whole_or_not_at_all(
    world: World, code: str, error: type[Exception]
) -> None:
    source = ready(world)
    before = everything(world)
    world.execute(SOURCE_IS_FULL.format(code))
    batch = batch_of(world, range(5), 0, bad=(3,))
    with pytest.raises(error, match="broken on purpose"):
        stored_as(world, batch, source)
    assert everything(world) == before
    world.execute("drop trigger broken on stg.source_progress")
    assert stored_as(world, batch, source) == {"stored": 4, "unknown_user": 1}
    assert everything(world) == (4, 1, {**before[2], 0: 5})


@pytest.mark.parametrize(
    "is_closed",
    [
        "compared_with = null",
        "compared_with = pg_postmaster_start_time() - interval '1 us'",
        "compared_with = null where topic like '%.dlq'",
    ],
    ids=["never", "before it was started", "with one of two topics"],
)
def test_nothing_is_stored_in_a_server_that_was_not_compared_with_the_topics(
    world: World, is_closed: str
) -> None:
    """It may have lost commits whose rows are in the topics."""
    source = ready(world)
    before = everything(world)
    world.execute(f"update stg.publications set {is_closed}")
    with pytest.raises(OutageError, match="not yet compared with the topics"):
        stored_as(world, batch_of(world, range(5), 0, bad=(3,)), source)
    assert everything(world) == before


def test_offsets_that_nobody_is_given_count_as_read(world: World) -> None:
    """Markers of transactions, and messages that were taken back."""
    source = ready(world)
    before = next_offsets(world)
    assert stored_as(world, Batch({0: 0, 2: 0}, {0: 5, 2: 7}, [], [], []), source) == {}
    assert next_offsets(world) == {**before, 0: 5, 2: 7}
    behind = replace(batch_of(world, [1], 5), ends={0: 9})
    assert stored_as(world, behind, source) == {"stored": 1}
    assert next_offsets(world)[0] == 9


def test_a_dead_letter_that_is_read_again_changes_nothing(world: World) -> None:
    source = ready(world)
    batch = batch_of(world, [1, 2], 0, bad=(1, 2))
    assert stored_as(world, batch, source) == {"unknown_user": 2}
    before = world.dead_letters()
    world.execute("update stg.source_progress set next_offset = 0")
    assert stored_as(world, batch, source) == {"duplicate": 2}
    assert world.dead_letters() == before


def test_a_topic_made_anew_has_other_messages_at_the_same_offsets(world: World) -> None:
    source = ready(world)
    batch = batch_of(world, [1], 0, bad=(1,))
    stored_as(world, batch, source)
    world.execute("update stg.source_progress set next_offset = 0, topic_id = 'new'")
    with pytest.raises(OutageError, match="somebody moved it"):
        stored_as(world, batch, source)
    assert stored_as(world, batch, replace(source, topic_id="new")) == {"unknown_user": 1}
    assert [row["topic_id"] for row in world.dead_letters()] == [source.topic_id, "new"]


def test_events_and_dead_letters_draw_from_one_sequence(world: World) -> None:
    source = ready(world)
    stored_as(world, batch_of(world, range(6), 0, bad=(1, 4)), source)
    stored_as(world, batch_of(world, range(6, 9), 6, bad=(7,)), source)
    drawn = world.rows(
        "select position from stg.order_events union all select position from stg.dead_letters"
    )
    assert sorted(row["position"] for row in drawn) == list(range(1, 10))
