"""What a producer can send beside the value: keys, headers, timestamps, and sizes of them all."""

import json
from decimal import Decimal

import pytest
from confluent_kafka import KafkaError, Producer

from ingest.kafka.client import configuration, headers_of
from ingest.kafka.message import Headers, Received, headers_of_json
from ingest.publish import Publisher
from tests.as_sent import as_sent
from tests.topics import new_source
from tests.world import World, encoded, order

LARGE = {"max.message.bytes": "8000000"}
FAR_FUTURE = 1_700_000_000_000_000  # microseconds, by mistake


def send(world: World, topic: str, value: bytes | None, **envelope: object) -> None:
    producer = Producer({**configuration(world.settings), "message.max.bytes": 20_000_000})
    errors: list[KafkaError | None] = []
    producer.produce(topic, value, on_delivery=lambda error, _: errors.append(error), **envelope)  # type: ignore[arg-type]
    producer.flush(30)
    assert errors == [None]


def send_good_and_bad(world: World, **envelope: object) -> None:
    """A good message and one that is a dead letter, in such an envelope."""
    for value in (b"{", encoded(order(1))):
        send(world, world.settings.kafka_stg_src_topic, value, **envelope)


def the_copy(world: World) -> tuple[Received, Headers]:
    """The one message of the dead letter topic, and its headers."""
    (copy,) = world.topic(world.settings.dead_letter_topic)
    return copy, headers_of(copy)


def kept_headers(world: World) -> Headers:
    """Those of the one dead letter, as the table has them."""
    (row,) = world.dead_letters()
    return headers_of_json(row["message_headers"])


def test_a_timestamp_of_the_year_55000_stops_nobody(world: World) -> None:
    new_source(world, **{"message.timestamp.after.max.ms": str(2**63 - 1)})
    send_good_and_bad(world, key=b"k", timestamp=FAR_FUTURE)
    totals = world.stg()
    assert (totals["stored"], totals["malformed_json"]) == (1, 1)
    assert world.dead_letters()[0]["kafka_timestamp"] is None
    assert dict(the_copy(world)[1])["__connect.errors.timestamp"] is None


@pytest.mark.parametrize("key", [None, b"", b"\xff\x00", b"x" * 1_000_000])
def test_any_key_is_taken_and_kept(world: World, key: bytes | None) -> None:
    new_source(world, **LARGE)
    send_good_and_bad(world, key=key)
    send(world, world.settings.kafka_stg_src_topic, b"{" + b" " * 1_000_000, key=key)
    totals = world.stg()
    assert (totals["stored"], totals["malformed_json"]) == (1, 2)
    kept = {None if row["message_key"] is None else bytes(row["message_key"])
            for row in world.dead_letters()}  # fmt: skip
    assert kept == {key}


ODD: Headers = [
    ("", b""),
    ("nul", b"\0"),
    ("x" * 5000, None),
    ("twice", b"1"),
    ("twice", b"2"),
    ("\x1b[2J\nforged", "\u202eturned".encode()),
    ("binary", b"\xff\x00"),
]
LIKE_OURS: Headers = [
    ("position", b"999999999"),
    ("event_id", b"not one"),
    ("left_out", b""),
    ("__connect.errors.topic", b"\xff"),
    ("__connect.errors.offset", b"-1"),
]


def test_any_headers_are_taken_and_kept(world: World) -> None:
    send_good_and_bad(world, headers=ODD)
    totals = world.stg()
    assert (totals["stored"], totals["malformed_json"]) == (1, 1)
    assert kept_headers(world) == ODD
    copy, headers = the_copy(world)
    assert headers[: len(ODD)] == ODD
    assert copy.value() == b"{"


def test_headers_that_look_like_ours_tell_nobody_anything(world: World) -> None:
    send_good_and_bad(world, headers=[*LIKE_OURS, ("trace", b"1")], partition=2)
    world.stg()
    assert kept_headers(world) == [*LIKE_OURS, ("trace", b"1")]
    (row,) = world.dead_letters()
    _, headers = the_copy(world)
    names = [name for name, _ in headers]
    assert len(names) == len(set(names))
    assert dict(headers)["trace"] == b"1"
    assert dict(headers)["position"] == str(row["position"]).encode()
    assert dict(headers)["__connect.errors.topic"] == row["kafka_topic"].encode()
    assert dict(headers)["__connect.errors.offset"] == b"0"
    assert "left_out" not in names
    (onward,) = world.topic(world.settings.kafka_stg_dst_topic)
    assert [name for name, _ in headers_of(onward)] == [
        "position", "event_id", "source", "loaded_at",
    ]  # fmt: skip


