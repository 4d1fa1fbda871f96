"""Dead letters as a workbench: found, explained, mended, dropped; and their copies in the topic."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from ingest.dead_letters import row_of
from ingest.errors import OutageError, StopError
from ingest.kafka.client import headers_of
from ingest.operate import letters
from ingest.operate.letters import Filter
from ingest.orders.lost_references import FEWEST
from ingest.postgres import Postgres
from ingest.reasons import Reason
from tests.convergence.comparison import assert_equals_model
from tests.dbt_project import DbtProject
from tests.integration.test_bad_envelopes import send
from tests.unit.test_logs import NASTY
from tests.world import RESTAURANT, World, encoded, order

NEW_RESTAURANT = {**RESTAURANT, "_id": "rest-new"}


def of_new_restaurant(number: int) -> bytes:
    return encoded(order(number, restaurant={"id": "rest-new"}))


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
    shown = world.ingest("dead-letters", "show", str(first["position"])).stdout
    assert "Put the restaurant into Redis" in shown
    assert '"restaurant": {"id": "rest-new"}' in shown

    world.know(NEW_RESTAURANT)
    arguments = ("dead-letters", "replay", "--reason", "unknown_restaurant")
    assert "37 would be tried again" in world.ingest(*arguments, "--dry-run").stdout
    assert "37 stored" in world.ingest(*arguments).stdout
    assert "none" in world.ingest(*arguments).stdout

    assert world.stg().total() == 0  # what was replayed is published, and nothing is loaded again
    assert {row["resolution"] for row in world.dead_letters()} == {"stored"}
    assert len(world.onward()) == 38
    dbt.build(world)
    tables = assert_equals_model(world)
    assert len(tables["h_order"]) == 38
    assert {row["load_src"] for row in tables["h_order"]} == {world.settings.kafka_stg_src_topic}


def test_the_copy_in_the_topic_is_the_message_as_it_came_and_as_it_was_first_rejected(
    world: World,
) -> None:
    topic, raw = world.settings.kafka_stg_src_topic, b'{"object_id": 7, \xff'
    headers = [("trace", b"abc"), ("trace", b"\xff"), ("none", None)]
    send(world, topic, raw, key=b"\x00k", headers=headers, partition=1, timestamp=1_709_294_401_500)
    send(world, topic, None, partition=2)
    world.stg()
    with Postgres(world.settings, "test") as postgres:
        letters.replay(world.settings, postgres, Filter())
    world.stg()
    rows = {row["kafka_partition"]: row for row in world.dead_letters()}
    assert {row["attempts"] for row in rows.values()} == {2}
    seen = world.value("select first_seen_at::text from stg.dead_letters where object_id = 7")
    copies = {m.value(): m for m in world.topic(world.settings.dead_letter_topic)}
    assert len(world.topic(world.settings.dead_letter_topic)) == 2
    assert copies[raw].key() == b"\x00k"
    assert headers_of(copies[raw]) == [
        *headers,
        ("position", str(rows[1]["position"]).encode()),
        ("__connect.errors.topic", topic.encode()),
        ("__connect.errors.topic.id", rows[1]["topic_id"].encode()),
        ("__connect.errors.partition", b"1"),
        ("__connect.errors.offset", b"0"),
        ("__connect.errors.timestamp", b"2024-03-01 12:00:01.5"),
        ("__connect.errors.exception.class.name", b"encoding"),
        ("__connect.errors.exception.message", b"byte 17 is not UTF-8"),
        ("__connect.errors.first_seen_at", seen.encode()),
    ]
    assert dict(headers_of(copies[None]))["__connect.errors.exception.class.name"] == b"empty"
    assert rows[1]["object_id"] == 7


def test_a_row_can_be_made_again_of_its_copy(world: World) -> None:
    world.redis.delete("rest-new")
    world.send(b"{", of_new_restaurant(1), None)
    world.stg()
    copies = [row_of(copy) for copy in world.topic(world.settings.dead_letter_topic)]
    made = sorted((copy for copy in copies if copy), key=lambda row: str(row["position"]))
    stored = world.dead_letters()
    assert len(made) == len(stored) == 3
    for copy, row in zip(made, stored, strict=True):
        assert json.loads(copy.pop("message_headers")) == row["message_headers"]
        assert bool(copy.pop("next_attempt_at")) == bool(row["next_attempt_at"])
        for name, value in copy.items():
            assert value == as_text(value, row[name]), name


def as_text(value: Any, stored: Any) -> Any:
    """What a column holds, as a header says it."""
    if isinstance(stored, memoryview):
        return bytes(stored)
    if isinstance(stored, datetime) and isinstance(value, str):
        assert datetime.fromisoformat(value) == stored
        return value
    return stored


def test_what_a_producer_sent_drives_no_terminal(world: World) -> None:
    world.redis.delete(NASTY)
    world.send(encoded(order(1, user={"id": NASTY[:60]})))
    world.stg()
    (row,) = world.dead_letters()
    assert NASTY[:20] in row["detail"]
    position = str(row["position"])
    for arguments in (("list",), ("show", position)):
        plain = world.ingest("dead-letters", *arguments).stdout
        as_json = world.ingest("dead-letters", *arguments, "--json").stdout
        for line in (*plain.splitlines(), *as_json.splitlines()):
            assert line.isprintable()
        assert r"a\nERROR forged\r" in plain
        assert json.loads(as_json)["detail"] == row["detail"]


def test_what_is_dropped_is_done(world: World) -> None:
    world.send(b"{", b"[]")
    world.stg()
    drop = ("dead-letters", "drop", "--reason", "malformed_json")
    assert "1 would be dropped" in world.ingest(*drop, "--dry-run").stdout
    assert "1 dropped" in world.ingest(*drop).stdout
    assert "0 dropped" in world.ingest(*drop).stdout
    listed = world.ingest("dead-letters", "list", "--json").stdout
    assert [json.loads(line)["reason"] for line in listed.splitlines()] == ["not_an_object"]
    everything = world.ingest("dead-letters", "list", "--resolved", "--json").stdout
    assert len(everything.splitlines()) == 2
    for command in ("drop", "replay"):
        refused = world.ingest("dead-letters", command, check=False)
        assert refused.returncode == 2
        assert "--all" in refused.stderr


def test_each_filter_finds_what_it_names(world: World) -> None:
    world.redis.delete("rest-new")
    for value in (b'{"object_id": 5', of_new_restaurant(6), b"[]"):
        world.send(value)
        world.stg()
    first, second, third = world.dead_letters()

    def found(wanted: Filter) -> list[int]:
        with Postgres(world.settings, "test") as postgres:
            rows = letters.find(postgres, wanted)
            assert letters.count(postgres, wanted) == len(rows)
        return [row["position"] for row in rows]

    a, b, c = first["position"], second["position"], third["position"]
    at = second["first_seen_at"]
    assert found(Filter()) == [a, b, c]
    assert found(Filter(reasons=["unknown_restaurant", "not_an_object"])) == [b, c]
    assert found(Filter(orders=[5, 6])) == [a, b]
    assert found(Filter(orders=[5, 6], reasons=["unknown_restaurant"])) == [b]
    assert found(Filter(positions=[c])) == [c]
    assert found(Filter(since=at)) == [b, c]
    assert found(Filter(until=at)) == [a]
    assert found(Filter(since=at, until=at + timedelta(microseconds=1))) == [b]


def test_every_reason_is_explained(world: World) -> None:
    explained = world.ingest("dead-letters", "reasons", "--json").stdout.splitlines()
    assert {json.loads(line)["reason"] for line in explained} == {str(reason) for reason in Reason}
    assert all(json.loads(line)["mend"] for line in explained)


def test_one_that_is_not_there_is_named(world: World) -> None:
    refused = world.ingest("dead-letters", "show", "17", check=False)
    assert refused.returncode == 2
    assert refused.stderr == "ingest: there is no dead letter 17\n"


def test_a_redis_that_lost_its_data_is_an_outage_and_not_many_bad_messages(world: World) -> None:
    world.send(*(encoded(order(number)) for number in range(60)))
    world.redis.delete("user-1", "rest-1")
    with pytest.raises(StopError, match=r"gave up.* (\d+) of \1 events have no reference data"):
        world.stg(max_outage_seconds=1.0)
    # Batches before there were enough to judge by may have been taken.
    assert len(world.dead_letters()) < FEWEST
    assert world.value("select count(*) from stg.order_events") == 0


def test_outage_error_says_who_is_away() -> None:
    assert str(OutageError("Redis", " gone \n")) == "Redis: gone"
