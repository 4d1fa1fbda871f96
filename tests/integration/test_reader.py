"""Reading a topic to its end, while others write to it."""

import threading
import time
from types import SimpleNamespace

import pytest
from confluent_kafka import Consumer, KafkaError, Producer

from ingest.errors import OutageError
from ingest.kafka import reader
from ingest.kafka.client import configuration
from ingest.kafka.producer import Record, TransactionalProducer
from ingest.kafka.reader import committed_offsets, last_records, read_all
from tests.world import World

# It takes a second; a reader that runs after the end never comes to it.
LONGEST = 30.0


def test_a_topic_is_read_to_the_end_that_it_had_though_others_write_on(world: World) -> None:
    """An ingestor that starts reads what the others have sent, and they do not wait for it."""
    topic = world.settings.kafka_stg_dst_topic
    stopped, written = threading.Event(), []

    def write() -> None:
        with TransactionalProducer(world.settings, world.name) as producer:
            while not stopped.is_set():
                records = [Record(topic, str(n).encode(), b"{}", []) for n in range(30)]
                producer.send(records)
                written.append(len(records))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(written) < 3:
            time.sleep(0.01)
        # The last one's end may still be on its way: Kafka answers before it is written.
        at_least, deadline, read = sum(written[:-1]), time.monotonic() + LONGEST, 0
        for _ in read_all(world.settings, topic):
            assert time.monotonic() < deadline, "it runs after the end"
            read += 1
        assert read >= at_least
    finally:
        stopped.set()
        writer.join()


def test_an_end_that_a_new_leader_does_not_have_yet_is_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old one named it, the new one catches up and says meanwhile that there is no more."""
    ends = reader._range
    monkeypatch.setattr(reader, "_range", lambda *asked: (0, max(3, ends(*asked)[1])))
    topic = world.settings.progress_topic
    producer = Producer(configuration(world.settings))

    def send(*values: bytes) -> None:
        for value in values:
            producer.produce(topic, value, b"k")
        producer.flush()

    send(b"1", b"2")
    later = threading.Timer(1, send, [b"3"])
    later.start()
    read = [found.value for found in read_all(world.settings, topic)]
    later.join()
    assert read == [b"1", b"2", b"3"]


def test_what_was_taken_back_or_is_not_committed_yet_is_not_read(world: World) -> None:
    settings = world.settings
    producer = Producer({**configuration(settings), "transactional.id": world.name})
    producer.init_transactions()
    for value in (b"committed", b"taken back", b"open"):
        producer.begin_transaction()
        producer.produce(settings.progress_topic, value, b"k")
        producer.flush()
        if value == b"committed":
            producer.commit_transaction()
        elif value == b"taken back":
            producer.abort_transaction()
    for read in (read_all, last_records):
        assert [found.value for found in read(settings, settings.progress_topic)] == [b"committed"]
    producer.abort_transaction()


def test_an_offset_that_the_broker_cannot_tell_is_not_taken_for_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None means that the group has never read the partition."""
    topic = world.settings.progress_topic
    error = KafkaError(KafkaError.UNSTABLE_OFFSET_COMMIT)
    untold = SimpleNamespace(topic=topic, partition=0, offset=-1001, error=error)

    class Untold(Consumer):
        def committed(self, *_: object) -> list[SimpleNamespace]:  # type: ignore[override]
            return [untold]

    monkeypatch.setattr(reader, "Consumer", Untold)
    with pytest.raises(OutageError, match="UNSTABLE_OFFSET_COMMIT"):
        committed_offsets(world.settings, world.name, [topic])
