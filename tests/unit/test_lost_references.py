"""When unknown keys are an outage of Redis and not bad messages."""

import pytest

from ingest.errors import OutageError
from ingest.lost_references import LostReferences


def passed(watch: LostReferences, known: int, unknown: list[str]) -> None:
    """A batch that is stored and sent."""
    watch.look(known, unknown)
    watch.passed()


def test_a_trickle_of_unknown_events_is_an_outage_when_they_are_half_of_the_last() -> None:
    watch = LostReferences(0.5)
    for _ in range(100):
        passed(watch, 1, [])
    for _ in range(25):
        passed(watch, 0, ["user-1"])
    with pytest.raises(OutageError, match=r"26 of 50 events have no reference data.*user-1"):
        watch.look(0, ["user-1"])


def test_it_is_over_as_soon_as_redis_knows_the_batch() -> None:
    watch = LostReferences(0.5)
    for _ in range(49):
        passed(watch, 0, ["user-1"])
    for _ in range(3):
        with pytest.raises(OutageError):
            watch.look(0, ["user-1"])
    watch.look(1, [])


def test_a_batch_that_comes_again_counts_once() -> None:
    """Because Postgres refused it, say: its events are no more for that."""
    watch = LostReferences(0.5)
    for _ in range(24):
        passed(watch, 1, [])
    for _ in range(100):
        watch.look(0, ["user-1"])
    watch.passed()
    watch.look(1, [])


def test_a_large_batch_counts_alone() -> None:
    watch = LostReferences(0.5)
    passed(watch, 1000, [])
    passed(watch, 30, ["x"] * 30)
    with pytest.raises(OutageError, match="31 of 60"):
        watch.look(29, ["x"] * 31)


def test_a_few_events_are_no_outage() -> None:
    LostReferences(0.5).look(0, ["x"] * 49)
    LostReferences(1).look(0, ["x"] * 1000)
