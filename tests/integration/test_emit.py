"""The outbox goes on to its topic, each row once, in order."""

import itertools
import threading
import time
from contextlib import suppress

import pytest
from confluent_kafka.admin import AdminClient

from ingest import emit as emit_module
from ingest.errors import OutageError, StopError
from ingest.kafka.broker import Broker
from ingest.kafka.client import configuration
from ingest.postgres import Postgres
from ingest.settings import Settings
from tests.world import World

OUTBOX = """
create schema if not exists dds;
create table dds.outbox (
    position bigint primary key, outbox_id uuid, h_order_pk uuid, order_id bigint,
    state_hash uuid, message text, created_at timestamp
);
"""

APPEND = """
insert into dds.outbox
select
    coalesce((select max(position) from dds.outbox), 0) + n, %s, md5(n::text)::uuid, n,
    md5(n::text)::uuid, '{"object_id": ' || n || ', "payload": {}}', now()
from generate_series(1, %s) as n
"""

FIRST_ID = "00000000-0000-0000-0000-000000000001"
OTHER_ID = "00000000-0000-0000-0000-000000000002"


@pytest.fixture
def outbox(world: World) -> World:
    """A world with an outbox as dbt makes it."""
    world.execute(OUTBOX)
    return world


def append(world: World, rows: int, outbox_id: str = FIRST_ID) -> None:
    world.execute(APPEND, outbox_id, rows)
    world.execute("select pg_notify('ordervault_outbox', '')")


def positions(world: World) -> list[int]:
    """The positions in the topic, in the order of each partition."""
    messages = world.topic(world.settings.kafka_dds_dst_topic)
    return [int(dict(message.headers)["position"] or b"") for message in messages]


def test_every_row_is_sent_once_and_in_order(outbox: World) -> None:
    append(outbox, 2500)
    assert outbox.emit() == 2500
    assert outbox.emit() == 0
    append(outbox, 10)
    assert outbox.emit() == 10
    assert sorted(positions(outbox)) == list(range(1, 2511))
    by_partition: dict[int, list[int]] = {}
    for message in outbox.topic(outbox.settings.kafka_dds_dst_topic):
        number = int(dict(message.headers)["position"] or b"")
        by_partition.setdefault(message.partition, []).append(number)
    assert all(numbers == sorted(numbers) for numbers in by_partition.values())


def test_without_an_outbox_it_says_what_to_do(world: World) -> None:
    with pytest.raises(StopError, match="dbt build"):
        world.emit()


def test_a_follower_is_woken_and_stops_when_told(outbox: World) -> None:
    settings = outbox.settings.model_copy(update={"default_job_interval": 300.0})
    stop, result = threading.Event(), []
    follower = threading.Thread(
        target=lambda: result.append(emit_module.run(settings, follow=True, since=None, stop=stop))
    )
    follower.start()
    try:
        for expected in (3, 7):
            append(outbox, expected - len(positions(outbox)))
            deadline = time.monotonic() + 20
            while len(positions(outbox)) < expected and time.monotonic() < deadline:
                time.sleep(0.1)
            assert len(positions(outbox)) == expected
    finally:
        stop.set()
        follower.join(10)
    assert result == [7]


def test_two_emitters_at_once_send_everything_once(outbox: World) -> None:
    threads = [threading.Thread(target=outbox.emit) for _ in range(4)]
    append(outbox, 3000)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(positions(outbox)) == list(range(1, 3001))


def test_a_lost_progress_topic_is_read_from_the_messages(outbox: World) -> None:
    append(outbox, 5)
    outbox.emit()
    client = AdminClient(configuration(outbox.settings))
    for future in client.delete_topics([outbox.settings.progress_topic]).values():
        future.result()
    while outbox.settings.progress_topic in client.list_topics(timeout=10).topics:
        time.sleep(0.1)
    with pytest.raises(StopError, match="no such topic"):
        outbox.emit()
    Broker(outbox.settings).create_topics()
    append(outbox, 2)
    assert outbox.emit() == 2
    assert sorted(positions(outbox)) == list(range(1, 8))


def test_an_outbox_that_was_made_anew_is_noticed(outbox: World) -> None:
    append(outbox, 5)
    outbox.emit()
    outbox.execute("drop table dds.outbox")
    outbox.execute(OUTBOX)
    append(outbox, 5, OTHER_ID)
    with pytest.raises(StopError, match="made anew"):
        outbox.emit()
    assert len(positions(outbox)) == 5
    assert outbox.emit(since=3) == 2
    assert outbox.emit() == 0
    assert outbox.emit(since=0) == 5
    assert outbox.emit() == 0


def test_to_leave_it_at_the_end_of_another_outbox_is_remembered(outbox: World) -> None:
    append(outbox, 5)
    outbox.emit()
    outbox.execute("delete from dds.outbox where position > 3")
    assert outbox.emit(since=3) == 0
    assert outbox.emit() == 0
    append(outbox, 2)
    assert outbox.emit() == 2


def rows_of(world: World) -> list[dict[str, object]]:
    return world.rows("select position, message from dds.outbox order by position")


