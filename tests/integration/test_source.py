"""A member of a consumer group, while others come and go."""

import time
from contextlib import ExitStack, suppress
from threading import Event
from typing import Any

import pytest
from confluent_kafka import (
    Consumer,
    ConsumerGroupState,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

from ingest.deliveries import Place
from ingest.errors import OutageError, StopError
from ingest.kafka import source as source_module
from ingest.kafka.broker import Broker
from ingest.kafka.client import configuration
from ingest.kafka.producer import Record, TransactionalProducer
from ingest.kafka.reader import outsider
from ingest.kafka.source import Batch, Source
from ingest.outages import Patience
from ingest.settings import Settings
from tests.world import World, encoded, order

# It takes five seconds; a partition that stays paused is never read.
LONGEST = 40.0


def send_to_each_partition(world: World) -> None:
    for partition in range(3):
        world.send(encoded(order(partition)), partition=partition)


def member(world: World) -> Source:
    topics, group = [world.settings.kafka_stg_src_topic], world.settings.kafka_stg_consumer_group
    return Source(world.settings, topics, group)


def poll_until(source: Source, deadline: float) -> None:
    while time.monotonic() < deadline:
        source.poll(10)


def forward(world: World, producer: TransactionalProducer, batch: Batch) -> None:
    """Send on where each message was, and commit the batch with it."""
    topic = world.settings.kafka_stg_dst_topic
    where = [f"{delivery.partition}:{delivery.offset}" for delivery in batch.deliveries]
    records = [Record(topic, None, place.encode(), []) for place in where]
    producer.send(records, batch.offsets, batch.group)


def forwarded(world: World) -> list[bytes]:
    messages = world.topic(world.settings.kafka_stg_dst_topic)
    return sorted(message.value or b"" for message in messages)


def test_a_partition_lost_during_an_outage_is_read_when_it_comes_back(world: World) -> None:
    """Kafka's client remembers that a partition is paused, also when another one has had it."""
    send_to_each_partition(world)
    deadline = time.monotonic() + LONGEST
    with member(world) as first:
        while not first.drained:
            first.poll(10)
        with member(world) as second:
            while not second.poll(10).deliveries:
                first.wait(0.1)
                assert time.monotonic() < deadline, "the second one got no partition"
        first.rewind()
        read: set[int] = set()
        while read != {0, 1, 2}:
            read |= {delivery.partition for delivery in first.poll(10).deliveries}
            assert time.monotonic() < deadline, f"read only of {read}"


def test_a_batch_is_refused_when_the_group_has_gone_on_since_its_poll(world: World) -> None:
    """It is fenced by the generation in which it was polled, not by the one of its commit."""
    send_to_each_partition(world)
    deadline = time.monotonic() + LONGEST
    with member(world) as first, TransactionalProducer(world.settings, world.name) as producer:
        while not (batch := first.poll(10)).deliveries:
            assert time.monotonic() < deadline, "nothing to read"
        with member(world) as second:
            while not second.poll(10).deliveries:
                first.wait(0.1)
                assert time.monotonic() < deadline, "the second one got no partition"
            with pytest.raises(OutageError, match="ILLEGAL_GENERATION"):
                forward(world, producer, batch)
    assert forwarded(world) == []


@pytest.mark.parametrize("returns", [False, True], ids=["and stays away", "and comes back"])
@pytest.mark.parametrize("is_known", [True, False], ids=["a known group", "a new group"])
def test_messages_of_a_partition_that_is_lost_during_their_poll_are_dropped(
    is_known: bool, returns: bool, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kafka's client hands them out all the same, and their commit is one of the new generation.

    The poll that has them in hand is held open until another member has sent its share. What a poll
    of a new group has in hand is the news that there is no offset yet.
    """
    send_to_each_partition(world)
    if is_known:
        topic, group = world.settings.kafka_stg_src_topic, world.settings.kafka_stg_consumer_group
        Broker(world.settings).set_group_offsets(group, {(topic, n): 0 for n in range(3)})
    consume, deadline = Source._consume, time.monotonic() + LONGEST
    shares: list[Batch] = []

    def held_open(source: Source, size: int, timeout: float) -> list[Message]:
        messages = consume(source, size, timeout)
        if source is not first or shares:
            return messages
        while len({message.partition() for message in messages}) < 3:
            messages += consume(first, 10, 0.1)
        second = others.enter_context(member(world))
        while not (share := second.poll(10)).deliveries:
            messages += consume(first, 10, 0.1)
            assert time.monotonic() < deadline, "the second one got no partition"
        forward(world, theirs, share)
        shares.append(share)
        if returns:
            others.close()
        read_again: set[Place] = set()
        while returns and not share.offsets.keys() <= read_again:
            found = consume(first, 10, 0.1)
            read_again |= {(message.topic() or "", message.partition() or 0) for message in found}
            messages += found
            assert time.monotonic() < deadline, "the first one did not get it back"
        return messages

    with (
        TransactionalProducer(world.settings, f"{world.name}-first") as ours,
        TransactionalProducer(world.settings, f"{world.name}-second") as theirs,
        member(world) as first,
        ExitStack() as others,
    ):
        monkeypatch.setattr(Source, "_consume", held_open)
        reached: set[Place] = set()
        while len(reached) < 3:
            batch = first.poll(1)
            try:
                forward(world, ours, batch)
                reached |= batch.offsets.keys()
            except OutageError:  # the group goes on again, since the second one has left
                ours.reopen()
                first.rewind()
            others.close()
            assert time.monotonic() < deadline, "not all was read"
    assert forwarded(world) == [b"0:0", b"1:0", b"2:0"]


def test_what_the_group_has_passed_by_the_time_it_is_fetched_is_dropped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was sent on by a transaction that was still in doubt when the client asked."""
    topic, group = world.settings.kafka_stg_src_topic, world.settings.kafka_stg_consumer_group
    world.send(*(encoded(order(number)) for number in range(3)), partition=0)
    Broker(world.settings).set_group_offsets(group, {(topic, 0): 0})
    consume, deadline = Source._consume, time.monotonic() + LONGEST
    settled: list[int] = []

    def settle(source: Source, size: int, timeout: float) -> list[Message]:
        messages = consume(source, size, timeout)
        fetched = [message.offset() or 0 for message in messages if not message.error()]
        if fetched and not settled:
            producer.send([], {(topic, 0): 2}, source._consumer.consumer_group_metadata())
            settled.extend(fetched)
        return messages

    monkeypatch.setattr(Source, "_consume", settle)
    read: list[int] = []
    with TransactionalProducer(world.settings, world.name) as producer, member(world) as source:
        while 2 not in read and time.monotonic() < deadline:
            read += [delivery.offset for delivery in source.poll(10).deliveries]
    assert 0 in settled
    assert read == [2]


def test_a_partition_that_is_shorter_than_what_was_read_is_noticed(world: World) -> None:
    topic, group = world.settings.kafka_stg_src_topic, world.settings.kafka_stg_consumer_group
    world.send(b"read", partition=0)
    Broker(world.settings).set_group_offsets(group, {(topic, 0): 2})
    deadline = time.monotonic() + LONGEST
    with member(world) as source, pytest.raises(StopError, match=r"lost messages.*at offset 1 and"):
        poll_until(source, deadline)


def test_a_partition_that_the_client_gives_up_is_read_from_where_the_group_stands(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does so now and then when a broker starts again; no message is lost."""
    topic, group = world.settings.kafka_stg_src_topic, world.settings.kafka_stg_consumer_group
    world.send(b"read", b"new", partition=0)
    broker = Broker(world.settings)
    broker.set_group_offsets(group, {(topic, 0): 5})  # it gives up here, and reads there
    committed = Source._committed_offsets

    def moved(source: Source, places: set[Place]) -> dict[Place, int | None]:
        return committed(source, places) | {(topic, 0): 1}

    monkeypatch.setattr(Source, "_committed_offsets", moved)
    deadline = time.monotonic() + LONGEST
    read: list[bytes | None] = []
    with member(world) as source:
        while not read:
            read += [delivery.value for delivery in source.poll(10).deliveries]
            assert time.monotonic() < deadline, "nothing was read"
    assert read == [b"new"]


@pytest.mark.parametrize("is_known", [True, False], ids=["a known group", "a new group"])
def test_a_partition_that_the_client_gave_up_unheard_is_read_after_an_outage(
    is_known: bool, world: World
) -> None:
    """To pause a partition throws away what the client has to say of it."""
    topic, group = world.settings.kafka_stg_src_topic, world.settings.kafka_stg_consumer_group
    world.send(b"1", b"2", partition=0)
    if is_known:
        Broker(world.settings).set_group_offsets(group, {(topic, n): 0 for n in range(3)})
    place = TopicPartition(topic, 0)
    deadline = time.monotonic() + LONGEST
    read: list[bytes | None] = []
    with member(world) as source:
        if is_known:
            while not read:
                read = [delivery.value for delivery in source.poll(10).deliveries]
                assert time.monotonic() < deadline, "nothing was read"
            source._consumer.seek(TopicPartition(topic, 0, 99))
        else:
            heard: list[Message] = []
            while len(heard) < 3:  # that there is no offset, of each partition
                heard += source._consumer.consume(1, 0.5)
                assert time.monotonic() < deadline, "it hears nothing"
        time.sleep(2)  # it asks the broker for what is not there, and is refused
        source._consumer.pause([place])
        source._consumer.resume([place])
        source.rewind()
        read.clear()
        while len(read) < 2:
            read += [delivery.value for delivery in source.poll(10).deliveries]
            assert time.monotonic() < deadline, "what it had given up is not read"
    assert read == [b"1", b"2"]


def test_an_outage_in_which_the_client_gives_a_partition_up_ends(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody may be able to say where the group stands before the producer is opened anew."""
    topic = world.settings.kafka_stg_src_topic
    world.send(b"read", partition=0)
    deadline = time.monotonic() + LONGEST
    asked = Source._committed_offsets

    def refused(source: Source, places: set[Place]) -> dict[Place, int | None]:
        raise OutageError("Kafka", "offsets of a transaction")

    with member(world) as source:
        while not source.drained:
            source.poll(10)
            assert time.monotonic() < deadline, "it does not come to the end"
        monkeypatch.setattr(Source, "_committed_offsets", refused)
        source._unread.add((topic, 0))
        Patience(10, Event()).ride_out(
            OutageError("Kafka", "away"),
            wait=source.wait,
            resume=[lambda: monkeypatch.setattr(Source, "_committed_offsets", asked)],
        )
        source.rewind()
        batch = Batch()
        while not batch.deliveries:  # it was not committed
            batch = source.poll(10)
            assert time.monotonic() < deadline, "what was given up is not read again"


@pytest.fixture
def impatient(world: World, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Of somebody who asks what is the matter after seconds, and not after minutes."""
    monkeypatch.setattr(source_module, "START_TIMEOUT", 1.0)
    monkeypatch.setattr(source_module, "REQUEST_TIMEOUT", 5.0)
    return world.settings.model_copy(update={"kafka_transaction_timeout_ms": 1000})


def test_offsets_that_somebody_has_left_in_a_transaction_are_an_outage(
    world: World, impatient: Settings
) -> None:
    """Kafka's client asks for them again and again, and says nothing."""
    topic, group = impatient.kafka_stg_src_topic, impatient.kafka_stg_consumer_group
    deadline = time.monotonic() + 2 * LONGEST
    with Source(impatient, [topic], group) as first:
        while not first.drained:
            first.poll(10)
            assert time.monotonic() < deadline, "it does not come to the end"
        with member(world) as second:
            while not second._owned:
                first.poll(10), second.poll(10)
                assert time.monotonic() < deadline, "the second one got no partition"
            (lost,) = second._owned
            other = world.begun()
            offsets = [TopicPartition(*lost, 1)]
            other.send_offsets_to_transaction(offsets, outsider(world.settings, group), 30)
        partition = min(number for _, number in first._owned)

        def read_others() -> None:
            world.send(*[b"read"] * 200, partition=partition)  # so that no poll is in vain
            while time.monotonic() < deadline:
                world.send(*[b"read"] * 10, partition=partition)
                first.poll(10)

        with pytest.raises(OutageError, match="committed offsets"):
            read_others()
    other.abort_transaction()


def test_a_group_that_gives_no_partitions_is_an_outage(
    world: World, impatient: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member that is stuck, and so does not rejoin, holds up the others."""
    monkeypatch.setattr(source_module, "LOADING", 1.0)
    topic, group = impatient.kafka_stg_src_topic, impatient.kafka_stg_consumer_group
    deadline = time.monotonic() + LONGEST
    admin = AdminClient(configuration(impatient))

    def is_member() -> bool:
        with suppress(KafkaException):  # Kafka makes what it keeps of groups, in a new broker
            found = admin.describe_consumer_groups([group])[group].result()
            return bool(found.state == ConsumerGroupState.STABLE)
        return False

    with member(world):  # and never polled
        while not is_member():
            assert time.monotonic() < deadline, "the first one is no member"
        with (
            Source(impatient, [topic], group) as second,
            pytest.raises(OutageError, match="no partitions"),
        ):
            poll_until(second, deadline)


def test_a_client_that_does_not_join_its_group_is_an_outage_and_replaced(
    world: World, impatient: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may not after a broker has come and gone many times, and says nothing of it."""
    send_to_each_partition(world)
    made: list[Consumer] = []

    class Forgetful(Consumer):
        def subscribe(self, *names: Any, **listeners: Any) -> None:
            made.append(self)
            if len(made) > 1:
                super().subscribe(*names, **listeners)

    monkeypatch.setattr(source_module, "Consumer", Forgetful)
    monkeypatch.setattr(source_module, "LOADING", 1.0)
    topic, group = impatient.kafka_stg_src_topic, impatient.kafka_stg_consumer_group
    deadline = time.monotonic() + LONGEST
    with Source(impatient, [topic], group) as source:
        with pytest.raises(OutageError, match="no partitions"):
            poll_until(source, deadline)
        read: set[Place] = set()
        while not source.drained or len(read) < 3:
            assert time.monotonic() < deadline, f"{read} of what was sent"
            read |= source.poll(10).offsets.keys()
    assert len(made) == 2
    with pytest.raises(RuntimeError, match="closed"):
        made[0].poll(0)


@pytest.mark.parametrize("by", ["an outage", "a rebalance"])
def test_a_commit_that_kafka_answered_and_has_lost_is_read_again(by: str, world: World) -> None:
    """A broker that restarts may forget a transaction whose end it had acknowledged."""
    send_to_each_partition(world)
    deadline = time.monotonic() + LONGEST
    lost = {(world.settings.kafka_stg_src_topic, number) for number in range(3)}
    group = world.settings.kafka_stg_consumer_group
    Broker(world.settings).set_group_offsets(group, dict.fromkeys(lost, 0))
    with member(world) as first:
        while not first.drained:
            first.committed(first.poll(10).offsets)
        if by == "an outage":
            first.rewind()
        else:
            with member(world) as second:
                while not second.poll(10).deliveries:
                    first.poll(10)
                    assert time.monotonic() < deadline, "the second one got no partition"
                lost = set(second._owned)
        while lost:
            lost -= {(each.topic, each.partition) for each in first.poll(10).deliveries}
            assert time.monotonic() < deadline, f"not read again: {lost}"


def test_a_later_poll_tells_that_a_commit_was_refused(world: World) -> None:
    with Source(world.settings, [world.settings.kafka_stg_src_topic], world.name) as source:
        while not source.drained:
            source.poll(1)
        source.commit({("no-such-topic", 0): 1})
        with pytest.raises(StopError, match="no such topic"):
            poll_until(source, time.monotonic() + LONGEST)


def test_what_a_source_has_not_committed_is_not_read(world: World) -> None:
    """Nor what it took back."""
    topic = world.settings.kafka_stg_src_topic
    producer = Producer({**configuration(world.settings), "transactional.id": world.name})
    producer.init_transactions()
    read: list[bytes | None] = []
    with member(world) as source:
        for value in (b"taken back", b"committed", b"open"):
            producer.begin_transaction()
            producer.produce(topic, value, b"k", partition=0)
            producer.flush()
            if value == b"taken back":
                producer.abort_transaction()
            elif value == b"committed":
                producer.commit_transaction()
        while not source.drained:
            read += [delivery.value for delivery in source.poll(10).deliveries]
        producer.abort_transaction()
    assert read == [b"committed"]
