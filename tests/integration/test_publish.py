"""From a table to its topic: each row once, in order, by whoever has the lock."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from threading import Event as Flag
from typing import Any

import msgspec
import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from ingest import publications, publish
from ingest.errors import OutageError, StopError
from ingest.kafka import producer as producer_module
from ingest.kafka.admin import Admin
from ingest.kafka.client import configuration
from ingest.kafka.message import Record
from ingest.kafka.producer import TransactionalProducer
from ingest.load import load
from ingest.postgres import Postgres
from ingest.publish import Fencings, Publisher
from ingest.services import run_emit
from ingest.settings import Settings
from tests.faults.outbox import append, make
from tests.integration.running import (
    as_advised,
    delete_topic,
    following,
    make_anew,
    positions,
    published,
    publishers,
    running,
    stored,
    until,
)
from tests.topics import raise_limit
from tests.world import DATABASE, RESTAURANT, World, connect, encoded, order, orders

SMALL = 4
# The lock of a topic's publisher.
HOLD = "select pg_advisory_lock(hashtext('ordervault.publish'), hashtext(%s))"


@pytest.fixture
def outbox(world: World) -> World:
    """A world with an outbox as dbt makes it."""
    make(world)
    return world


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Transactions of few rows."""
    monkeypatch.setattr(publish, "MOST_ROWS", SMALL)


def sent(world: World) -> list[int]:
    return positions(world, world.settings.kafka_dds_dst_topic)


@contextmanager
def _publisher(world: World, fencings: Fencings | None = None) -> Iterator[Publisher]:
    """The publisher of the outbox, in the hands of the test."""
    (publication,) = publications.closed(world.settings)
    with (
        Postgres(world.settings, "ingest publish") as postgres,
        Publisher(world.settings, publication, postgres, fencings) as publisher,
    ):
        yield publisher


def stray(world: World, topic: str, value: bytes = b"?") -> None:
    """A message of somebody else's, without our headers, in each partition."""
    producer = Producer(configuration(world.settings))
    for number in Admin(world.settings).partitions(topic):
        producer.produce(topic, value, b"stray", partition=number)
    assert producer.flush(30) == 0


def test_every_row_is_sent_once_and_in_the_order_of_positions(outbox: World) -> None:
    append(outbox, 2500)
    assert outbox.emit() == 2500
    assert outbox.emit() == 0
    append(outbox, 10)
    assert outbox.emit() == 10
    assert sorted(sent(outbox)) == list(range(1, 2511))
    parts: dict[int | None, list[int]] = {}
    for message in outbox.topic(outbox.settings.kafka_dds_dst_topic):
        parts.setdefault(message.partition(), []).append(publish_position(message))
    assert all(a < b for part in parts.values() for a, b in pairwise(part))


def publish_position(message: Any) -> int:
    return int(dict(message.headers())["position"])


