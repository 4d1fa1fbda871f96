"""Decoding: every kind of bad input, and the identity of an event."""

import json
import uuid
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import RejectError
from ingest.limits import Limits
from ingest.messages import SkippedError, decode, event_id
from ingest.strict_json import compact, encode
from tests.bad_input import MESSAGES, OK, SKIPPED, Case
from tests.world import encoded, order


@pytest.mark.parametrize("case", MESSAGES, ids=lambda case: case.name)
def test_a_message_gets_what_it_deserves(case: Case) -> None:
    if case.outcome == OK:
        event = decode(case.value, Limits())
        assert event.tree == json.loads(case.value or b"", parse_float=Decimal)
        return
    with pytest.raises((RejectError, SkippedError)) as caught:
        decode(case.value, Limits())
    if case.outcome == SKIPPED:
        assert isinstance(caught.value, SkippedError)
        return
    assert isinstance(caught.value, RejectError)
    assert caught.value.reason == case.outcome, caught.value.detail
    assert case.path in caught.value.detail
    assert len(caught.value.detail) < 400


def test_the_same_bytes_are_the_same_event_and_others_are_not() -> None:
    sent = datetime(2024, 3, 1, 12, 0, 1, 500_900)
    first = event_id(b"a", sent)
    assert first == event_id(b"a", sent)
    assert first != event_id(b"b", sent)
    assert first.version == 8
    assert first.variant == uuid.RFC_4122
    milliseconds = first.int >> 80
    assert milliseconds == int((sent - datetime(1970, 1, 1)).total_seconds() * 1000)


def test_events_sort_by_the_time_they_were_sent() -> None:
    ids = [event_id(b"x", datetime(2024, 3, 1, 12, 0, second)) for second in range(60)]
    assert ids == sorted(ids)


def test_limits_are_settings() -> None:
    raw = encoded(order())
    decode(raw, Limits(message_bytes=len(raw), id_length=6))
    for limits, reason in (
        (Limits(message_bytes=len(raw) - 1), "too_large"),
        (Limits(id_length=5), "bad_id"),
        (Limits(items=0), "too_large"),
        (Limits(nesting=3), "too_deep"),
    ):
        with pytest.raises(RejectError) as caught:
            decode(raw, limits)
        assert caught.value.reason == reason


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.decimals(-(10**20), 10**20, places=6).map(lambda d: d + 0)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8), inner,
        max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(JSON, st.booleans())
def test_whatever_is_extra_stays_as_it_came(extra: object, ascii_only: bool) -> None:
    text = json.dumps({**order(), "extra": "PLACE"}, ensure_ascii=ascii_only)
    raw = text.replace('"PLACE"', encode(extra).decode()).encode()
    tree = decode(raw, Limits()).tree
    assert tree["extra"] == json.loads(encode(extra), parse_float=Decimal)
    assert compact(json.dumps(json.loads(encode(order())))) == encode(order())