MANY: Headers = [(f"name-{number}", b"value") for number in range(3_000)]
LONG: Headers = [("long", b"x" * 1_000_000)]


@pytest.mark.parametrize("headers", [MANY, LONG], ids=["3,000 of them", "1 MB"])
def test_headers_may_be_many_and_large(world: World, headers: Headers) -> None:
    new_source(world, **LARGE)
    send_good_and_bad(world, headers=headers)
    totals = world.stg()
    assert (totals["stored"], totals["malformed_json"]) == (1, 1)
    assert kept_headers(world) == headers
    copy, copied = the_copy(world)
    assert copied[: len(headers)] == headers
    assert copy.value() == b"{"


@pytest.mark.parametrize(
    "envelope",
    [
        {"value": b"{" + b" " * 3_000_000},
        {"value": b"{", "key": b"k" * 3_000_000},
        {"value": b"{", "headers": [("long", b"x" * 3_000_000)]},
        {"value": b"{", "headers": [("n" * 100, b"v")] * 20_000},
    ],
    ids=["a value", "a key", "a header", "20,000 headers"],
)
def test_of_what_the_dead_letter_topic_does_not_take_the_copy_says_where_it_is(
    world: World, envelope: dict[str, object]
) -> None:
    new_source(world, **LARGE)
    topic = world.settings.kafka_stg_src_topic
    send(world, topic, partition=0, **{"key": b"k", **envelope})  # type: ignore[arg-type]
    send(world, topic, b"[]", partition=0)
    world.stg()
    large, small = world.dead_letters()
    assert large["reason"] in ("malformed_json", "too_large")
    assert small["reason"] == "not_an_object"
    sent = envelope["value"]
    assert bytes(large["message_value"]) == sent
    copies = {
        dict(headers_of(m))["position"]: m for m in world.topic(world.settings.dead_letter_topic)
    }
    copy = copies[str(large["position"]).encode()]
    said = dict(headers_of(copy))
    assert (copy.key(), copy.value()) == (None, None)
    assert said["left_out"] == b"key, value and headers: too large, see stg.dead_letters"
    assert said["__connect.errors.exception.class.name"] == large["reason"].encode()
    assert len(copies) == 2


# Forty more like the one that is there.
MORE = """
insert into stg.dead_letters (
    kafka_topic, topic_id, kafka_partition, kafka_offset, message_key, message_value,
    message_headers, first_reason, first_detail, reason, detail
)
select
    kafka_topic, topic_id, kafka_partition, number, message_key, message_value,
    message_headers, first_reason, first_detail, reason, detail
from stg.dead_letters cross join generate_series(1, 40) as number
"""


@pytest.mark.parametrize(
    "envelope",
    [{"key": b"k" * 1_000_000}, {"headers": [("long", b"x" * 1_000_000)]}],
    ids=["a key", "a header"],
)
def test_what_is_published_at_once_is_bounded_whatever_is_large(
    world: World, envelope: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And however well it compresses."""
    new_source(world, **LARGE)
    send(world, world.settings.kafka_stg_src_topic, b"{", partition=0, **envelope)
    world.stg()
    world.execute(MORE)
    sizes: list[int] = []
    publish = Publisher._publish

    def measured(self: Publisher, rows: list[list[bytes]]) -> None:
        sizes.append(sum(len(column) for row in rows for column in row))
        publish(self, rows)

    monkeypatch.setattr(Publisher, "_publish", measured)
    world.stg()
    assert len(world.topic(world.settings.dead_letter_topic)) == 41
    assert max(sizes) < 25_000_000


NUMBERS = ["1.7976931348623157E+308", f"1.{'1' * 990}e-300", "-0.0", "1e2", "12.50", "-1e-308"]


def test_a_number_that_jsonb_writes_longer_is_published_as_it_is_stored(world: World) -> None:
    numbers = ",".join(NUMBERS).encode()
    raw = encoded(order(1)).replace(b'"cost"', b'"x": [%s], "cost"' % numbers, 1)
    world.send(raw)
    assert world.stg()["stored"] == 1
    (message,) = world.topic(world.settings.kafka_stg_dst_topic)
    assert as_sent(message.value() or b"") == as_sent(raw)
    sent = json.loads(message.value() or b"", parse_float=Decimal)
    assert sent["payload"]["x"] == [Decimal(text) for text in NUMBERS]


def test_a_message_that_would_grow_beyond_all_bounds_once_stored_is_too_large(world: World) -> None:
    numbers = b",".join([b"1e308"] * 10_000)
    world.send(encoded(order(1)).replace(b'"cost"', b'"x": [%s], "cost"' % numbers, 1))
    assert world.stg()["too_large"] == 1
