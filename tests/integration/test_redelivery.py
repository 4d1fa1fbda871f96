"""What a redelivery does: Postgres decides the content, coordinates decide whether to publish."""

import threading
import time

import pytest
from confluent_kafka import Message, TopicPartition
from confluent_kafka.admin import AdminClient

from ingest import stg as stg_module
from ingest.agreement import Agreement, failed_of, origin_of
from ingest.deliveries import Place
from ingest.errors import OutageError, StopError
from ingest.kafka.broker import Broker
from ingest.kafka.client import configuration
from ingest.kafka.producer import Record, TransactionalProducer
from ingest.kafka.reader import committed_offsets, end_offsets, outsider
from ingest.kafka.source import Batch, Source
from ingest.postgres import Postgres
from tests.world import USER, World, encoded, order, orders


class Died(Exception):  # noqa: N818 (not an error: a process that ends here)
    """The process ends between Postgres and Kafka."""


def die_before_publishing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load a batch into Postgres, and go before its Kafka transaction."""

    def dies(*_: object) -> None:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(TransactionalProducer, "send", dies)
        with pytest.raises(Died):
            world.stg()


def test_a_process_that_is_old_does_not_trust_what_it_read_when_it_began(world: World) -> None:
    """A group moved back while all ingestors were frozen: it has looked at the topic long ago."""
    settings = world.settings.model_copy(update={"batch_size": 5})
    with Postgres(settings, "test") as postgres:
        agreement = Agreement(settings, postgres)
        place = (settings.kafka_stg_src_topic, 0)
        agreement.check({place: None})
        world.send(*[b"{"] * 20, partition=0)
        world.stg()
        Broker(settings).set_group_offsets(settings.kafka_stg_consumer_group, {place: 0})
        with pytest.raises(StopError, match="moved back"):
            agreement.check({place: 0})


@pytest.mark.parametrize("stood_at", [None, 0])
def test_a_group_that_has_gone_on_while_it_is_looked_at_was_not_moved_back(
    stood_at: int | None, world: World
) -> None:
    """Whoever was frozen or thrown out of the group takes a peer's partition for his own."""
    settings = world.settings.model_copy(update={"batch_size": 5})
    place = (settings.kafka_stg_src_topic, 0)
    world.send(*[b"{"] * 20, partition=0)
    world.stg(batch_size=5)
    with Postgres(settings, "test") as postgres:
        Agreement(settings, postgres).check({place: stood_at})


def test_only_the_partitions_that_came_are_asked_for(world: World) -> None:
    """Offsets of another one may be in a transaction that nobody ends."""
    topic, group = world.settings.kafka_stg_src_topic, world.settings.kafka_stg_consumer_group
    other = world.begun()
    theirs = [TopicPartition(topic, 0, 1)]
    other.send_offsets_to_transaction(theirs, outsider(world.settings, group), 30)
    world.send(b"{", partition=1)
    with Postgres(world.settings, "test") as postgres:
        Agreement(world.settings, postgres).check({(topic, 1): None})
    other.abort_transaction()


