"""When unknown keys are an outage of Redis and not bad messages."""

import pytest

from ingest.errors import OutageError
from ingest.orders.lost_references import LostReferences


def test_a_trickle_of_unknown_events_is_an_outage_when_they_are_half_of_the_last() -> None:
    watch = LostReferences(0.5)
    for _ in range(100):
        watch.judge(1, [])
    for _ in range(25):
        watch.judge(0, ["user-1"])
    with pytest.raises(OutageError, match=r"26 of 50 events have no reference data.*user-1"):
        watch.judge(0, ["user-1"])


def test_it_is_over_as_soon_as_redis_knows_the_batch() -> None:
    watch = LostReferences(0.5)
    for _ in range(49):
        watch.judge(0, ["user-1"])
    for _ in range(3):
        with pytest.raises(OutageError):
            watch.judge(0, ["user-1"])
    watch.judge(1, [])


def test_a_batch_that_was_an_outage_does_not_count_when_it_comes_again() -> None:
    watch = LostReferences(0.5)
    for _ in range(25):
        watch.judge(1, [])
        watch.judge(0, ["user-1"])
    for _ in range(100):
        with pytest.raises(OutageError, match="26 of 50"):
            watch.judge(0, ["user-1"])
    for _ in range(2):
        watch.judge(1, [])
    watch.judge(0, ["user-1"])


def test_a_large_batch_counts_alone() -> None:
    watch = LostReferences(0.5)
    watch.judge(1000, [])
    watch.judge(30, ["x"] * 30)
    with pytest.raises(OutageError, match="31 of 60"):
        watch.judge(29, ["x"] * 31)


def test_a_few_events_are_no_outage() -> None:
    LostReferences(0.5).judge(0, ["x"] * 49)
    LostReferences(1).judge(0, ["x"] * 1000)
