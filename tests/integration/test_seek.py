"""`ingest seek`: reading goes on where it says, and publishing too."""

import threading
import time
from collections import Counter

import pytest

from ingest import postgres as postgres_module
from ingest import store as store_module
from ingest.errors import OutageError, SettingsError, StopError
from ingest.operate import seek
from ingest.postgres import Postgres
from tests.integration.running import (
    as_advised,
    make_anew,
    next_offsets,
    positions,
    published,
    publishers,
    running,
    stored,
    until,
)
from tests.world import World, encoded, order, orders


def seek_source(world: World, to: str, partition: int | None = None) -> list[str]:
    return list(seek.run(world.settings, world.settings.kafka_stg_src_topic, partition, to))


def seek_onward(world: World, to: str) -> list[str]:
    return list(seek.run(world.settings, world.settings.kafka_stg_dst_topic, None, to))


def test_what_is_read_again_changes_nothing(world: World) -> None:
    world.send(*orders(range(20)), b"{", partition=0)
    world.send(*orders(range(50, 55)), partition=1)
    world.stg()
    before = world.rows("select * from stg.order_events"), world.dead_letters()
    topic = world.settings.kafka_stg_src_topic
    said = world.ingest("seek", topic, "--to", "beginning").stdout.splitlines()
    assert said == [f"{topic} [{number}] is read from offset 0" for number in range(3)]
    assert next_offsets(world) == {0: 0, 1: 0, 2: 0}
    assert world.stg() == Counter(duplicate=26)
    assert (world.rows("select * from stg.order_events"), world.dead_letters()) == before
    assert len(published(world)) == 25
    assert len(world.topic(world.settings.dead_letter_topic)) == 1


def test_a_stretch_of_one_partition_is_skipped_or_read_again(world: World) -> None:
    world.send(*orders(range(10)), partition=0)
    world.send(*orders(range(50, 55)), partition=1)
    seek_source(world, "6", 0)
    assert next_offsets(world) == {0: 6}
    assert world.stg() == Counter(stored=4 + 5)
    seek_source(world, "3", 0)
    assert world.stg() == Counter(stored=3, duplicate=4)
    world.send(*orders(range(100, 110)))
    seek_source(world, "end")
    assert world.stg() == Counter()


def test_what_is_not_there_is_refused_and_nothing_moves(world: World) -> None:
    world.send(*orders(range(10)), partition=0)
    world.stg()
    source, onward = world.settings.kafka_stg_src_topic, world.settings.kafka_stg_dst_topic
    for topic, partition, to, words in (
        (source, 0, "11", r"--to: .* \[0\] has the offsets 0 to 10"),
        (source, None, "7", r"--to: .* \[1\] has the offsets 0 to 0"),
        (source, 0, "-1", "--to"),
        (source, 0, "yesterday", "--to"),
        (source, 7, "0", r"--partition: .* has the partitions \[0, 1, 2\]"),
        (onward, 0, "0", "--partition: .* has one position for all"),
        (onward, None, "11", "--to: the positions of stg.order_events go from 0 to 10"),
        ("another-topic", None, "0", "is none of our topics"),
    ):
        with pytest.raises(SettingsError, match=words):
            list(seek.run(world.settings, topic, partition, to))
    assert next_offsets(world)[0] == 10
    assert world.stg() == Counter()


def test_a_loader_at_work_notices_at_once(world: World) -> None:
    """Also if nothing comes. What is on its way meanwhile is lost neither."""
    world.send(*orders(range(20)), partition=0)
    with running(world, batch_size=3) as service:
        until(lambda: stored(world) == 20, "the loader at work")
        seek_source(world, "beginning")
        began = time.monotonic()
        until(lambda: service.totals["duplicate"] == 20, "everything read again")
        assert time.monotonic() - began < 10
        sender = threading.Thread(target=lambda: world.send(*orders(range(100, 400)), partition=0))
        sender.start()
        seek_source(world, "beginning")
        sender.join()
        until(lambda: stored(world) == 320, "everything that was sent")
    until(lambda: next_offsets(world)[0] == 320, "the end")


