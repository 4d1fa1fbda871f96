"""Decode and enrich whatever comes: an event that is exactly what was sent, or a reason."""

import os
from collections import Counter

from ingest.errors import RejectError
from ingest.kinds import check
from ingest.limits import Limits
from ingest.orders.decode import SkippedError
from tests.as_sent import assert_enriched, enriched
from tests.fuzz import messages

# `make fuzz` asks for more.
COUNT = int(os.environ.get("FUZZ_DECODE", "20000"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))


def test_whatever_comes_is_accepted_as_it_is_or_refused_with_a_reason() -> None:
    outcomes: Counter[str] = Counter()
    for raw in messages(SEED, COUNT):
        outcomes[outcome(raw)] += 1
    print(outcomes)
    assert outcomes.total() == COUNT
    assert outcomes["accepted"] > COUNT / 5
    assert len(outcomes) > 15


def outcome(raw: bytes | None) -> str:
    """What becomes of a message; AssertionError if what is accepted is not what was sent."""
    try:
        _, payload = enriched(raw)
    except RejectError as error:
        error.detail.encode()
        return error.reason
    except SkippedError:
        return "skipped"
    assert raw is not None
    assert_enriched(payload, raw)
    assert b"\\u0000" not in payload.replace(b"\\\\", b""), raw
    check(raw, Limits())
    return "accepted"