def test_what_was_left_at_that_is_not_put_back(outbox: World) -> None:
    append(outbox, 5)
    outbox.emit()
    outbox.execute("delete from dds.outbox where position > 3")
    outbox.emit(since=3)
    assert "0 rows put back into dds.outbox" in outbox.ingest("recover").stdout
    assert outbox.emit() == 0
    append(outbox, 2)  # the topic has two messages of positions 4 and 5 then
    assert outbox.emit() == 2
    rows = rows_of(outbox)
    assert "0 rows put back into dds.outbox" in outbox.ingest("recover").stdout
    assert rows_of(outbox) == rows
    assert outbox.emit() == 0
    outbox.execute("delete from dds.outbox where position > 3")
    assert "2 rows put back into dds.outbox" in outbox.ingest("recover").stdout
    assert rows_of(outbox) == rows
    assert outbox.emit() == 0


def test_a_position_that_was_chosen_among_rows_never_sent_holds(outbox: World) -> None:
    append(outbox, 5)
    outbox.emit()
    outbox.execute("delete from dds.outbox where position > 3")
    append(outbox, 2)  # built before anybody noticed
    outbox.emit(since=5)
    rows = rows_of(outbox)
    assert "0 rows put back into dds.outbox" in outbox.ingest("recover").stdout
    assert rows_of(outbox) == rows
    assert outbox.emit() == 0


def test_everything_of_an_outbox_that_is_still_empty_may_be_asked_for(outbox: World) -> None:
    append(outbox, 5)
    outbox.emit()
    outbox.execute("delete from dds.outbox")
    assert outbox.emit(since=0) == 0
    append(outbox, 2)
    assert outbox.emit() == 2


def test_a_position_that_is_not_there_is_refused(outbox: World) -> None:
    append(outbox, 5)
    with pytest.raises(StopError, match="the outbox ends at 5"):
        outbox.emit(since=6)


def test_an_outage_in_the_middle_of_a_replay_doubles_nothing_of_it(
    outbox: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(outbox, 2500)
    outbox.emit()
    query, calls = Postgres.query, itertools.count()

    def fails_once(self: Postgres, statement: str, *values: object) -> object:
        if statement == emit_module.SELECT_ROWS and next(calls) == 1:
            raise OutageError("Postgres", "away")
        return query(self, statement, *values)

    monkeypatch.setattr(Postgres, "query", fails_once)
    outbox.emit(since=0)
    assert len(positions(outbox)) == 5000


def test_a_choice_is_taken_while_a_message_of_another_one_is_open(outbox: World) -> None:
    """Neither topic tells how far it was sent; who opens a producer asks, and must not insist."""
    topic = outbox.settings.kafka_dds_dst_topic
    append(outbox, 5)
    other = outbox.begun()
    other.produce(topic, b"{}", b"not ours", partition=0)
    other.flush()
    other.commit_transaction()
    other.begin_transaction()
    other.produce(topic, b"{}", b"open", partition=1, headers={"position": "1"})
    other.flush()
    assert outbox.emit(since=3) == 2
    other.abort_transaction()


def test_a_position_that_cannot_be_read_yet_is_waited_for(outbox: World) -> None:
    """Kafka answers a commit before it can be read; here a message of another one stands before."""
    settings = outbox.settings
    other = outbox.begun()
    append(outbox, 2)
    outbox.emit()
    other.produce(settings.progress_topic, b"{}", b"not ours")
    other.flush()
    append(outbox, 3)
    impatient = settings.model_copy(update={"max_outage_seconds": 1})
    for _ in range(2):
        with suppress(StopError):  # that it gave up
            emit_module.run(impatient, follow=False, since=None, stop=threading.Event())
    other.abort_transaction()
    outbox.emit()
    assert sorted(positions(outbox)) == [1, 2, 3, 4, 5]


def test_what_an_emitter_that_has_lost_its_lock_still_sends_is_not_sent_twice(
    outbox: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may commit until it is fenced off, so the position is read after that."""
    append(outbox, 5)
    read_progress, tried = emit_module.read_progress, []
    with (
        Postgres(outbox.settings, "test") as postgres,
        emit_module._producer(outbox.settings) as producer,
    ):
        producer.open()

        def read_while_the_other_sends(settings: Settings) -> emit_module.Progress | None:
            progress = read_progress(settings)
            monkeypatch.undo()
            with suppress(StopError):
                tried.append("sends")
                emit_module.Emitter(settings, postgres, producer).emit()
            return progress

        monkeypatch.setattr(emit_module, "read_progress", read_while_the_other_sends)
        outbox.emit()
    assert tried
    assert sorted(positions(outbox)) == [1, 2, 3, 4, 5]


def test_a_replay_beside_another_emitter_is_refused(outbox: World) -> None:
    append(outbox, 5)
    outbox.emit()
    topic = outbox.settings.kafka_dds_dst_topic
    outbox.execute(emit_module.TRY_LOCK, topic)
    with pytest.raises(StopError, match="another emitter"):
        outbox.emit(since=0)


def test_an_outbox_that_was_restored_is_noticed(outbox: World) -> None:
    append(outbox, 5)
    outbox.emit()
    outbox.execute("delete from dds.outbox where position > 3")
    with pytest.raises(StopError, match="restored from a backup"):
        outbox.emit()
    append(outbox, 7)
    with pytest.raises(StopError, match="says something else there"):
        outbox.emit()
    assert len(positions(outbox)) == 5
    assert "`ingest recover`" in outbox.ingest("emit", check=False).stderr
