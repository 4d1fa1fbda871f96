"""The transactional producer: all or nothing, also when Kafka or its client refuses a message."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from confluent_kafka import KafkaException, Producer

from ingest.errors import StopError
from ingest.kafka import producer as producer_module
from ingest.kafka.client import configuration
from ingest.kafka.producer import Record, TransactionalProducer
from ingest.kafka.source import Source
from tests.integration.test_emit import OUTBOX, append
from tests.world import World, encoded, order


def test_a_producer_that_is_fenced_off_in_a_transaction_can_be_opened_again(world: World) -> None:
    """Closing it fails too: it cannot end a transaction that is not its own any more."""
    world.send(encoded(order(1)))
    record = Record(world.settings.kafka_stg_dst_topic, b"k", b"{}", [])
    source_topic = world.settings.kafka_stg_src_topic

    def until_taken_over() -> Iterator[Record]:
        yield record
        second.open()

    with (
        Source(world.settings, [source_topic], world.name) as source,
        TransactionalProducer(world.settings, world.name) as first,
        TransactionalProducer(world.settings, world.name) as second,
    ):
        first.send([record])
        while not (batch := source.poll(1)).deliveries:
            pass
        with pytest.raises(StopError, match="fenced this one off"):
            first.send(until_taken_over(), batch.offsets, batch.group)  # type: ignore[arg-type]
        first.reopen()
        first.send([record], batch.offsets, batch.group)
    assert len(world.topic(world.settings.kafka_stg_dst_topic)) == 2


def test_a_producer_that_is_fenced_off_while_it_produces_says_so(world: World) -> None:
    """The client's next call only says that there was a fatal error, not which."""
    record = Record(world.settings.kafka_stg_dst_topic, b"k", b"{}", [])

    def until_taken_over() -> Iterator[Record]:
        yield record
        second.open()
        for _ in range(10):
            yield record
            time.sleep(0.5)  # Kafka answers meanwhile, and nobody listens

    with (
        TransactionalProducer(world.settings, world.name) as first,
        TransactionalProducer(world.settings, world.name) as second,
        pytest.raises(StopError, match="fenced this one off"),
    ):
        first.send(until_taken_over())  # type: ignore[arg-type]


def test_a_close_that_fails_hides_no_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fenced off while it closes, the client may lose its own exception."""

    class Losing(Producer):
        def close(self) -> bool:
            with suppress(KafkaException):
                super().close()
            raise SystemError("close returned NULL without setting an exception")

    monkeypatch.setattr(producer_module, "Producer", Losing)
    monkeypatch.setattr(producer_module, "LOCAL_LIMIT", 1_000_000)
    record = Record(world.settings.kafka_stg_dst_topic, b"k", b"{}", [])
    with TransactionalProducer(world.settings, world.name) as producer:
        producer.send([record])
        producer.reopen()
        producer.send([record])
    with (
        pytest.raises(StopError, match=r"raise max\.message\.bytes"),
        TransactionalProducer(world.settings, world.name) as producer,
    ):
        producer.send([Record(record.topic, b"k", bytes(1_100_000), [])])


@pytest.mark.parametrize("refused_by", ["the client", "the broker"])
def test_a_message_that_is_refused_takes_its_transaction_with_it(
    refused_by: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit waits in vain for a message behind one that the broker refuses."""
    settings = world.settings.model_copy(update={"kafka_transaction_timeout_ms": 3000})
    if refused_by == "the client":
        monkeypatch.setattr(producer_module, "LOCAL_LIMIT", 1_000_000)
    topic = world.settings.kafka_dds_dst_topic
    good = Record(topic, b"k", b"{}", [])
    too_large = Record(topic, b"k", os.urandom(1_100_000), [])  # lz4 makes it no smaller
    with TransactionalProducer(settings, world.name) as producer:
        with pytest.raises(StopError, match=r"raise max\.message\.bytes"):
            producer.send([good, too_large, good])
        producer.reopen()
        producer.send([good])
    assert len(world.topic(topic)) == 1


@pytest.mark.parametrize(
    "headers", [[], [("position", b"far")], [("__connect.errors.topic", b"\xff")]]
)
def test_what_others_have_left_open_stops_nobody(
    headers: list[tuple[str, str | bytes | None]], world: World
) -> None:
    """As one of ours who died while it aborted what it had found."""
    settings = world.settings
    topics = [
        settings.kafka_stg_dst_topic,
        settings.dead_letter_topic,
        settings.kafka_dds_dst_topic,
    ]
    other = world.begun()
    for topic in topics:
        for partition in range(settings.kafka_topic_partitions):
            other.produce(topic, b"not ours", partition=partition, headers=headers)
    other.flush()
    world.execute(OUTBOX)
    append(world, 3)
    world.send(encoded(order(1)))
    assert world.stg()["stored"] == 1
    assert world.emit() == 3
    other.abort_transaction()
    assert len(world.topic(settings.kafka_stg_dst_topic)) == 1
    assert len(world.topic(settings.kafka_dds_dst_topic)) == 3


def test_topics_made_for_small_messages_take_many_at_once(servers: dict[str, str]) -> None:
    """Kafka's limit is one for a batch of messages, which its client makes as large as 1 MB."""
    world = World(servers, MAX_MESSAGE_BYTES="20000")
    topic = world.settings.kafka_stg_dst_topic
    records = [Record(topic, b"k", os.urandom(1000), []) for _ in range(300)]
    with TransactionalProducer(world.settings, world.name) as producer:
        producer.send(records)
    assert len(world.topic(topic)) == 300
    world.close()


def test_messages_that_find_the_queue_full_are_sent_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = {**configuration(world.settings), "queue.buffering.max.messages": 10}
    monkeypatch.setattr(producer_module, "configuration", lambda settings: small)
    topic = world.settings.kafka_dds_dst_topic
    with TransactionalProducer(world.settings, world.name) as producer:
        producer.send([Record(topic, b"k", str(n).encode(), []) for n in range(200)])
    assert [int(message.value or b"") for message in world.topic(topic)] == list(range(200))
