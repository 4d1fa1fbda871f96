"""From the source topic into Postgres: each message is accounted for once."""

import time
from collections import Counter

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewPartitions  # type: ignore[attr-defined]

from ingest.kafka import client as client_module
from ingest.kafka.admin import Admin
from ingest.kafka.client import configuration
from ingest.operate.hops import hops
from ingest.services import run_stg
from sandbox.kafka_tools import group_lags
from tests.integration.running import Service, next_offsets, published, running, stored, until
from tests.world import USER, World, encoded, order, orders


def transactional(world: World) -> Producer:
    """A producer of the source that sends in transactions."""
    lasting = {"transaction.timeout.ms": 600_000}
    name = {"transactional.id": f"{world.name}-source"}
    producer = Producer({**configuration(world.settings), **name, **lasting})
    producer.init_transactions()
    return producer


def send_within(world: World, producer: Producer, *values: bytes) -> None:
    """Send in a transaction that the caller ends."""
    producer.begin_transaction()
    for value in values:
        producer.produce(world.settings.kafka_stg_src_topic, value, b"k", partition=0)
    assert producer.flush(30) == 0


def test_every_message_becomes_one_thing_and_its_offset_lies_beside_it(world: World) -> None:
    good, repeated = encoded(order(1)), encoded(order(2))
    other = encoded({**order(3), "object_type": "courier"})
    world.send(good, repeated, b"{", None, partition=0)
    world.send(repeated, other, encoded(order(4, user={"id": "nobody"})), partition=2)
    expected = Counter(stored=2, duplicate=1, skipped=1, malformed_json=1, empty=1, unknown_user=1)
    assert world.stg() == expected
    assert next_offsets(world) == {0: 4, 1: 0, 2: 3}
    progress = world.rows(
        "select duplicates, skipped from stg.source_progress order by kafka_partition"
    )
    assert sum(row["duplicates"] for row in progress) == 1
    assert [row["skipped"] for row in progress] == [0, 0, 1]
    assert world.stg() == Counter()


def test_the_same_bytes_at_another_offset_change_and_publish_nothing(world: World) -> None:
    raw = encoded(order(1))
    world.send(raw, raw, raw)
    assert world.stg() == Counter(stored=1, duplicate=2)
    before = world.rows("select * from stg.order_events")
    world.know({**USER, "name": "another name by now"})
    world.send(raw)
    assert world.stg() == Counter(duplicate=1)
    assert world.rows("select * from stg.order_events") == before
    assert len(world.onward()) == 1
    assert world.value("select sum(duplicates) from stg.source_progress") == 3


def test_events_get_positions_in_the_order_of_their_partition(world: World) -> None:
    world.send(*orders(range(40)), partition=0)
    world.send(*orders(range(100, 140)), partition=1)
    world.stg(batch_size=7)
    for partition in (0, 1):
        offsets = world.rows(
            "select kafka_offset from stg.order_events where kafka_partition = %s"
            " order by position",
            partition,
        )
        assert [row["kafka_offset"] for row in offsets] == list(range(40))


def test_a_batch_holds_no_more_than_it_may_and_no_less_than_is_there(world: World) -> None:
    world.send(*orders(range(40)), partition=0)
    with running(world, batch_size=15) as service:
        until(lambda: stored(world) == 40, "40 events")
        assert max(batch["stored"] for batch in service.batches) <= 15
    with running(world) as service:
        until(lambda: service.thread and published(world), "the loader at work")
        began = time.monotonic()
        world.send(encoded(order(100)))
        until(lambda: stored(world) == 41, "a single message on a quiet topic")
        assert time.monotonic() - began < 3
        until(lambda: len(published(world)) == 41, "the same in the next topic")
        assert time.monotonic() - began < 6


def test_what_the_source_took_back_is_not_loaded_and_counts_as_read(world: World) -> None:
    """Nor are the markers at the end of its transactions: lag comes to 0 for Kafka's tool too."""
    producer = transactional(world)
    send_within(world, producer, *orders(range(5)))
    producer.commit_transaction()
    send_within(world, producer, *orders(range(10, 15)))
    producer.abort_transaction()
    assert world.stg() == Counter(stored=5)
    ends = Admin(world.settings).ends(world.settings.kafka_stg_src_topic, range(3), committed=False)
    assert next_offsets(world) == ends == {0: 12, 1: 0, 2: 0}
    lags = group_lags(world.servers, world.settings.kafka_stg_consumer_group)
    assert set(lags.values()) == {0}
    assert len(lags) == 3


