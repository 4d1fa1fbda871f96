"""Decoding and enriching: every kind of bad input, by `ingest stg` and by `check-message`."""

from collections import defaultdict
from collections.abc import Callable

import pytest

from ingest.errors import RejectError
from ingest.limits import Limits
from ingest.orders.decode import SkippedError, check, decode
from ingest.orders.enrich import ReferenceData, enrich
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
