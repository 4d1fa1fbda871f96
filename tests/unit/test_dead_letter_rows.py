"""Dead letters as rows: how many go into a statement, and what is found out of their bytes."""

import pytest

from ingest import dead_letters
from ingest.dead_letters import Rejected, object_id_in
from ingest.kafka.message import Received
from ingest.reasons import Reason

LARGE = b"x" * 300_000


def rejected(source: Received | None) -> Rejected:
    return Rejected(0, 0, Reason.MALFORMED_JSON, "no", source)


@pytest.mark.parametrize(
    "source",
    [
        Received(value=LARGE),
        Received(value=b"{", key=LARGE),
        Received(value=b"{", headers={"name": LARGE}),
    ],
    ids=["values", "keys", "headers"],
)
def test_a_statement_holds_a_few_megabytes_whatever_is_large(source: Received) -> None:
    parts = list(dead_letters._parts([rejected(source)] * 100))
    assert sum(map(len, parts)) == 100
    assert max(map(len, parts)) <= 5


def test_a_statement_holds_many_that_are_small() -> None:
    several = [rejected(Received(value=b"{", key=b"k")), rejected(None)] * 2_000
    parts = list(dead_letters._parts(several))
    assert [row for part in parts for row in part] == several
    assert len(parts) < 10


@pytest.mark.parametrize(("size", "waits"), [(1, True), (17_000_000, False)])
def test_one_that_waits_for_reference_data_does_so_with_its_bytes(size: int, waits: bool) -> None:
    """Without them there is nothing to try again, and it would be due for ever."""
    letter = Rejected(0, 0, Reason.UNKNOWN_USER, "user-1", Received(value=b" " * size))
    assert dead_letters._row(letter, "topic", "id")[-1] == waits


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (b'{"object_id": 322519, "x"', 322519),
        (b'\xff{"object_id":"7"', 7),
        (b'{"object_id": 9223372036854775807}', 2**63 - 1),
        (b'{"object_id": 9223372036854775808}', None),
        (b'{"object_id": 12345678901234567890123}', None),
        (b'{"object_id": -1}', None),
        (b"", None),
        (None, None),
    ],
)
def test_the_order_is_found_in_bytes_that_are_no_json(
    value: bytes | None, number: int | None
) -> None:
    assert object_id_in(value) == number
