"""Whatever a message holds beside the fields that we name stays exactly as it came."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import RejectError
from ingest.kinds import check
from ingest.limits import Limits
from ingest.orders.strict_json import encode
from ingest.reasons import Reason
from tests.as_sent import as_sent, assert_enriched, enriched, exactly
from tests.world import encoded, order

# Where an object of the message begins, in its text: its first field, and a value for that.
OBJECTS = {
    "the message": ('{"object_id"', "2"),
    "the payload": ('{"restaurant"', '{"id": "rest-1"}'),
    "the user": ('{"id": "user-1"', None),
    "the restaurant": ('{"id": "rest-1"', None),
    "an item": ('{"id": "dish-1"', None),
    "a status": ('{"status"', '"OPEN"'),
}
DEPTHS = {"the message": 1, "the payload": 2, "an item": 4, "a status": 4}
STARTS = [start for start, _ in OBJECTS.values()]
nested = pytest.mark.parametrize("place", OBJECTS)


def with_fields(start: str, fields: str, ascii_only: bool = False) -> bytes:
    """The good message, with more fields in front of the others of one object."""
    text = json.dumps(order(), ensure_ascii=ascii_only)
    assert text.count(start) == 1
    return text.replace(start, f"{{{fields}, {start[1:]}").encode()


TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0") | st.sampled_from('"\\u0'),
    max_size=20,
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.decimals(-(10**20), 10**20, places=6).map(lambda d: d + 0)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from(STARTS), st.booleans())
def test_an_extra_field_stays_as_it_came(extra: object, start: str, ascii_only: bool) -> None:
    raw = with_fields(start, f'"extra": {encode(extra).decode()}', ascii_only)
    _, payload = enriched(raw)
    assert_enriched(payload, raw)
    assert b'"extra":' in payload


@given(TEXT, st.booleans())
def test_strings_stay_as_they_came_however_they_are_written(text: str, as_codes: bool) -> None:
    written = "".join(f"\\u{ord(c):04x}" for c in text) if as_codes and text.isascii() else None
    name = json.dumps(text) if written is None else f'"{written}"'
    raw = encoded(order()).replace('"Борщ"'.encode(), name.encode())
    _, payload = enriched(raw)
    assert_enriched(payload, raw)
    assert exactly(payload)["payload"]["order_items"][0]["name"] == text


@nested
def test_quotes_that_came_as_codes_do_not_hide_an_extra_field(place: str) -> None:
    """They are written as two characters, with as many more quotes as the field would lose."""
    raw = with_fields(OBJECTS[place][0], '"x": 1').replace("Борщ".encode(), b"\\u0022\\u0022")
    assert_enriched(enriched(raw)[1], raw)


@nested
@pytest.mark.parametrize("written", ['"a": 1, "a": 1', '"a": 1, "\\u0061": 2', '"": 1, "": 2'])
def test_a_key_named_twice_is_noticed_wherever_it_is(place: str, written: str) -> None:
    start, _ = OBJECTS[place]
    assert refused(with_fields(start, written)) == Reason.DUPLICATE_KEY
    assert refused(with_fields(start, f'"x": [{{{written}}}]')) == Reason.DUPLICATE_KEY


@nested
def test_a_field_that_we_name_and_that_comes_twice_is_noticed(place: str) -> None:
    start, value = OBJECTS[place]
    again = start[1:] if value is None else f"{start[1:]}: {value}"
    assert refused(with_fields(start, again)) == Reason.DUPLICATE_KEY


def refused(raw: bytes) -> Reason:
    """The reason, which does not depend on who asks."""
    with pytest.raises(RejectError) as caught:
        enriched(raw)
    with pytest.raises(RejectError) as checked:
        check(raw, Limits())
    assert caught.value.reason == checked.value.reason
    return caught.value.reason


OWN = ('"somebody"', "null", "17", '{"name": "x"}', '["\\u0022", 1.50]', '"\\""')


@pytest.mark.parametrize("value", OWN)
def test_what_redis_knows_takes_the_place_of_fields_of_that_name(value: str) -> None:
    for place, names in (
        ("the user", ("name", "login")),
        ("the restaurant", ("name",)),
        ("an item", ("category",)),
    ):
        for name in names:
            raw = with_fields(OBJECTS[place][0], f'"{name}": {value}')
            assert_enriched(enriched(raw)[1], raw)


@pytest.mark.parametrize("name", ["bonus_payment", "bonus_grant", "final_status", "update_ts"])
def test_a_null_stays_a_null_and_what_is_absent_stays_absent(name: str) -> None:
    changes: dict[str, Any] = {name: None}
    document = order(**changes)
    assert exactly(enriched(encoded(document))[1])["payload"][name] is None
    del document["payload"][name]
    assert name not in exactly(enriched(encoded(document))[1])["payload"]


AMOUNTS = ["120", "120.10000", "0.1", '"0.10"', '"00120.1"', "1.2e2", "12E-1", "5.00000000", "-0.0"]


@pytest.mark.parametrize("amount", AMOUNTS)
@pytest.mark.parametrize("more", ["", '"extra": 1, '], ids=["alone", "beside an extra field"])
def test_an_amount_keeps_its_digits(amount: str, more: str) -> None:
    for name in ("cost", "payment", "price", "bonus_payment", "bonus_grant"):
        raw = changed(name, amount).replace(b'"cost"', f'{more}"cost"'.encode())
        _, payload = enriched(raw)
        assert as_sent(payload) == as_sent(raw)


def changed(name: str, amount: str) -> bytes:
    document: dict[str, Any] = order()
    holder = document["payload"]["order_items"][0] if name == "price" else document["payload"]
    holder[name] = "HERE"
    return encoded(document).replace(b'"HERE"', amount.encode())


@nested
@pytest.mark.parametrize("depth", [0, 1, 500, 100_000], ids="MAX_NESTING+{}".format)
def test_nesting_in_an_extra_field_is_bounded(place: str, depth: int) -> None:
    deep = Limits().nesting - DEPTHS.get(place, 3) + depth
    raw = with_fields(OBJECTS[place][0], f'"x": {"[" * deep}{"]" * deep}')
    if depth:
        assert refused(raw) == Reason.TOO_DEEP
    else:
        assert_enriched(enriched(raw)[1], raw)