def test_a_batch_begins_where_the_one_before_ended_not_at_its_first_message(world: World) -> None:
    """Between the two lies what the source took back."""
    producer = transactional(world)
    send_within(world, producer, *orders(range(10, 15)))
    producer.abort_transaction()
    send_within(world, producer, *orders(range(5)))
    producer.commit_transaction()
    assert world.stg(max_outage_seconds=5.0) == Counter(stored=5)
    assert next_offsets(world)[0] == 12


def test_an_open_transaction_of_the_source_is_named_and_holds_up_nobody(world: World) -> None:
    producer = transactional(world)
    send_within(world, producer, *orders(range(5)))
    world.send(*orders(range(10, 13)), partition=0)  # hidden too, though committed
    world.send(*orders(range(20, 24)), partition=1)
    done = world.ingest("stg", "--once")
    assert "4 stored" in done.stdout
    assert "an open transaction hides messages" in done.stderr
    assert "8 in [0]" in done.stderr
    waiting = {hop.name: hop.behind for hop in hops(world.settings)}
    assert (waiting["produce"], waiting["load"]) == (8, 0)
    producer.commit_transaction()
    assert world.stg() == Counter(stored=8)


def test_messages_that_come_while_it_ends_are_not_called_hidden(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def send_more(_: Counter[str]) -> None:
        world.send(*orders(range(10, 15)))

    world.send(encoded(order(1)))
    run_stg(world.settings, once=True, stop=Service().stop, on_batch=send_more)
    assert "open transaction" not in caplog.text


REFUSE = """
create function public.refuse() returns trigger language plpgsql as $$
begin
    if new.object_id in (13, 20) then
        raise numeric_value_out_of_range using message = 'too great for us';
    end if;
    return new;
end $$;
create trigger refuse before insert on stg.order_events
for each row execute function public.refuse();
"""


def test_a_row_that_postgres_refuses_is_rejected_alone(world: World) -> None:
    """A hole in our checks costs the one message, not its neighbours."""
    world.execute(REFUSE)
    world.send(*orders(range(30)), b"{", partition=0)
    assert world.stg() == Counter(stored=28, refused_by_postgres=2, malformed_json=1)
    letters = {row["object_id"]: row for row in world.dead_letters()}
    assert letters[13]["detail"].startswith("too great for us")
    assert bytes(letters[13]["message_value"]) == encoded(order(13))
    assert sorted(published(world)) == [
        row["position"] for row in world.rows("select position from stg.order_events order by 1")
    ]
    world.execute("update stg.source_progress set next_offset = 0")
    assert world.stg() == Counter(duplicate=31)
    world.execute("drop trigger refuse on stg.order_events")
    world.ingest("dead-letters", "replay", "--reason", "refused_by_postgres")
    assert stored(world) == 30


def test_partitions_that_a_topic_gets_later_are_read_from_their_beginning(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "METADATA_INTERVAL", 1.0)
    topic = world.settings.kafka_stg_src_topic
    world.send(*orders(range(3)))
    with running(world):
        until(lambda: stored(world) == 3, "the loader at work")
        client = AdminClient(configuration(world.settings))
        client.create_partitions([NewPartitions(topic, 5)])[topic].result()
        until(lambda: len(Admin(world.settings).partitions(topic)) == 5, "the new partitions")
        world.send(*orders(range(10, 15)), partition=4)
        until(lambda: stored(world) == 8, "what was sent before anybody knew")
    assert next_offsets(world)[4] == 5


RECORD = """
create table public.seen (isolation text, synchronous text);
create function public.see() returns trigger language plpgsql as $$
begin
    insert into public.seen values (
        current_setting('transaction_isolation'), current_setting('synchronous_commit'));
    return null;
end $$;
create trigger see after insert on stg.order_events execute function public.see();
create trigger see after insert on stg.dead_letters execute function public.see();
create trigger see after update on stg.source_progress execute function public.see();
create trigger see after update on stg.publications execute function public.see();
alter database ordervault_test set default_transaction_isolation = 'repeatable read';
alter database ordervault_test set synchronous_commit = off;
alter database ordervault_test set timezone = 'America/New_York';
alter database ordervault_test set bytea_output = 'escape';
"""


def test_sessions_are_read_committed_and_synchronous_whatever_the_database_is(
    world: World,
) -> None:
    world.execute(RECORD)
    world.reconnect()
    assert world.value("show transaction_isolation") == "repeatable read"
    world.send(*orders(range(3)), b"{")
    world.ingest("stg", "--once")
    seen = world.rows("select isolation, synchronous, count(*) from public.seen group by 1, 2")
    assert [(row["isolation"], row["synchronous"]) for row in seen] == [("read committed", "on")]
    assert seen[0]["count"] >= 5
    assert [copy.value() for copy in world.topic(world.settings.dead_letter_topic)] == [b"{"]
