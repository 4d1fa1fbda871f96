"""What a producer can send beside the value: keys, headers, timestamps, and sizes of them all."""

import json
from decimal import Decimal

import pytest
from confluent_kafka import KafkaError, Producer

from ingest.kafka.client import configuration
from ingest.kafka.producer import TransactionalProducer
from tests.topics import new_source, raise_limit
from tests.world import USER, World, encoded, order

LARGE = {"max.message.bytes": "8000000"}
FAR_FUTURE = 1_700_000_000_000_000  # microseconds, by mistake
NEW_USER = {**USER, "_id": "user-new"}


def send(world: World, topic: str, value: bytes | None, **envelope: object) -> None:
    producer = Producer({**configuration(world.settings), "message.max.bytes": 9_000_000})
    errors: list[KafkaError | None] = []
    producer.produce(topic, value, on_delivery=lambda error, _: errors.append(error), **envelope)  # type: ignore[arg-type]
    producer.flush(30)
    assert errors == [None]


def test_a_timestamp_of_the_year_55000_stops_nobody(world: World) -> None:
    new_source(world, **{"message.timestamp.after.max.ms": str(2**63 - 1)})
    for value in (b"{", encoded(order(1))):
        send(world, world.settings.kafka_stg_src_topic, value, key=b"k", timestamp=FAR_FUTURE)
    totals = world.stg()
    assert (totals["stored"], totals["malformed_json"]) == (1, 1)
    assert world.dead_letters()[0]["kafka_timestamp"] is None


@pytest.mark.parametrize("key", [None, b"", b"\xff\x00", b"x" * 1_000_000])
def test_any_key_is_taken_and_kept(world: World, key: bytes | None) -> None:
    new_source(world, **LARGE)
    for value in (b"{", encoded(order(1)), b"{" + b" " * 1_000_000):
        send(world, world.settings.kafka_stg_src_topic, value, key=key)
    totals = world.stg()
    assert (totals["stored"], totals["malformed_json"]) == (1, 2)
    kept = {None if row["message_key"] is None else bytes(row["message_key"])
            for row in world.dead_letters()}  # fmt: skip
    assert kept == {key}


def test_any_headers_are_taken_and_kept(world: World) -> None:
    headers = [
        ("", b""),
        ("nul\0name", b"\0"),
        ("x" * 5000, None),
        ("twice", b"1"),
        ("twice", b"2"),
    ]
    headers += [("__connect.errors.topic", b"\xff"), ("event_id", b"not one")]
    for value in (b"{", encoded(order(1))):
        send(world, world.settings.kafka_stg_src_topic, value, headers=headers)
    totals = world.stg()
    assert (totals["stored"], totals["malformed_json"]) == (1, 1)
    assert len(world.dead_letters()[0]["message_headers"]) == len(headers)


@pytest.mark.parametrize(
    ("topic", "partition", "offset"),
    [
        (b"x" * 9000, b"0", b"0"),
        (b"\xff", b"0", b"0"),
        (b"t", b"-1", b"0"),
        (b"t", b"0", b"9" * 30),
    ],
)
def test_a_forged_origin_of_a_replay_is_not_believed(
    world: World, topic: bytes, partition: bytes, offset: bytes
) -> None:
    forged = [
        ("__connect.errors.topic", topic),
        ("__connect.errors.partition", partition),
        ("__connect.errors.offset", offset),
    ]
    send(world, world.settings.retry_topic, b"{", headers=forged)
    assert world.stg()["malformed_json"] == 1
    assert world.dead_letters()[0]["kafka_topic"] == world.settings.retry_topic


def test_what_the_retry_topic_does_not_take_waits_for_a_person(world: World) -> None:
    new_source(world, **LARGE)
    world.redis.delete("user-new")
    message = encoded(order(1, user={"id": "user-new"}))
    send(world, world.settings.kafka_stg_src_topic, message, headers=[("h", b"x" * 3_000_000)])
    send(
        world,
        world.settings.kafka_stg_src_topic,
        message.replace(b'"object_id": 1', b'"object_id": 2'),
    )
    assert world.stg()["unknown_user"] == 2
    world.know(NEW_USER)
    world.execute("update stg.dead_letters set next_attempt_at = now() at time zone 'UTC'")
    assert world.stg()["stored"] == 1
    by_hand = world.ingest("dead-letters", "replay", "--all")
    assert "0 sent again" in by_hand.stdout
    assert "raise the topic's max.message.bytes" in by_hand.stderr
    raise_limit(world, world.settings.retry_topic, 8_000_000)
    assert "1 sent again" in world.ingest("dead-letters", "replay", "--all").stdout
    assert world.stg()["stored"] == 1


NUMBERS = ["1.7976931348623157E+308", f"1.{'1' * 990}e-300", "-0.0", "1e2", "12.50", "-1e-308"]


def test_a_number_that_jsonb_writes_longer_is_published_after_a_crash(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second time it is published as it was stored."""
    raw = encoded(order(1)).replace(b'"cost"', b'"x": [%s], "cost"' % ",".join(NUMBERS).encode(), 1)
    world.send(raw)

    def dies(*_: object) -> None:
        raise ConnectionAbortedError

    with monkeypatch.context() as patched:
        patched.setattr(TransactionalProducer, "send", dies)
        with pytest.raises(ConnectionAbortedError):
            world.stg()
    assert world.stg()["stored"] == 1
    (message,) = world.topic(world.settings.kafka_stg_dst_topic)
    sent = json.loads(message.value or b"", parse_float=Decimal)
    assert sent["payload"]["x"] == [Decimal(text) for text in NUMBERS]


def test_a_message_that_would_grow_beyond_all_bounds_once_stored_is_too_large(world: World) -> None:
    numbers = b",".join([b"1e308"] * 10_000)
    world.send(encoded(order(1)).replace(b'"cost"', b'"x": [%s], "cost"' % numbers, 1))
    assert world.stg()["too_large"] == 1
