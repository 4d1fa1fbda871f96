"""Enrichment: what is put into a message, and what is wrong with reference data."""

import json
from decimal import Decimal
from typing import Any

import pytest

from ingest.enrich import ReferenceData, enrich, reference_ids
from ingest.errors import RejectError
from ingest.limits import Limits
from ingest.messages import Event, decode
from ingest.reasons import Reason
from tests.world import RESTAURANT, USER, encoded, order

NO_LIMIT = 1_000_000


def event(**changes: Any) -> Event:
    return decode(encoded(order(**changes)), Limits())


def references(**raw: bytes | None) -> ReferenceData:
    known = {"user-1": json.dumps(USER).encode(), "rest-1": json.dumps(RESTAURANT).encode()}
    return ReferenceData({**known, **{name.replace("_", "-"): raw[name] for name in raw}})


def refused(event: Event, references: ReferenceData, limit: int = NO_LIMIT) -> RejectError:
    with pytest.raises(RejectError) as caught:
        enrich(event, references, limit)
    return caught.value


def test_only_the_references_are_added() -> None:
    before = event(note="as it came")
    after = json.loads(enrich(before, references(), NO_LIMIT), parse_float=Decimal)
    payload = after["payload"]
    assert payload.pop("user") == {"id": "user-1", "name": "Анна Ковалёва", "login": "anna"}
    assert payload.pop("restaurant") == {"id": "rest-1", "name": "Вкус Индии"}
    (item,) = payload["order_items"]
    assert item.pop("category") == "Супы"
    expected = dict(before.tree["payload"])
    assert payload == {k: v for k, v in expected.items() if k not in ("user", "restaurant")}


def test_an_amount_keeps_its_digits() -> None:
    raw = encoded(order()).replace(b'"cost": 120', b'"cost": 120.10000')
    enriched = enrich(decode(raw, Limits()), references(), NO_LIMIT)
    assert b'"cost":120.10000' in enriched


def test_the_keys_of_a_batch_are_asked_for_once() -> None:
    events = [event(), event(), event(user={"id": "user-2"})]
    assert reference_ids(events) == {"user-1", "user-2", "rest-1"}


def test_of_a_product_listed_twice_the_greatest_category_holds() -> None:
    menu = [
        {"_id": "dish-1", "name": "Борщ", "price": 1, "category": category}
        for category in ("Супы", "Ёлки", "Горячее")
    ]
    raw = json.dumps({**RESTAURANT, "menu": menu}).encode()
    enriched = json.loads(enrich(event(), references(rest_1=raw), NO_LIMIT))
    assert enriched["payload"]["order_items"][0]["category"] == "Супы"


@pytest.mark.parametrize(
    ("missing", "reason"),
    [("user_1", Reason.UNKNOWN_USER), ("rest_1", Reason.UNKNOWN_RESTAURANT)],
)
def test_what_redis_does_not_know_waits(missing: str, reason: Reason) -> None:
    error = refused(event(), references(**{missing: None}))
    assert error.reason == reason
    assert error.reason.waits_for_reference
    assert missing.replace("_", "-") in error.detail


def test_an_item_outside_the_menu_is_named_by_its_path() -> None:
    lines = [
        {"id": "dish-1", "name": "Борщ", "price": 120, "quantity": 1},
        {"id": "dish-9", "name": "Новый", "price": 120, "quantity": 1},
    ]
    error = refused(event(order_items=lines), references())
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
        ("rest_1", b'{"name": "R", "menu": [{"_id": "dish-1", "category": "%s"}]}' % (b"c" * 501)),
        ("rest_1", b"[" * 100_000),
    ],
)
def test_spoilt_reference_data_is_a_dead_letter_that_waits(key: str, raw: bytes) -> None:
    error = refused(event(), references(**{key: raw}))
    assert error.reason == Reason.BAD_REFERENCE
    assert error.reason.waits_for_reference
    assert len(error.detail) < 400


def test_a_message_that_grows_beyond_the_limit_of_the_topic_is_refused() -> None:
    size = len(enrich(event(), references(), NO_LIMIT))
    assert enrich(event(), references(), size)
    assert refused(event(), references(), size - 1).reason == Reason.TOO_LARGE
