"""How far the source has been read lies in Postgres, beside what was read, and nowhere else."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka.admin import AdminClient

from ingest.errors import OutageError, StopError
from ingest.kafka.admin import Admin
from ingest.kafka.client import configuration
from ingest.kafka.consumer import GroupConsumer
from ingest.postgres import Postgres
from ingest.services import run_stg
from ingest.store import store
from sandbox.kafka_tools import group_lags
from tests.integration.batches import batch_of, ready
from tests.integration.running import (
    as_advised,
    make_anew,
    move_group,
    next_offsets,
    published,
    running,
    stored,
    until,
)
from tests.world import World, orders


def counted(world: World) -> tuple[int, int]:
    """How many events and dead letters there are."""
    return stored(world), len(world.dead_letters())


# --- two with one partition -----------------------------------------------------------------------


def test_of_what_another_one_has_stored_a_stale_owner_drops_its_copy(world: World) -> None:
    """He was frozen or cut off from the group, and another one has had his partition since."""
    source = ready(world)
    with Postgres(world.settings, "one") as one, Postgres(world.settings, "two") as two:
        store(one, batch_of(world, range(5), 0, bad=(3,)), source)
        # He began before that, and went on to offset 2 by himself.
        batch = batch_of(world, range(8), 0, bad=(2, 3, 6))
        counts = store(two, batch, source)
        assert +counts == Counter(stored=2, unknown_user=1)
        # Also of a batch that lies whole behind us, and nothing moves back.
        assert +store(one, batch_of(world, range(4), 0), source) == Counter()
    assert (stored(world), len(world.dead_letters())) == (6, 2)
    assert next_offsets(world)[0] == 8
    assert world.value("select sum(duplicates) from stg.source_progress") == 0


def test_several_that_store_the_same_stretch_at_once_store_it_once(world: World) -> None:
    """What the slower one brings is looked at when the other has ended."""
    source, became = ready(world), Counter[str]()

    def load(longer: int) -> None:
        counts = Counter[str]()
        with Postgres(world.settings, f"loader {longer}") as postgres:
            for began in range(0, 400, 20):
                end = min(began + 20 + longer, 400)
                counts += store(postgres, batch_of(world, range(began, end), began), source)
        became.update(counts)

    threads = [threading.Thread(target=load, args=(longer,)) for longer in (0, 7, 14)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert +became == Counter(stored=400)
    assert stored(world) == next_offsets(world)[0] == 400


def test_what_several_read_at_once_is_counted_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Repeats and what is skipped: no key of theirs in Postgres would tell that they are there."""
    source = ready(world)
    with Postgres(world.settings, "loader") as postgres:
        store(postgres, batch_of(world, range(5), 0), source)
    repeated = batch_of(world, range(5), 5)
    batch = replace(repeated, ends={0: 11}, skipped=[(0, 10)])
    monkeypatch.setattr("ingest.store.failpoint", lambda place: time.sleep(0.5))

    def load() -> None:
        with Postgres(world.settings, "loader") as postgres:
            store(postgres, batch, source)

    threads = [threading.Thread(target=load) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = world.rows(
        "select duplicates, skipped from stg.source_progress where next_offset = 11"
    )
    assert counted == [{"duplicates": 5, "skipped": 1}]


def test_a_postgres_that_stands_before_us_has_lost_commits(world: World) -> None:
    source = ready(world)
    with Postgres(world.settings, "test") as postgres:
        store(postgres, batch_of(world, range(5), 0), source)
        world.execute("update stg.source_progress set next_offset = 3")
        with pytest.raises(OutageError, match="stands at offset 3, it was at 5"):
            store(postgres, batch_of(world, range(5, 8), 5), source)
        other = replace(source, topic_id="another")
        with pytest.raises(OutageError, match="commits were lost, or somebody moved it"):
            store(postgres, batch_of(world, range(3, 8), 3), other)
        world.execute("delete from stg.source_progress")
        with pytest.raises(OutageError, match="are gone"):
            store(postgres, batch_of(world, range(5, 8), 5), source)
    assert stored(world) == 5


# --- the group's offsets --------------------------------------------------------------------------


@pytest.mark.timeout(120)  # who asks the group waits for ever
def test_offsets_of_the_group_that_somebody_moves_change_nothing(world: World) -> None:
    world.send(*orders(range(20)), partition=0)
    assert world.stg() == Counter(stored=20)
    world.send(*orders(range(20, 30)), partition=0)
    move_group(world, "--to-earliest")
    assert world.stg() == Counter(stored=10)
    world.send(*orders(range(30, 40)), partition=0)
    move_group(world, "--to-latest")
    assert world.stg() == Counter(stored=10)
    group = world.settings.kafka_stg_consumer_group
    client = AdminClient(configuration(world.settings))
    client.delete_consumer_groups([group])[group].result()
    world.send(*orders(range(40, 50)), partition=0)
    assert world.stg() == Counter(stored=10)
    assert len(published(world)) == 50


def test_offsets_of_the_group_that_somebody_moves_meanwhile_change_nothing(world: World) -> None:
    """And the group rebalances then, when a consumer would ask for them."""
    sent = 0

    def load_more() -> None:
        nonlocal sent
        world.send(*orders(range(sent, sent + 30)))
        sent += 30
        until(lambda: stored(world) == sent, "what was sent")

    with running(world) as first:
        for offset in (0, 1, 1000):
            load_more()
            commit_as_nobody(world, dict.fromkeys(range(3), offset))
            with running(world) as second:
                until(lambda: members(world) == 2, "the second one in the group")
                load_more()
                assert second.lives
        assert first.lives
    world.stg()
    assert stored(world) == len(published(world)) == sent
    assert world.value("select sum(duplicates) from stg.source_progress") == 0


def commit_as_nobody(world: World, offsets: dict[int, int]) -> None:
    """Commit in a transaction of somebody who is no member: Kafka takes it while there are some."""
    topic, group = world.settings.kafka_stg_src_topic, world.settings.kafka_stg_consumer_group
    nobody = Consumer({**configuration(world.settings), "group.id": group})
    other = world.begun()
    places = [TopicPartition(topic, *place) for place in offsets.items()]
    other.send_offsets_to_transaction(places, nobody.consumer_group_metadata(), 30)
    other.commit_transaction()
    nobody.close()


def test_the_group_is_told_when_postgres_has_committed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever watches its lag never sees less than there is to do."""
    world.send(*orders(range(5)), partition=0)
    topic, group = world.settings.kafka_stg_src_topic, world.settings.kafka_stg_consumer_group
    before: list[int | None] = []

    def looks(*arguments: Any) -> Counter[str]:
        before.append(group_lags(world.servers, group).get((topic, 0)))
        return store(*arguments)

    monkeypatch.setattr("ingest.loader.store", looks)
    assert world.stg()["stored"] == 5
    assert before[0] in (None, 5)
    assert group_lags(world.servers, group)[topic, 0] == 0


def refused(consumer: GroupConsumer, offsets: dict[int, int]) -> None:
    """As by a group that rebalances."""
    consumer._on_commit(KafkaError(KafkaError.REBALANCE_IN_PROGRESS), [])


def overtaken(consumer: GroupConsumer, offsets: dict[int, int]) -> None:
    """By an older commit that has timed out and comes once more."""
    consumer.commit(offsets)
    consumer.commit(dict.fromkeys(offsets, 0))


@pytest.mark.parametrize("lost", [refused, overtaken])
def test_what_the_group_has_not_taken_it_is_told_again(
    world: World, monkeypatch: pytest.MonkeyPatch, lost: Callable[..., None]
) -> None:
    """Though nothing comes any more: else its lag would stay for ever."""
    commits: list[dict[int, int]] = []

    def commit(self: GroupConsumer, offsets: dict[int, int]) -> None:
        if offsets:
            commits.append(offsets)
            monkeypatch.undo()
            lost(self, offsets)

    topic, group = world.settings.kafka_stg_src_topic, world.settings.kafka_stg_consumer_group
    with running(world):
        until(lambda: group_lags(world.servers, group).get((topic, 0)) == 0, "a group that is told")
        monkeypatch.setattr(GroupConsumer, "commit", commit)
        world.send(*orders([1]), partition=0)
        until(lambda: bool(commits), "a commit that is lost")
        until(lambda: group_lags(world.servers, group)[topic, 0] == 0, "lag 0")
    assert [offsets[0] for offsets in commits] == [1]


def test_a_new_group_goes_on_where_the_old_one_was(world: World) -> None:
    world.send(*orders(range(10)))
    world.stg()
    world.environment["KAFKA_STG_CONSUMER_GROUP"] += "-new"
    world.send(*orders(range(10, 15)))
    assert world.stg() == Counter(stored=5)


# --- Postgres has other offsets -------------------------------------------------------------------


def test_commits_that_postgres_loses_under_a_loader_are_loaded_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Also if nothing comes any more, which would make it look."""
    world.send(*orders(range(10)), partition=0)
    with running(world):
        until(lambda: stored(world) == 10, "the loader at work")
        # What a fail-over to a standby that was behind comes to.
        world.execute(
            "with lost as (delete from stg.order_events where kafka_offset >= 6)"
            " update stg.source_progress set next_offset = 6 where kafka_partition = 0"
        )
        began = time.monotonic()
        until(lambda: stored(world) == 10, "what was lost")
        assert time.monotonic() - began < 10
    assert "stands at the offsets {0: 6, 1: 0, 2: 0}" in caplog.text
    assert next_offsets(world)[0] == 10


def test_an_offset_that_is_moved_forward_under_a_loader_is_noticed(world: World) -> None:
    world.send(*orders(range(10)), partition=0)
    with running(world) as service:
        until(lambda: stored(world) == 10, "the loader at work")
        world.execute("update stg.source_progress set next_offset = 9 where kafka_partition = 0")
        until(lambda: service.totals["duplicate"] == 1, "the last one read again")
    assert world.value("select count(*) from stg.order_events") == 10


# --- the topic is not what it was -----------------------------------------------------------------


def test_messages_that_kafka_deleted_unread_stop_it_and_the_command_goes_on(world: World) -> None:
    topic = world.settings.kafka_stg_src_topic
    world.send(*orders(range(5)), partition=0)
    world.stg()
    world.send(*orders(range(5, 10)), partition=0)
    world.send(*orders(range(20, 25)), partition=1)
    client = AdminClient(configuration(world.settings))
    for future in client.delete_records([TopicPartition(topic, 0, 8)]).values():
        future.result()
    with pytest.raises(StopError, match=r"deleted messages.*next offset is 5.*first one left 8"):
        world.stg()
    assert "[0] is read from offset 8" in as_advised(world, _stopped(world))
    assert world.stg() == Counter(stored=7)


def test_a_partition_that_begins_later_is_read_from_its_beginning(world: World) -> None:
    """Nobody has lost what was deleted before anybody began to read."""
    topic = world.settings.kafka_stg_src_topic
    world.send(*orders(range(10)), partition=0)
    client = AdminClient(configuration(world.settings))
    for future in client.delete_records([TopicPartition(topic, 0, 8)]).values():
        future.result()
    assert world.stg() == Counter(stored=2)


def test_a_topic_that_ends_before_what_was_read_stops_it_and_the_command_goes_on(
    world: World,
) -> None:
    world.send(*orders(range(5)), partition=0)
    world.stg()
    world.execute("update stg.source_progress set next_offset = 9 where kafka_partition = 0")
    error = _stopped(world)
    assert "lost messages" in str(error)
    assert "ends at offset 5 and has been read up to 9" in str(error)
    assert "[0] is read from offset 5" in as_advised(world, error)
    world.send(*orders(range(5, 8)), partition=0)
    assert world.stg() == Counter(stored=3)


def test_a_topic_made_anew_stops_it_and_is_loaded_after_the_command(world: World) -> None:
    """With the same offsets; a dead letter there is another one."""
    world.send(*orders(range(3)), b"{", partition=0)
    world.stg()
    make_anew(world, world.settings.kafka_stg_src_topic)
    world.send(*orders(range(3)), b"[", *orders(range(10, 13)), partition=0)
    error = _stopped(world)
    assert "was made anew" in str(error)
    as_advised(world, error)
    assert world.stg() == Counter(stored=3, duplicate=3, malformed_json=1)
    assert [bytes(row["message_value"]) for row in world.dead_letters()] == [b"{", b"["]
    assert len(published(world)) == 6


def test_a_topic_made_anew_under_a_loader_stops_it_and_is_loaded_after_the_command(
    world: World,
) -> None:
    """Kafka's client reads on across both, and skips what it takes for read."""
    world.send(*orders(range(30)), partition=0)
    with running(world) as service:
        until(lambda: stored(world) == 30, "the loader at work")
        make_anew(world, world.settings.kafka_stg_src_topic)
        world.send(*orders(range(100, 160)), partition=0)
        error = service.ended()
    assert isinstance(error, StopError)
    if "made anew" not in str(error):  # it has looked while there was none
        assert "no such topic" in str(error)
        error = _stopped(world)
    assert stored(world) == 30
    as_advised(world, error)
    assert world.stg() == Counter(stored=60)
    assert len(published(world)) == 90


def members(world: World) -> int:
    return Admin(world.settings).group_members(world.settings.kafka_stg_consumer_group)


def _stopped(world: World) -> StopError:
    """What stops `ingest stg`."""
    with pytest.raises(StopError) as raised:
        world.stg()
    return raised.value


# --- a group that comes and goes ------------------------------------------------------------------


def test_loaders_that_come_and_go_lose_and_double_nothing(world: World) -> None:
    sent = 0

    def send_more() -> bool:
        nonlocal sent
        for partition in range(3):
            world.send(*orders(range(sent, sent + 100)), partition=partition)
            sent += 100
        return True

    def send_until(happened: Callable[[], bool], what: str) -> None:
        until(lambda: send_more() and happened(), what)

    with running(world, batch_size=50) as first:
        send_until(lambda: first.totals["stored"] > 200, "the first one at work")
        with running(world, batch_size=50) as second:
            send_until(lambda: second.totals["stored"] > 200, "the second one at work")
            at_work = first.totals["stored"]
            send_until(lambda: first.totals["stored"] > at_work, "the first one beside it")
        send_until(lambda: first.totals["stored"] > at_work + 200, "the first one alone")
    counts = first.totals + second.totals + world.stg()
    assert counts == Counter(stored=sent)
    assert sum(next_offsets(world).values()) == sent
    there = published(world)
    assert len(there) == len(set(there)) == sent


def test_two_that_end_when_all_is_there_share_the_work(world: World) -> None:
    """The same events lie in two partitions, in opposite orders."""
    raws = list(orders(range(400)))
    world.send(*raws, partition=0)
    world.send(*reversed(raws), partition=1)
    counts = []

    def once() -> None:
        settings = world.settings.model_copy(update={"batch_size": 50})
        counts.append(run_stg(settings, once=True, stop=threading.Event()))

    threads = [threading.Thread(target=once) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts.append(world.stg())  # whoever came late to the group
    assert sum(counts, Counter()) == Counter(stored=400, duplicate=400)
    there = published(world)
    assert len(there) == len(set(there)) == 400