def test_a_batch_that_is_being_stored_is_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For so long as others are waited for; who is frozen in the middle of COPY has his end."""
    monkeypatch.setattr(postgres_module, "LOCK_TIMEOUT", 1)
    world.stg()
    with Postgres(world.settings, "test") as postgres, postgres.transaction() as cursor:
        cursor.execute("update stg.source_progress set next_offset = next_offset")
        mover = threading.Thread(target=lambda: seek_source(world, "beginning"))
        mover.start()
        time.sleep(1.5)  # beyond one attempt
        assert mover.is_alive()
    mover.join(10)
    assert not mover.is_alive()
    monkeypatch.setattr(store_module, "ATTEMPTS", 1)
    with Postgres(world.settings, "test") as postgres, postgres.transaction() as cursor:
        cursor.execute("select * from stg.source_progress for update")
        with pytest.raises(OutageError, match="others are in the way of each attempt: canceling"):
            seek_source(world, "beginning")
        with pytest.raises(OutageError, match="Postgres: canceling statement due to lock timeout"):
            impatient(world)


def impatient(world: World) -> None:
    """A statement of ours that nobody repeats."""
    with Postgres(world.settings, "test") as postgres:
        postgres.query("delete from stg.source_progress")


def test_what_is_above_the_position_is_published_again_and_nothing_below(world: World) -> None:
    world.send(*orders(range(10)), partition=0)
    world.stg()
    (said,) = seek_onward(world, "6")
    assert said.endswith("is published from position 6 of stg.order_events on")
    world.stg()
    assert sorted(published(world)) == sorted([*range(1, 11), *range(7, 11)])
    seek_onward(world, "beginning")
    world.stg()
    assert Counter(published(world)) == Counter({n: 2 if n < 7 else 3 for n in range(1, 11)})
    seek_onward(world, "end")
    world.send(encoded(order(20)))
    world.stg()
    assert max(Counter(published(world)).values()) == 3
    assert published(world).count(11) == 1


def test_rows_that_are_left_out_of_a_topic_stay_out(world: World) -> None:
    """As those of a warehouse that was filled by other means; nobody takes it for lost commits."""
    world.execute(
        "insert into stg.order_events (event_id, object_id, object_type, sent_dttm, payload,"
        " kafka_topic, kafka_partition, kafka_offset) select gen_random_uuid(), n, 'order',"
        " now(), '{}', 'other', 0, n from generate_series(1, 5) as n"
    )
    seek_onward(world, "end")
    world.send(encoded(order(20)))
    assert world.stg() == Counter(stored=1)
    assert published(world) == [6]


def test_it_is_refused_while_somebody_publishes(world: World) -> None:
    with running(world):
        until(lambda: publishers(world), "somebody who publishes")
        with pytest.raises(StopError, match=r"somebody publishes .*: stop it first"):
            seek_onward(world, "end")


def test_a_topic_made_anew_is_filled_from_the_first_row_or_goes_on(world: World) -> None:
    onward, letters = world.settings.kafka_stg_dst_topic, world.settings.dead_letter_topic
    world.send(*orders(range(10)), b"{")
    world.stg()
    for topic in (onward, letters):
        make_anew(world, topic)
    with pytest.raises(StopError, match=f"the topic {onward} was made anew") as stopped:
        world.stg()
    assert f"`ingest seek {onward} --to 10`" in str(stopped.value)  # what comes next
    as_advised(world, stopped.value)
    with pytest.raises(StopError, match=f"the topic {letters} was made anew") as stopped:
        world.stg()
    list(seek.run(world.settings, letters, None, "end"))
    world.stg()
    assert sorted(published(world)) == list(range(1, 11))
    assert positions(world, letters) == []


def test_an_outbox_that_is_not_there_yet_is_named(world: World) -> None:
    with pytest.raises(StopError, match=r"there is no dds\.outbox yet"):
        list(seek.run(world.settings, world.settings.kafka_dds_dst_topic, None, "0"))
