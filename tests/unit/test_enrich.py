"""Enrichment: what is put into a message, what is wrong with reference data, and what is large."""

import json
from collections import defaultdict
from typing import Any

import pytest

from ingest.errors import RejectError
from ingest.limits import Limits
from ingest.orders.decode import decode
from ingest.orders.enrich import ReferenceData, Room, enrich, reference_ids
from ingest.orders.message import Message
from ingest.reasons import Reason
from tests.as_sent import KNOWN, ROOM
from tests.world import RESTAURANT, encoded, order


def decoded(raw: bytes) -> Message:
    return decode(raw, Limits())


def references(**raw: bytes | None) -> ReferenceData:
    changed = {name.replace("_", "-"): value for name, value in raw.items()}
    return ReferenceData({**KNOWN, **changed})


def enriched(raw: bytes, references: ReferenceData, room: Room = ROOM) -> bytes:
    return enrich(decoded(raw), raw, references, room, Limits())


def refused(raw: bytes, references: ReferenceData, room: Room = ROOM) -> RejectError:
    with pytest.raises(RejectError) as caught:
        enriched(raw, references, room)
    return caught.value


GOOD = encoded(order())


def test_only_the_references_are_added() -> None:
    after = json.loads(enriched(encoded(order(note="as it came")), references()))
    payload = after["payload"]
    assert payload.pop("user") == {"id": "user-1", "name": "Анна Ковалёва", "login": "anna"}
    assert payload.pop("restaurant") == {"id": "rest-1", "name": "Вкус Индии"}
    (item,) = payload["order_items"]
    assert item.pop("category") == "Супы"
    expected = order(note="as it came")["payload"]
    assert payload == {k: v for k, v in expected.items() if k not in ("user", "restaurant")}


def test_the_keys_of_a_batch_are_asked_for_once() -> None:
    messages = [decoded(GOOD), decoded(GOOD), decoded(encoded(order(user={"id": "user-2"})))]
    assert reference_ids(messages) == {"user-1", "user-2", "rest-1"}


def test_of_a_product_listed_twice_the_greatest_category_holds() -> None:
    menu = [
        {"_id": "dish-1", "name": "Борщ", "price": 1, "category": category}
        for category in ("Супы", "Ёлки", "Горячее")
    ]
    raw = json.dumps({**RESTAURANT, "menu": menu}).encode()
    after = json.loads(enriched(GOOD, references(rest_1=raw)))
    assert after["payload"]["order_items"][0]["category"] == "Супы"


@pytest.mark.parametrize(
    ("missing", "reason"),
    [("user_1", Reason.UNKNOWN_USER), ("rest_1", Reason.UNKNOWN_RESTAURANT)],
)
def test_what_redis_does_not_know_waits(missing: str, reason: Reason) -> None:
    error = refused(GOOD, references(**{missing: None}))
    assert error.reason == reason
    assert error.reason.waits_for_reference
    assert missing.replace("_", "-") in error.detail


def test_an_item_outside_the_menu_is_named_by_its_path() -> None:
    lines = [
        {"id": "dish-1", "name": "Борщ", "price": 120, "quantity": 1},
        {"id": "dish-9", "name": "Новый", "price": 120, "quantity": 1},
    ]
    error = refused(encoded(order(order_items=lines)), references())
    assert error.reason == Reason.UNKNOWN_PRODUCT
    assert error.detail.startswith("$.payload.order_items[1].id: dish-9")


@pytest.mark.parametrize(
    ("key", "raw"),
    [
        ("user_1", b"not json"),
        ("user_1", b"\xff"),
        ("user_1", b'{"_id": "user-1", "name": "Anna"}'),
        ("user_1", b'{"_id": "user-1", "name": null, "login": "anna"}'),
        ("user_1", b'{"_id": "user-1", "name": "A\\u0000", "login": "anna"}'),
        ("rest_1", b'{"_id": "rest-1", "name": "R"}'),
        ("rest_1", b'{"_id": "rest-1", "name": "R\\u0000", "menu": []}'),
        ("rest_1", b'{"_id": "rest-1", "name": "R", "menu": [{"_id": "dish-1"}]}'),
        ("rest_1", b'{"name": "R", "menu": [{"_id": "dish-1", "category": "a\\u0000"}]}'),
        ("rest_1", b'{"name": "R", "menu": [{"_id": "dish-1", "category": "%s"}]}' % (b"c" * 501)),
        ("rest_1", b"[" * 100_000),
    ],
)
def test_spoilt_reference_data_is_a_dead_letter_that_waits(key: str, raw: bytes) -> None:
    error = refused(GOOD, references(**{key: raw}))
    assert error.reason == Reason.BAD_REFERENCE
    assert error.reason.waits_for_reference
    assert len(error.detail) < 400


QUOTED = '"\\" and \\u0022'


@pytest.mark.parametrize("extra", [{}, {"note": 'a "note"'}], ids=["plain", "with an extra field"])
def test_quotes_in_reference_data_are_no_quotes_of_json(extra: dict[str, Any]) -> None:
    menu = [{"_id": "dish-1", "category": QUOTED}]
    known = references(
        user_1=encoded({"name": QUOTED, "login": QUOTED}),
        rest_1=encoded({"name": QUOTED, "menu": menu}),
    )
    payload = json.loads(enriched(encoded(order(**extra)), known))["payload"]
    assert payload["user"] == {"id": "user-1", "name": QUOTED, "login": QUOTED}
    assert payload["order_items"][0]["category"] == payload["restaurant"]["name"] == QUOTED
    assert {name: payload[name] for name in extra} == extra


def stored_size(payload: bytes) -> int:
    """How large jsonb writes it."""
    return len(json.dumps(json.loads(payload), ensure_ascii=False).encode())


def test_a_message_that_its_topic_does_not_take_once_enriched_is_too_large() -> None:
    size = stored_size(enriched(GOOD, references()))
    assert enriched(GOOD, references(), Room(size + 20, 10_000))
    for onward in (size - 1, size // 2):
        error = refused(GOOD, references(), Room(onward, 10_000))
        assert error.reason == Reason.TOO_LARGE
        assert "once enriched" in error.detail


def items(count: int, of: str) -> list[dict[str, object]]:
    return [{"id": of, "name": "", "price": 1, "quantity": 1}] * count


def test_an_order_that_the_last_topic_would_not_take_once_it_is_closed_is_too_large() -> None:
    """All of it goes onward; the largest part of it, with ids and categories, comes out again."""
    category = "к" * 500
    menu = [{"_id": "x" * 64, "category": category}]
    known = ReferenceData(defaultdict(lambda: encoded({"name": "", "login": "", "menu": menu})))
    raw = encoded(order(order_items=items(Limits().items, "x" * 64)))
    product = {"product_id": "x" * 64, "category_name": category}
    needed = len(encoded({"products": [product] * Limits().items}))
    assert enriched(raw, known, Room(10_000_000, needed + 100_000))
    error = refused(raw, known, Room(10_000_000, needed))
    assert error.reason == Reason.TOO_LARGE
    assert "once it is closed" in error.detail
