"""Dead letters as a workbench: found, mended, replayed, dropped."""

import json
import signal
import time

import pytest
from confluent_kafka import Producer

from ingest.agreement import failed_of
from ingest.dead_letters import Filter, replay
from ingest.deliveries import Place
from ingest.errors import OutageError, StopError
from ingest.kafka.client import configuration
from ingest.postgres import Postgres
from ingest.stg import _was_committed
from tests.convergence.comparison import assert_equals_model
from tests.dbt_project import DbtProject
from tests.world import RESTAURANT, World, encoded, order

NEW_RESTAURANT = {**RESTAURANT, "_id": "rest-new"}


def of_new_restaurant(number: int) -> bytes:
    return encoded(order(number, restaurant={"id": "rest-new"}))


def make_due(world: World) -> None:
    """Look for reference data at once, and not after a while."""
    world.execute("update stg.dead_letters set next_attempt_at = now() at time zone 'UTC'")


def replay_all(world: World, wanted: Filter | None = None) -> int:
    with Postgres(world.settings, "test") as postgres:
        return replay(world.settings, postgres, wanted or Filter())


def test_each_copy_says_which_delivery_failed(world: World) -> None:
    """From it we tell whether a copy that is open was committed, whatever its message says."""
    source, retry = world.settings.kafka_stg_src_topic, world.settings.retry_topic
    world.redis.delete("rest-new")
    headers: dict[str, str | bytes | None] = {
        "source_topic": source,
        "source_partition": "0",
        "source_offset": "9",
    }
    producer = Producer(configuration(world.settings))
    producer.produce(source, of_new_restaurant(1), b"1", partition=0, headers=headers)
    producer.flush()
    world.stg(max_unknown_share=1)
    replay_all(world)
    world.stg()
    first, second = world.topic(world.settings.dead_letter_topic)
    assert [failed_of(copy)[0] for copy in (first, second)] == [source, retry]
    before_the_replay: dict[Place, int | None] = {(source, 0): 1}
    after_it: dict[Place, int | None] = {**before_the_replay, failed_of(second)[:2]: 1}
    for copy, committed, expected in (
        (first, {}, False),
        (first, before_the_replay, True),
        (second, before_the_replay, False),
        (second, after_it, True),
    ):
        assert _was_committed(copy, iter(()), committed) is expected


def test_an_operator_finds_out_why_orders_are_missing_and_brings_them_back(
    world: World, dbt: DbtProject
) -> None:
    world.redis.delete("rest-new")
    world.send(*(of_new_restaurant(number) for number in range(37)), encoded(order(100)))
    world.stg(max_unknown_share=1)
    dbt.build(world)
    assert "37" in world.ingest("status").stdout
    listed = world.ingest("dead-letters", "list", "--reason", "unknown_restaurant", "--json")
    first = json.loads(listed.stdout.splitlines()[0])
    assert "rest-new is not in Redis" in first["detail"]
    shown = world.ingest("dead-letters", "show", str(first["dead_letter_no"])).stdout
    assert "Put the restaurant into Redis" in shown
    assert '"restaurant": {"id": "rest-new"}' in shown

    world.know(NEW_RESTAURANT)
    arguments = ("dead-letters", "replay", "--reason", "unknown_restaurant")
    assert "37 would be sent again" in world.ingest(*arguments, "--dry-run").stdout
    assert "37 sent again" in world.ingest(*arguments).stdout
    assert world.stg()["stored"] == 37

    assert {row["resolution"] for row in world.dead_letters()} == {"stored"}
    assert len(world.onward()) == 38
    dbt.build(world)
    tables = assert_equals_model(world)
    assert len(tables["h_order"]) == 38
    assert {row["load_src"] for row in tables["h_order"]} == {world.settings.kafka_stg_src_topic}


def test_a_message_that_waited_for_reference_data_comes_by_itself(world: World) -> None:
    world.redis.delete("rest-new")
    world.send(of_new_restaurant(1))
    assert world.stg()["unknown_restaurant"] == 1
    world.stg()  # looks, and finds it still unknown
    assert world.dead_letters()[0]["attempts"] == 2
    world.know(NEW_RESTAURANT)
    make_due(world)
    assert world.stg()["stored"] == 1
    assert world.dead_letters()[0]["resolution"] == "stored"


def test_looks_for_reference_data_come_later_and_later(world: World) -> None:
    world.redis.delete("rest-new")
    world.send(of_new_restaurant(1))
    world.stg()
    waits = []
    for _ in range(3):
        make_due(world)
        world.stg()
        waits.append(
            world.value(
                "select extract(epoch from next_attempt_at - now() at time zone 'UTC')::int"
                " from stg.dead_letters"
            )
        )
    assert waits[0] < waits[1] < waits[2]


def test_replaying_twice_changes_nothing(world: World) -> None:
    world.redis.delete("rest-new")
    world.send(of_new_restaurant(1))
    world.stg()
    world.know(NEW_RESTAURANT)
    replay_all(world)
    replay_all(world)
    totals = world.stg()
    assert (totals["stored"], totals["duplicate"]) == (1, 1)
    assert len(world.onward()) == 1