def test_a_batch_stored_and_not_published_is_published_as_it_was_stored(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.send(encoded(order(1)), b"{")
    die_before_publishing(world, monkeypatch)
    assert world.onward() == []
    world.know({**USER, "name": "another name by now"})
    assert world.stg()["stored"] == 1
    (sent,) = world.onward()
    assert sent["payload"]["user"]["name"] == USER["name"]
    assert sent == world.rows("select payload from stg.order_events")[0]["payload"]
    assert len(world.dead_letters()) == len(world.topic(world.settings.dead_letter_topic)) == 1
    assert world.dead_letters()[0]["attempts"] == 1


def test_a_batch_whose_user_is_gone_by_now_is_published_as_it_was_stored(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.send(encoded(order(1)))
    die_before_publishing(world, monkeypatch)
    world.redis.delete("user-1")
    assert world.stg()["stored"] == 1
    assert len(world.onward()) == 1
    assert world.dead_letters() == []


@pytest.mark.parametrize("replayed", [True, False], ids=["by another one", "by itself"])
def test_a_batch_rejected_and_not_published_is_published_as_it_was_rejected(
    replayed: bool, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it lacked has come meanwhile, and another ingestor may have replayed it."""
    world.redis.delete("user-1")
    world.send(encoded(order(1)))
    die_before_publishing(world, monkeypatch)
    world.know(USER)
    group, source = world.settings.kafka_stg_consumer_group, world.settings.kafka_stg_src_topic
    if replayed:
        world.ingest("dead-letters", "replay", "--all")
        with monkeypatch.context() as patched:  # the source's partitions are another one's
            patched.setattr(Source, "_take", retries_only)
            world.stg()
        offsets = {(source, number): 0 for number in range(3)}
        Broker(world.settings).set_group_offsets(group, offsets)
    world.stg()
    assert len(world.onward()) == 1
    (letter,) = world.topic(world.settings.dead_letter_topic)
    assert origin_of(letter)[0] == source
    assert [row["resolution"] for row in world.dead_letters()] == ["stored"]
    assert world.value("select sum(duplicates) from stg.source_progress") == 0


def test_a_replay_rejected_and_not_published_is_published_as_it_was_rejected(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.redis.delete("user-1")
    world.environment["REFERENCE_RETRY_SECONDS"] = "3600"  # nobody looks but us
    world.send(encoded(order(1)))
    world.stg()
    world.ingest("dead-letters", "replay", "--all")
    die_before_publishing(world, monkeypatch)
    world.know(USER)
    assert world.stg()["unknown_user"] == 1
    world.ingest("dead-letters", "replay", "--all")
    assert world.stg()["stored"] == 1
    letters = [failed_of(letter)[0] for letter in world.topic(world.settings.dead_letter_topic)]
    assert letters == [world.settings.kafka_stg_src_topic, world.settings.retry_topic]
    assert [(row["attempts"], row["resolution"]) for row in world.dead_letters()] == [(2, "stored")]


@pytest.mark.parametrize("other", [encoded(order(1)), b"["], ids=["a good one", "a bad one"])
def test_another_message_where_a_dead_letter_was_is_not_taken_for_it(
    other: bytes, world: World
) -> None:
    """A topic that was made anew begins with the same offsets."""
    topic, group = world.settings.kafka_stg_src_topic, world.settings.kafka_stg_consumer_group
    world.send(b"{", partition=0)
    world.stg()
    admin = AdminClient(configuration(world.settings))
    admin.delete_topics([topic])[topic].result()
    while topic in admin.list_topics(timeout=10).topics:
        time.sleep(0.1)
    Broker(world.settings).create_topics()
    world.send(other, partition=0)
    Broker(world.settings).set_group_offsets(group, {(topic, 0): 0})
    became = world.stg()
    letters = [bytes(row["message_value"]) for row in world.dead_letters()]
    assert (became["stored"], letters) in [(1, [b"{"]), (0, [b"{", other])]


def retries_only(source: Source, message: Message, batch: Batch) -> None:
    if (message.topic() or "").endswith(".retry") or message.error():
        take(source, message, batch)


take = Source._take


def test_a_repeat_in_the_source_publishes_nothing(world: World) -> None:
    raw = encoded(order(1))
    world.send(raw, raw, raw)
    totals = world.stg()
    assert (totals["stored"], totals["duplicate"]) == (1, 2)
    world.send(raw)
    assert world.stg()["duplicate"] == 1
    assert len(world.onward()) == 1
    assert world.value("select sum(duplicates) from stg.source_progress") == 3


def test_a_repeat_is_counted_once_however_often_it_is_delivered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = encoded(order(1))
    world.send(raw, raw)
    for _ in range(3):
        die_before_publishing(world, monkeypatch)
    world.stg()
    assert world.value("select sum(duplicates) from stg.source_progress") == 1


def test_lag_reaches_zero_behind_transaction_markers(world: World) -> None:
    """The source may be transactional itself; the marker at the end counts as an offset."""
    source = world.settings.kafka_stg_src_topic
    with TransactionalProducer(world.settings, f"{world.name}-source") as producer:
        producer.send([Record(source, b"k", encoded(order(n)), []) for n in range(5)])
    world.stg()
    group = world.settings.kafka_stg_consumer_group
    assert committed_offsets(world.settings, group, [source]) == end_offsets(
        world.settings, [source]
    )
    assert world.stg()["stored"] == 0  # and the warehouse agrees with the group about it


def test_two_ingestors_store_an_event_that_comes_twice_once(world: World) -> None:
    """The same bytes in two partitions, read by two processes at the same time."""
    raws = [encoded(order(number)) for number in range(3000)]
    world.send(*raws, partition=0)
    world.send(*reversed(raws), partition=1)
    totals = []

    def ingest(instance: str) -> None:
        settings = world.settings.model_copy(update={"instance_id": instance, "batch_size": 50})
        totals.append(stg_module.run(settings, once=True, stop=threading.Event()))

    threads = [threading.Thread(target=ingest, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    totals.append(world.stg())  # whoever came late to the group
    assert sum(total["stored"] for total in totals) == 3000
    assert sum(total["duplicate"] for total in totals) == 3000
    ids = [
        dict(message.headers)["event_id"]
        for message in world.topic(world.settings.kafka_stg_dst_topic)
    ]
    assert len(ids) == len(set(ids)) == 3000


def test_a_group_that_was_deleted_is_noticed(world: World) -> None:
    world.send(encoded(order(1)))
    world.stg()
    delete_group(world)
    with pytest.raises(StopError, match="has no offset in"):
        world.stg()
    world.ingest("recover")
    world.send(encoded(order(2)))
    assert world.stg()["stored"] == 1
    assert len(world.onward()) == 2


def test_a_replay_that_was_rejected_is_not_sent_again_though_the_group_was_deleted(
    world: World,
) -> None:
    world.environment["REFERENCE_RETRY_SECONDS"] = "3600"
    world.redis.delete("user-1")
    world.send(encoded(order(1)))
    world.stg()
    world.ingest("dead-letters", "replay", "--all")
    world.stg()
    delete_group(world)
    world.ingest("recover")
    world.stg()
    assert len(world.topic(world.settings.dead_letter_topic)) == 2
    assert [row["attempts"] for row in world.dead_letters()] == [2]


def delete_group(world: World) -> None:
    group = world.settings.kafka_stg_consumer_group
    client = AdminClient(configuration(world.settings))
    client.delete_consumer_groups([group])[group].result()


def test_an_offset_that_was_moved_back_is_noticed(world: World) -> None:
    world.send(*(encoded(order(number)) for number in range(20)), partition=0)
    world.stg(batch_size=5)
    place = (world.settings.kafka_stg_src_topic, 0)
    group = world.settings.kafka_stg_consumer_group
    Broker(world.settings).set_group_offsets(group, {place: 0})
    with pytest.raises(StopError, match="moved back"):
        world.stg(batch_size=5)
    assert "goes on with offset 20" in world.ingest("recover").stdout
    assert committed_offsets(world.settings, group, [place[0]])[place] == 20
    world.stg(batch_size=5)
    assert len(world.onward()) == 20


def test_messages_that_kafka_deleted_unread_are_noticed(world: World) -> None:
    source = world.settings.kafka_stg_src_topic
    world.send(*(encoded(order(number)) for number in range(5)), partition=0)
    world.stg()
    world.send(*(encoded(order(number)) for number in range(5, 10)), partition=0)
    client = AdminClient(configuration(world.settings))
    for future in client.delete_records([TopicPartition(source, 0, 8)]).values():
        future.result()
    with pytest.raises(StopError, match="deleted messages"):
        world.stg()


@pytest.mark.parametrize("is_known", [True, False], ids=["a known group", "a new group"])
def test_messages_read_before_the_first_look_at_a_partition_failed_are_read_again(
    is_known: bool, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_known:
        world.send(*orders(range(100, 110)))
        world.stg()
    check, failures = Agreement.check, [OutageError("Postgres", "away")] * 2

    def fails_at_first(self: Agreement, committed: dict[Place, int | None]) -> None:
        if failures:
            raise failures.pop()
        check(self, committed)

    monkeypatch.setattr(Agreement, "check", fails_at_first)
    world.send(*orders(range(30)))
    assert world.stg()["stored"] == 30
    assert not failures
    assert len(world.onward()) == 30 + 10 * is_known


def test_a_sequence_behind_its_table_is_noticed(world: World) -> None:
    world.send(*orders(range(3)))
    world.stg()
    world.execute("alter sequence stg.positions restart with 1")
    world.send(*orders(range(10, 13)))
    with pytest.raises(StopError, match="setval"):
        world.stg()
    world.execute("select setval('stg.positions', (select max(event_no) from stg.order_events))")
    assert world.stg()["stored"] == 3
