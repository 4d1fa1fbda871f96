"""Decoding and enriching: every kind of bad input, by `ingest stg` and by `check-message`."""

from collections import defaultdict
from collections.abc import Callable

import pytest

from ingest.errors import RejectError
from ingest.kinds import check, decode_all
from ingest.limits import Limits
from ingest.orders.decode import SkippedError, decode
from ingest.orders.enrich import ReferenceData, enrich
from ingest.orders.message import Message
from sandbox.simulator import Sent, Shares, simulate
from tests import as_sent
from tests.as_sent import assert_enriched
from tests.bad_input import ALL, MESSAGES, OK, REFERENCES, SKIPPED, Case
from tests.world import encoded, order

KNOWN = ReferenceData(defaultdict(lambda: None, REFERENCES))


def enriched(raw: bytes | None) -> bytes:
    """As `ingest stg` does it, where Redis has the good references and the bad ones."""
    return enrich(decode(raw, Limits()), raw or b"", KNOWN, as_sent.ROOM, Limits())


def checked(raw: bytes | None) -> None:
    """As `ingest check-message` does it, which does not ask Redis."""
    check(raw, Limits())


@pytest.mark.parametrize("case", [case for case in ALL if case.outcome == OK], ids=str)
def test_a_good_message_comes_out_as_it_came(case: Case) -> None:
    checked(case.value)
    payload = enriched(case.value)
    if case in MESSAGES:  # of the user and the restaurant that everybody knows
        assert_enriched(payload, case.value or b"")


REFUSED = [
    *((enriched, case) for case in ALL if case.outcome != OK),
    *((checked, case) for case in MESSAGES if case.outcome != OK),
]


@pytest.mark.parametrize(
    ("take", "case"), REFUSED, ids=lambda each: getattr(each, "__name__", str(each))
)
def test_a_bad_message_gets_its_reason_and_the_path_of_its_fault(
    take: Callable[[bytes | None], object], case: Case
) -> None:
    with pytest.raises((RejectError, SkippedError)) as caught:
        take(case.value)
    if case.outcome == SKIPPED:
        assert isinstance(caught.value, SkippedError)
        return
    assert isinstance(caught.value, RejectError)
    assert caught.value.reason == case.outcome, caught.value.detail
    assert case.path in caught.value.detail
    assert len(caught.value.detail) < 400


def test_limits_are_settings() -> None:
    raw = encoded(order())
    check(raw, Limits(message_bytes=len(raw), id_length=6))
    for limits, reason in (
        (Limits(message_bytes=len(raw) - 1), "too_large"),
        (Limits(id_length=5), "bad_id"),
        (Limits(items=0), "too_large"),
        (Limits(nesting=3), "too_deep"),
    ):
        with pytest.raises(RejectError) as caught:
            check(raw, limits)
        assert caught.value.reason == reason


# --- many at a time ---


GOOD = encoded(order())
TOGETHER = {case.value: str(case) for case in ALL}
# Each alone would be good if it were two.
TWO_TIMES = encoded(order(date="2024-03-01 12:00:00,2024-03-01 12:00:00"))
LEAP_DAY = encoded(order(date="2024-02-29 12:00:00"))


def alone(raw: bytes | None) -> object:
    """What becomes of a message, to be compared."""
    try:
        return decode(raw, Limits())
    except (RejectError, SkippedError) as error:
        return type(error), str(error)


def together(raws: list[bytes | None]) -> list[object]:
    return [
        (type(outcome), str(outcome)) if isinstance(outcome, Exception) else outcome
        for outcome in decode_all(raws, Limits())
    ]


@pytest.mark.parametrize(
    "raw", [*TOGETHER, TWO_TIMES, LEAP_DAY], ids=[*TOGETHER.values(), "2", "l"]
)
def test_among_good_ones_a_message_becomes_what_it_does_alone(raw: bytes | None) -> None:
    raws = [GOOD] * 70 + [raw] + [GOOD] * 70
    assert together(raws) == [alone(each) for each in raws]


def test_many_bad_ones_become_what_each_does_alone() -> None:
    raws = list(TOGETHER)
    assert together(raws) == [alone(raw) for raw in raws]
    assert together([]) == []


def test_good_ones_are_decoded_without_a_look_at_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.orders.decode.check_values", None)
    raws = [step.value for step in simulate(200, shares=Shares(bad=0)) if isinstance(step, Sent)]
    assert all(isinstance(outcome, Message) for outcome in decode_all(raws, Limits()))