@pytest.mark.parametrize("place", ["produced", "replayed"])
def test_a_replay_that_is_killed_doubles_nothing(place: str, world: World) -> None:
    """Neither the operator's, nor the one of `ingest stg` itself."""
    replay = ("dead-letters", "replay", "--reason", "unknown_restaurant")
    soon = {"INGEST_KILL_AT": f"{place}:1", "KAFKA_TRANSACTION_TIMEOUT_MS": "2000"}
    for turn, command in enumerate([replay, ("stg", "--once")], 1):
        world.redis.delete("rest-new")
        world.send(of_new_restaurant(turn))
        assert world.stg()["unknown_restaurant"] == 1
        world.know(NEW_RESTAURANT)
        make_due(world)
        assert world.ingest(*command, check=False, **soon).returncode == -signal.SIGKILL
        make_due(world)
        world.ingest(*command)
        deadline = time.monotonic() + 30  # until Kafka gives up the transaction that was left open
        while world.rows("select 1 from stg.dead_letters where resolved_at is null"):
            assert time.monotonic() < deadline, "never replayed"
            world.stg()
        assert len(world.onward()) == turn


def test_a_replay_that_fails_again_counts_an_attempt_and_makes_no_second_dead_letter(
    world: World,
) -> None:
    world.send(b"{", key=b"the key")
    world.stg()
    for attempt in (2, 3):
        assert replay_all(world) == 1
        assert world.stg()["malformed_json"] == 1
        (row,) = world.dead_letters()
        assert row["attempts"] == attempt
        assert row["kafka_topic"] == world.settings.kafka_stg_src_topic
        assert bytes(row["message_key"]) == b"the key"


def test_headers_of_the_original_come_back_with_a_replay(world: World) -> None:
    headers = [("trace", b"abc"), ("binary", b"\xff\x00"), ("none", None)]
    producer = Producer(configuration(world.settings))
    producer.produce(world.settings.kafka_stg_src_topic, b"{", b"k", headers=headers)  # type: ignore[arg-type]
    producer.flush()
    world.stg()
    replay_all(world)
    (replayed,) = world.topic(world.settings.retry_topic)
    assert replayed.headers[:3] == headers
    assert (replayed.key, replayed.value) == (b"k", b"{")


def test_what_is_dropped_is_done(world: World) -> None:
    world.send(b"{", b"[]")
    world.stg()
    assert (
        "1 would be dropped"
        in world.ingest("dead-letters", "drop", "--reason", "malformed_json", "--dry-run").stdout
    )
    assert "1 dropped" in world.ingest("dead-letters", "drop", "--reason", "malformed_json").stdout
    assert replay_all(world) == 1
    listed = world.ingest("dead-letters", "list", "--json").stdout
    assert [json.loads(line)["reason"] for line in listed.splitlines()] == ["not_an_object"]
    refused = world.ingest("dead-letters", "drop", check=False)
    assert refused.returncode == 2
    assert "--all" in refused.stderr


def test_every_reason_is_explained(world: World) -> None:
    explained = world.ingest("dead-letters", "reasons", "--json").stdout.splitlines()
    assert len(explained) == 21
    assert all(json.loads(line)["mend"] for line in explained)


def test_a_redis_that_lost_its_data_is_an_outage_and_not_many_bad_messages(world: World) -> None:
    world.send(*(encoded(order(number)) for number in range(60)))
    world.redis.delete("user-1", "rest-1")
    with pytest.raises(StopError, match=r"gave up.* (\d+) of \1 events have no reference data"):
        world.stg(max_outage_seconds=1.0)
    assert world.dead_letters() == []
    assert world.value("select count(*) from stg.order_events") == 0


def test_the_bytes_of_a_stored_event_are_no_dead_letter_when_redis_forgets(world: World) -> None:
    world.send(encoded(order(1)))
    world.stg()
    world.redis.delete("user-1")
    world.send(encoded(order(1)))
    assert world.stg()["duplicate"] == 1
    assert world.dead_letters() == []


def test_a_row_that_only_postgres_refuses_is_rejected_alone(world: World) -> None:
    world.execute(
        """
        create function refuse() returns trigger language plpgsql as $$
        begin
            if new.object_id % 10 = 3 then
                raise exception 'no threes' using errcode = '22023';
            end if;
            return new;
        end $$;
        create trigger refuse before insert on stg.order_events
        for each row execute function refuse();
        """
    )
    world.send(*(encoded(order(number)) for number in range(40)))
    totals = world.stg()
    assert (totals["stored"], totals["refused_by_postgres"]) == (36, 4)
    assert {row["object_id"] for row in world.dead_letters()} == {3, 13, 23, 33}
    assert all("no threes" in row["detail"] for row in world.dead_letters())
    world.execute("drop trigger refuse on stg.order_events")
    replay_all(world)
    assert world.stg()["stored"] == 4


def test_outage_error_says_who_is_away() -> None:
    assert str(OutageError("Redis", " gone \n")) == "Redis: gone"