def test_a_transaction_has_no_more_rows_and_bytes_than_it_may(
    outbox: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    transactions: list[list[int]] = []
    send = TransactionalProducer.send

    def seen(self: TransactionalProducer, records: list[Record]) -> None:
        transactions.append([len(record.value or b"") for record in records[:-1]])
        send(self, records)

    monkeypatch.setattr(TransactionalProducer, "send", seen)
    monkeypatch.setattr(publish, "MOST_ROWS", 5)
    monkeypatch.setattr(publish, "MOST_BYTES", 1000)
    append(outbox, 3)
    outbox.execute("update dds.outbox set message = repeat('x', 3000) where position = 2")
    append(outbox, 12)
    assert outbox.emit() == 15
    assert [len(sizes) for sizes in transactions] == [2, 5, 5, 3]
    assert sorted(sent(outbox)) == list(range(1, 16))


def test_the_position_names_the_table_and_the_topic(world: World) -> None:
    world.send(*orders(range(3)))
    world.stg()
    topic = world.settings.kafka_stg_dst_topic
    record = msgspec.json.decode(world.topic(f"{topic}.progress")[-1].value() or b"")
    assert record == {
        "position": max(published(world)),
        "table": str(world.value("select table_id from stg.publications where topic = %s", topic)),
        "topic_id": Admin(world.settings).topic_id(topic),
    }


def test_without_an_outbox_it_says_what_to_do(world: World) -> None:
    with pytest.raises(StopError, match="dbt build"):
        world.emit()


def test_a_follower_is_woken_and_stops_when_told(outbox: World) -> None:
    with following(outbox):
        until(lambda: publishers(outbox), "a publisher")
        for expected in (3, 7):
            append(outbox, expected - len(sent(outbox)))
            until(lambda e=expected: len(sent(outbox)) == e, f"{expected} messages")  # type: ignore[misc]


def test_several_at_once_send_everything_once(outbox: World) -> None:
    append(outbox, 3000)
    threads = [threading.Thread(target=outbox.emit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent(outbox)) == list(range(1, 3001))


def test_one_stands_by_and_takes_over_when_the_first_has_lost_its_session(
    outbox: World, small: None
) -> None:
    append(outbox, 10)
    with following(outbox), following(outbox):
        until(lambda: len(sent(outbox)) == 10, "10 messages")
        (first,) = publishers(outbox)
        outbox.execute("select pg_terminate_backend(%s)", first)
        append(outbox, 10)
        until(lambda: len(sent(outbox)) == 20, "20 messages")
        assert publishers(outbox) != [first]
    assert sorted(sent(outbox)) == list(range(1, 21))


def test_who_was_fenced_off_begins_anew_and_doubles_nothing(outbox: World) -> None:
    """It was frozen while another one took over: its session is gone, so it stands by."""
    append(outbox, 5)
    with _publisher(outbox) as publisher:
        assert publisher.turn() == 5
        (session,) = publishers(outbox)
        outbox.execute("select pg_terminate_backend(%s)", session)
        append(outbox, 5)
        assert outbox.emit() == 5
        with pytest.raises(OutageError, match="Postgres"):
            publisher.send_position(10)
    assert sorted(sent(outbox)) == list(range(1, 11))


def test_another_warehouse_with_the_same_transactional_id_is_named(outbox: World) -> None:
    """Not at first: a request of our own that reaches the broker late fences us off, too."""
    append(outbox, 1)
    fencings = Fencings()
    for error in (OutageError, OutageError, StopError):
        with _publisher(outbox, fencings) as publisher:
            assert publisher.turn() == 1
            TransactionalProducer(
                outbox.settings, publisher.publication.transactional_id, 10_000
            ).close()
            append(outbox, 1)
            with pytest.raises(error) as caught:
                publisher.turn()
    assert "DDS_TRANSACTIONAL_ID" in str(caught.value)
    assert sent(outbox) == [1, 2, 3]


def test_a_progress_topic_made_anew_is_read_from_the_messages(outbox: World) -> None:
    append(outbox, 5)
    outbox.emit()
    name = outbox.settings.kafka_dds_dst_topic
    make_anew(outbox, f"{name}.progress")
    stray(outbox, name)
    append(outbox, 2)
    assert outbox.emit() == 2
    assert sorted(n for n in sent(outbox) if n >= 0) == list(range(1, 8))


def test_where_only_strangers_have_written_nobody_can_tell_how_far_it_is(outbox: World) -> None:
    append(outbox, 3)
    stray(outbox, outbox.settings.kafka_dds_dst_topic)
    with pytest.raises(StopError, match="ingest seek") as caught:
        outbox.emit()
    assert sent(outbox) == [-1, -1, -1]
    stdout = outbox.ingest("seek", outbox.settings.kafka_dds_dst_topic, "--to", "1").stdout
    assert "position 1" in stdout, caught.value
    assert outbox.emit() == 2


def test_a_topic_made_anew_stops_it(outbox: World) -> None:
    append(outbox, 5)
    outbox.emit()
    make_anew(outbox, outbox.settings.kafka_dds_dst_topic)
    append(outbox, 1)
    with pytest.raises(StopError, match="was made anew since position 5") as caught:
        outbox.emit()
    as_advised(outbox, caught.value)
    assert outbox.emit() == 6


def test_a_table_made_anew_stops_it(outbox: World) -> None:
    append(outbox, 5)
    outbox.emit()
    outbox.execute("update dds.outbox set outbox_id = gen_random_uuid()")
    append(outbox, 3)
    with pytest.raises(StopError, match="ingest recover"):
        outbox.emit()
    outbox.execute("delete from dds.outbox")
    with pytest.raises(StopError, match="ingest recover"):
        outbox.emit()
    assert sorted(sent(outbox)) == list(range(1, 6))


def test_another_warehouse_on_the_same_topics_stops_it(world: World) -> None:
    world.send(*orders(range(3)))
    world.stg()
    world.connection.close()
    world.new_database()
    with pytest.raises(StopError, match="ingest recover"):
        world.stg()
    assert stored(world) == 0


def test_a_position_above_the_promise_stops_it_before_anything_is_loaded(world: World) -> None:
    """As after a fail-over that has lost commits: promise and rows are those of before."""
    world.send(*orders(range(3)))
    world.stg()
    world.execute("delete from stg.order_events where object_id = 2")
    world.execute("update stg.publications set promised = 2, compared_with = null")
    world.send(*orders(range(3, 6)))
    with pytest.raises(StopError, match=r"up to position 3 of stg.order_events, but .* knows of 2"):
        world.stg()
    assert stored(world) == 2


def test_a_promise_above_the_position_is_one_that_was_not_kept(outbox: World) -> None:
    append(outbox, 3)
    outbox.emit()
    outbox.execute("update stg.publications set promised = 10")
    append(outbox, 3)
    assert outbox.emit() == 3


def test_the_promise_is_there_before_the_rows_leave(
    outbox: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    promised: list[int] = []
    send = TransactionalProducer.send

    def looked(self: TransactionalProducer, records: list[Record]) -> None:
        promised.append(outbox.value("select promised from stg.publications"))
        send(self, records)

    monkeypatch.setattr(TransactionalProducer, "send", looked)
    append(outbox, 3)
    outbox.emit()
    assert promised == [3]


def test_a_server_that_was_not_compared_is_not_written_to(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that publishes is away: whoever loads waits."""
    world.send(*orders(range(3)))
    world.stg()
    world.execute("update stg.publications set compared_with = now() - interval '1 day'")
    world.send(*orders(range(3, 6)))
    turned: list[Publisher] = []
    turn = Publisher.turn

    def stands_still(self: Publisher) -> int:
        turned.append(self)
        return 0

    monkeypatch.setattr(Publisher, "turn", stands_still)
    with running(world):
        until(lambda: len(turned) > 20, "some seconds")
        assert stored(world) == 3
        monkeypatch.setattr(Publisher, "turn", turn)
        until(lambda: len(published(world)) == 6, "6 events")


def test_a_message_that_cannot_be_handed_over_takes_its_transaction_with_it(
    outbox: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kafka's client would commit the others."""
    failures = [KafkaException(KafkaError(KafkaError._FAIL, "refused locally"))]
    hand_over = producer_module._taken

    def refuses_once(producer: Producer, record: Record) -> bool:
        if failures and record.key == b"3":
            raise failures.pop()
        return hand_over(producer, record)

    monkeypatch.setattr(producer_module, "_taken", refuses_once)
    append(outbox, 5)
    with _publisher(outbox) as publisher, pytest.raises(OutageError, match="refused locally"):
        publisher.turn()
    assert sent(outbox) == []
    assert outbox.emit() == 5


def test_a_row_that_the_topic_does_not_take_is_named(outbox: World) -> None:
    topic = outbox.settings.kafka_dds_dst_topic
    raise_limit(outbox, topic, 20_000)
    append(outbox, 3)
    outbox.execute(
        "update dds.outbox set message = (select string_agg(md5(n::text), '')"
        " from generate_series(1, 5000) as n) where position = 2"
    )
    with pytest.raises(StopError, match=rf"{topic} takes no message .* position 2"):
        outbox.emit()
    assert sent(outbox) == []
    raise_limit(outbox, topic, 500_000)
    until(lambda: outbox.emit() == 3 or len(sent(outbox)) == 3, "the topic to take it")


def test_a_producer_whose_commit_was_slow_is_thrown_away(
    outbox: World,
) -> None:
    """Its request may have been sent twice, and the first one end a later transaction."""
    append(outbox, 3)
    with _publisher(outbox) as publisher:
        assert publisher.take_over()
        assert publisher._producer is not None
        publisher._producer._socket_timeout = 0.0
        with pytest.raises(OutageError, match="took long"):
            publisher.turn()
    assert outbox.emit() == 0
    assert sorted(sent(outbox)) == [1, 2, 3]


def test_a_second_producer_ends_what_the_first_has_left(outbox: World) -> None:
    settings = outbox.settings
    topic = settings.kafka_dds_dst_topic
    first = TransactionalProducer(settings, "one", 1_000_000)
    first._producer.begin_transaction()
    first._producer.produce(topic, b"x", b"k")
    first._producer.flush(30)
    second = TransactionalProducer(settings, "one", 1_000_000)
    assert outbox.topic(topic) == []
    with pytest.raises(KafkaException, match="_FENCED"):
        first._producer.commit_transaction(30)
    second.send([Record(topic, b"k", b"z", [])])
    assert [message.value() for message in outbox.topic(topic)] == [b"z"]
    first.close()
    second.close()


def test_once_gives_up_when_who_has_the_lock_stands_still(outbox: World) -> None:
    append(outbox, 3)
    holder = outbox.rows(HOLD, outbox.settings.kafka_dds_dst_topic)
    assert holder
    settings = outbox.settings.model_copy(update={"max_outage_seconds": 1.0})
    with pytest.raises(StopError, match="somebody else publishes"):
        run_emit(settings, follow=False, stop=Flag())
    assert sent(outbox) == []


def test_once_ends_when_another_one_has_published(outbox: World) -> None:
    append(outbox, 3)
    with following(outbox):
        until(lambda: len(sent(outbox)) == 3, "3 messages")
        append(outbox, 3)
        assert outbox.emit() == 0
        assert sorted(sent(outbox)) == list(range(1, 7))


def test_once_ends_beside_another_one_where_there_is_nothing_to_publish(outbox: World) -> None:
    settings = outbox.settings.model_copy(update={"max_outage_seconds": 5.0})
    with following(outbox):
        until(lambda: publishers(outbox), "a publisher")
        assert run_emit(settings, follow=False, stop=Flag()) == 0


def test_patience_with_another_one_begins_when_there_is_something_to_wait_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long loading took before."""
    world.stg()  # the server is known now, so loading waits for no publisher
    holder = connect(world.environment, DATABASE)
    with holder.cursor() as cursor:
        for topic in (world.settings.kafka_stg_dst_topic, world.settings.dead_letter_topic):
            cursor.execute(HOLD, (topic,))

    def takes_long(*arguments: Any, **options: Any) -> None:
        load(*arguments, **options)
        time.sleep(4)
        threading.Timer(1, holder.close).start()

    monkeypatch.setattr("ingest.load.load", takes_long)
    world.send(*orders(range(3)))
    assert world.stg(max_outage_seconds=3.0)["stored"] == 3
    assert len(published(world)) == 3


def test_who_is_told_to_stop_while_it_waits_says_nothing_of_the_outbox(world: World) -> None:
    stop = Flag()
    stop.set()
    assert run_emit(world.settings, follow=False, stop=stop) == 0


def test_an_order_of_a_thousand_items_passes_the_whole_way(world: World) -> None:
    """With the topics that `ingest init` makes, and the longest categories."""
    dishes = [f"{n:064}" for n in range(1000)]
    menu = [{"_id": d, "name": "x", "price": 1, "category": "ы" * 500} for d in dishes]
    world.know({**RESTAURANT, "_id": "rest-9", "menu": menu})
    items = [{"id": d, "name": "x", "price": 1, "quantity": 1} for d in dishes]
    world.send(encoded(order(1, restaurant={"id": "rest-9"}, order_items=items)))
    assert world.stg() == {"stored": 1}
    make(world)
    append(world, 1)
    products = [{"product_id": d, "category_name": "ы" * 500} for d in dishes]
    world.execute(
        "update dds.outbox set message = %s",
        msgspec.json.encode({"payload": {"products": products}}).decode(),
    )
    assert world.emit() == 1


def test_the_position_is_read_when_the_one_before_is_fenced_off(
    outbox: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may commit as long as it is not, though its lock is lost."""
    append(outbox, 5)
    with _publisher(outbox) as before, _publisher(outbox) as after:
        assert before.take_over()
        rows, _ = before._following(0)
        outbox.execute("update stg.publications set promised = 5")
        (session,) = publishers(outbox)
        outbox.execute("select pg_terminate_backend(%s)", session)
        assert before._producer is not None
        begins = TransactionalProducer.__init__

        def begins_late(self: TransactionalProducer, *arguments: Any) -> None:
            monkeypatch.undo()
            before._send(5, map(before.publication.record, rows))
            begins(self, *arguments)

        monkeypatch.setattr(TransactionalProducer, "__init__", begins_late)
        assert after.turn() == 0
    assert sorted(sent(outbox)) == [1, 2, 3, 4, 5]


def test_what_was_read_ahead_goes_next_and_once(
    outbox: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.publish.MOST_ROWS", 100)
    append(outbox, 250)
    with _publisher(outbox) as publisher:
        assert [publisher.turn(), publisher.turn()] == [100, 100]
        append(outbox, 10)  # of which what was read ahead knows nothing
        assert publisher.has_more
        assert [publisher.turn(), publisher.turn()] == [50, 10]
        assert not publisher.has_more
    assert sorted(sent(outbox)) == list(range(1, 261))


def test_it_stands_by_while_another_one_has_the_lock(outbox: World) -> None:
    append(outbox, 5)
    with _publisher(outbox) as first, _publisher(outbox) as second:
        assert first.take_over()
        assert second.turn() == 0
        assert not second.is_active
        assert first.turn() == 5


def test_a_queue_that_is_full_is_waited_for(outbox: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kafka's client holds so many messages that are not sent yet, and refuses more."""

    def narrow(settings: Settings) -> dict[str, Any]:
        return {**configuration(settings), "queue.buffering.max.messages": 10}

    monkeypatch.setattr("ingest.kafka.producer.configuration", narrow)
    append(outbox, 500)
    assert outbox.emit() == 500
    assert sorted(sent(outbox)) == list(range(1, 501))


def test_what_was_taken_back_tells_no_position(outbox: World) -> None:
    """The progress topic was made anew, and the last messages are of a transaction that failed."""
    append(outbox, 3)
    outbox.emit()
    topic = outbox.settings.kafka_dds_dst_topic
    make_anew(outbox, f"{topic}.progress")
    other = outbox.begun()
    for number in Admin(outbox.settings).partitions(topic):
        other.produce(topic, b"{}", b"k", headers=[("position", b"7")], partition=number)
    other.flush(30)
    other.abort_transaction(30)
    append(outbox, 3)
    assert outbox.emit() == 3
    assert sorted(sent(outbox)) == [1, 2, 3, 4, 5, 6]


def test_progress_without_a_topic_says_what_to_do(outbox: World) -> None:
    append(outbox, 1)
    delete_topic(outbox.settings, f"{outbox.settings.kafka_dds_dst_topic}.progress")
    with pytest.raises(StopError, match="ingest init"):
        outbox.emit()
