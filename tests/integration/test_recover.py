"""A warehouse restored from a backup: noticed, and mended from the topics."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka import Producer

from ingest.errors import StopError
from ingest.kafka.client import configuration
from sandbox.feed import feed
from sandbox.guardian import Guardian
from sandbox.postgres import postgres_server
from sandbox.simulator import Shares, simulate
from tests.convergence.comparison import assert_equals_model, stored_events
from tests.convergence.harness import insert
from tests.convergence.model import final_messages
from tests.convergence.simulated import simulated
from tests.dbt_project import DbtFailed, DbtProject
from tests.dump import back_up, restore, run
from tests.integration.running import running, stored, until
from tests.world import CLOSED, DATABASE, USER, World, encoded, order, orders

SHARES = Shares(late=0.05, repeated=0.05, sent_again=0.02, bad=0.03)


@contextmanager
def new_server() -> Iterator[dict[str, str]]:
    """Another PostgreSQL, with the settings that reach it; it knows no roles of ours."""
    guardian = Guardian(Path(tempfile.mkdtemp(prefix="ordervault-")))
    try:
        (server,), settings = postgres_server(guardian, durable=False, time_zone="UTC")
        server.start()
        server.wait()
        yield {**settings, "PG_WAREHOUSE_DBNAME": DATABASE}
    finally:
        guardian.close()


def waiting_letters(world: World) -> set[tuple[bytes | None, str, int | None, bool]]:
    """The open dead letters: which, why, of which order, and whether they wait for Redis."""
    return {
        (
            bytes(row["message_value"]) if row["message_value"] else None,
            row["reason"],
            row["object_id"],
            row["next_attempt_at"] is not None,
        )
        for row in world.dead_letters()
        if row["resolved_at"] is None
    }


def assert_lacks_nothing(world: World) -> None:
    """`ingest recover` finds nothing to do for any of the three tables."""
    assert world.ingest("recover").stdout.count("lacks nothing") == 3


def load(world: World, dbt: DbtProject) -> None:
    world.stg()
    dbt.build(world)
    world.emit()


def closed_by(number: int, user: str, day: int) -> bytes:
    """A closed order as it is on a day of March: of this user, so that its state tells."""
    time = f"2024-03-{day:02} 13:00:00"
    message = order(number, user={"id": user}, statuses=CLOSED, update_ts=time)
    return encoded({**message, "sent_dttm": time})


def test_a_restored_warehouse_is_noticed_and_recovers_everything(
    world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    steps = list(simulate(60, seed=11, shares=SHARES))
    third = len(steps) // 3
    feed(steps[:third], world.settings)
    load(world, dbt)
    back_up(world, tmp_path / "backup")
    feed(steps[third : 2 * third], world.settings)
    load(world, dbt)
    onward, closed, letters = len(world.onward()), len(world.closed()), len(world.dead_letters())
    events = {event.event_id: event.message for event in stored_events(world)}
    waiting = waiting_letters(world)
    assert any(is_waiting for *_, is_waiting in waiting)
    restore(world, tmp_path / "backup")

    with pytest.raises(StopError, match="it has lost what it had committed"):
        world.stg()
    with pytest.raises(StopError, match="it has lost what it had committed"):
        world.emit()
    world.ingest("recover")
    assert waiting_letters(world) == waiting

    assert {event.event_id: event.message for event in stored_events(world)} == events
    assert len(world.dead_letters()) == letters
    load(world, dbt)
    assert (len(world.onward()), len(world.closed())) == (onward, closed)

    feed(steps[2 * third :], world.settings)
    load(world, dbt)
    assert_equals_model(world)
    stored = world.value("select count(*) from stg.order_events")
    assert len(world.onward()) == stored
    last = {message["object_id"]: message["payload"] for message in world.closed()}
    for number, message in final_messages(stored_events(world)).items():
        assert last[number] == message["payload"]
    assert_lacks_nothing(world)


def test_a_restored_warehouse_that_was_built_before_anybody_noticed_recovers_too(
    world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """dbt has appended rows to the outbox that Kafka never saw, in place of those it has.

    And a repair has drawn the positions of what was lost, so that all models are past them.
    """
    world.send(*(encoded(order(number, statuses=CLOSED)) for number in (1, 2)))
    load(world, dbt)
    world.send(encoded(order(5, statuses=CLOSED)))
    world.stg()
    back_up(world, tmp_path / "backup")
    world.send(*(encoded(order(number, statuses=CLOSED)) for number in (3, 4)), encoded(order(6)))
    load(world, dbt)
    assert len(world.closed()) == 5
    lost = world.value("select max(position) from stg.order_events")
    restore(world, tmp_path / "backup")
    world.ingest("repair", *("--order", "1"), *("--order", "2"), *("--order", "5"))
    dbt.build(world)
    assert world.value("select min(loaded_to) from stg.load_state") >= lost
    world.ingest("recover")
    load(world, dbt)
    assert sorted(message["object_id"] for message in world.closed()) == [1, 2, 3, 4, 5]
    assert_equals_model(world)


def test_what_was_loaded_before_anybody_noticed_moves_behind(world: World) -> None:
    """It stands where the topic has other rows, and is published behind them."""
    world.send(*orders([1, 2]))
    world.stg()
    sent = [event["object_id"] for event in world.onward()]
    (lost,) = world.rows("select * from stg.order_events where position = 2")
    world.execute("delete from stg.order_events where position = 2")
    world.execute("update stg.publications set promised = 1 where promised = 2")
    world.execute(
        "insert into stg.order_events (position, event_id, object_id, object_type, sent_dttm,"
        " payload, kafka_topic, kafka_partition, kafka_offset) select 2, gen_random_uuid(), 3,"
        " object_type, sent_dttm, jsonb_set(payload, '{object_id}', '3'), kafka_topic,"
        " kafka_partition, 7 from stg.order_events"
    )
    world.ingest("recover")
    positions = world.rows("select position, object_id from stg.order_events order by position")
    assert [row["position"] for row in positions] == [1, 2, 3]
    assert positions[1]["object_id"] == lost["object_id"]
    assert positions[2]["object_id"] == 3
    world.stg()
    assert sorted(event["object_id"] for event in world.onward()) == sorted([*sent, 3])


def test_a_state_that_another_has_followed_in_the_topic_is_not_sent_again(
    world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """A build of the restored warehouse knows the older state only."""
    world.know({**USER, "_id": "user-2"}, {**USER, "_id": "user-3"})
    world.send(closed_by(1, "user-1", 2))
    world.stg()
    back_up(world, tmp_path / "backup")
    world.send(closed_by(2, "user-1", 1))
    load(world, dbt)
    for user, day in (("user-2", 3), ("user-3", 4)):
        world.send(closed_by(1, user, day))
        load(world, dbt)
    sent = sorted(json.dumps(message) for message in world.closed())
    assert len(sent) == 4
    restore(world, tmp_path / "backup")
    dbt.build(world)
    world.ingest("recover")
    load(world, dbt)
    assert sorted(json.dumps(message) for message in world.closed()) == sent
    assert_equals_model(world)


def test_a_state_that_came_back_is_sent_again_if_the_topic_has_another_since(
    world: World, dbt: DbtProject
) -> None:
    """The outbox has lost a row, and no event: nothing else would have the order looked at."""
    world.know({**USER, "_id": "user-2"})
    for user, day in (("user-1", 2), ("user-2", 3)):
        world.send(closed_by(1, user, day))
        load(world, dbt)
    world.execute("delete from dds.outbox where position = 2")
    topic = world.settings.kafka_dds_dst_topic
    world.execute("update stg.publications set promised = 1 where topic = %s", topic)
    world.send(closed_by(1, "user-1", 4))
    world.stg()
    dbt.build(world)
    world.ingest("recover")
    dbt.build(world)
    world.emit()
    users = [message["payload"]["user_id"] for message in world.closed()]
    assert users == ["user-1", "user-2", "user-1"]


def test_a_warehouse_moved_to_another_server_goes_on_where_it_was(
    world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """`pg_dumpall --roles-only` first: the dump of a database grants to roles, and holds none."""
    steps = list(simulate(60, seed=12, shares=SHARES))
    third = len(steps) // 3
    feed(steps[:third], world.settings)
    load(world, dbt)
    feed(steps[third : 2 * third], world.settings)
    world.stg()  # stored and not built
    run(world, "pg_dumpall", "--roles-only", f"--file={tmp_path / 'roles'}")
    back_up(world, tmp_path / "backup")
    world.connection.close()
    with new_server() as settings:
        world.environment |= settings
        roles = (tmp_path / "roles").read_text().replace("CREATE ROLE ordervault;", "")
        (tmp_path / "roles").write_text(roles)
        run(world, "psql", "--set=ON_ERROR_STOP=1", f"--file={tmp_path / 'roles'}", "postgres")
        restore(world, tmp_path / "backup")

        load(world, dbt)
        feed(steps[2 * third :], world.settings)
        load(world, dbt)
        assert_equals_model(world)
        events = world.rows("select event_id from stg.order_events")
        assert len(world.onward()) == len(events)
        assert len(world.closed()) == world.value("select count(*) from dds.outbox")
        last = {message["object_id"]: message["payload"] for message in world.closed()}
        for number, message in final_messages(stored_events(world)).items():
            assert last[number] == message["payload"]
        assert_lacks_nothing(world)
        assert "applied" not in world.ingest("init").stdout
        world.connection.close()


@pytest.mark.parametrize("table", ["h_user", "s_order_cost", "outbox"])
def test_a_table_restored_alone_is_noticed(
    world: World, dbt: DbtProject, tmp_path: Path, table: str
) -> None:
    """Its watermark is newer than its rows; also if nothing has come since."""
    file = tmp_path / "backup"
    events = list(simulated(20))
    insert(world.connection, events[:10])
    dbt.build(world)
    back_up(world, file)
    insert(world.connection, events[10:])
    dbt.build(world)
    world.execute(f"drop table dds.{table} cascade")
    only = ("--schema=dds", f"--table={table}")
    run(world, "pg_restore", "--exit-on-error", *only, f"--dbname={DATABASE}", str(file))
    mend = "ingest recover" if table == "outbox" else f"--full-refresh --select {table}`"
    with pytest.raises(DbtFailed, match=f"is not the table that its watermark .*{mend}"):
        dbt.build(world)
    if table != "outbox":
        dbt.build(world, "--full-refresh", "--select", table)
        dbt.build(world)
        assert_equals_model(world)


def test_an_empty_warehouse_is_filled_from_the_topics(world: World, dbt: DbtProject) -> None:
    world.send(*(encoded(order(number)) for number in range(10)), b"{")
    load(world, dbt)
    onward = len(world.onward())
    world.connection.close()
    world.new_database()
    with pytest.raises(StopError, match="or it is another one"):
        world.stg()
    world.ingest("recover")
    load(world, dbt)
    assert len(world.onward()) == onward
    assert len(world.dead_letters()) == 1
    assert_equals_model(world)


def test_a_dead_letter_with_a_header_that_is_no_text_is_put_back_with_it(world: World) -> None:
    """What the producer's headers hold is the producer's affair."""
    producer = Producer(configuration(world.settings))
    producer.produce(world.settings.kafka_stg_src_topic, b"{", b"k", headers=[("h", b"\xff")])
    producer.flush()
    world.send(encoded(order(1)))
    world.stg()
    world.new_database()
    world.ingest("recover")
    (letter,) = world.dead_letters()
    assert letter["message_headers"] == [["h", {"base64": "/w=="}]]
    assert world.stg()["stored"] == 0


def test_a_dead_letter_that_the_backup_has_is_open_until_it_is_replayed(
    world: World, tmp_path: Path
) -> None:
    """It was replayed after the backup, with a limit raised: its event is put back."""
    item = {"id": "dish-1", "name": "Борщ", "price": 120, "quantity": 1}
    world.send(encoded(order(1, order_items=[item, {**item, "id": "dish-2"}])), b"{")
    world.stg(max_items=1)
    back_up(world, tmp_path / "backup")
    assert "1 stored" in world.ingest("dead-letters", "replay", "--order", "1").stdout
    world.stg()
    restore(world, tmp_path / "backup")
    world.ingest("recover")
    assert [row["resolution"] for row in world.dead_letters()] == [None, None]
    world.stg()
    assert "1 stored" in world.ingest("dead-letters", "replay", "--order", "1").stdout
    assert [row["resolution"] for row in world.dead_letters()] == ["stored", None]
    world.stg()
    assert len(world.onward()) == 1


def test_recover_refuses_while_an_ingestor_runs(world: World) -> None:
    world.send(encoded(order(1)))
    with running(world):
        until(lambda: stored(world) == 1, "the order")
        refused = world.ingest("recover", check=False)
    assert refused.returncode == 1
    assert "stop all services first" in refused.stderr
