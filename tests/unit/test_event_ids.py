"""The identity of an event: a time, and so many bits of a hash."""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.limits import Limits
from ingest.orders.decode import decode
from ingest.orders.message import Message
from ingest.orders.values import EPOCH, event_id, milliseconds, moment, since_2000
from tests.world import encoded, order

# All but those of the time, the version and the variant.
HASH_BITS = [*range(62), *range(64, 76)]


def sent(at: str) -> Message:
    return decode(encoded({**order(), "sent_dttm": at}), Limits())


NOON = sent("2024-03-01 12:00:00")


def identity(raw: bytes, message: Message = NOON) -> uuid.UUID:
    return uuid.UUID(event_id(raw, message))


@given(st.binary(), st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))
def test_the_same_bytes_are_the_same_event_and_others_are_not(raw: bytes, time: datetime) -> None:
    message = sent(str(time))
    found = identity(raw, message)
    assert found == identity(raw, message) != identity(raw + b" ", message)
    assert found.version == 8
    assert found.variant == uuid.RFC_4122
    assert found.int >> 80 == (time - EPOCH).total_seconds() * 1000 // 1


def test_each_of_74_bits_is_another_bit_of_the_hash() -> None:
    raws = [str(number).encode() for number in range(256)]
    of_ids = columns((identity(raw).int for raw in raws), HASH_BITS)
    digests = [hashlib.blake2b(raw, digest_size=10).digest() for raw in raws]
    of_hash = columns(map(int.from_bytes, digests), range(80))
    assert len(set(of_ids)) == 74
    assert len(set(of_hash)) == 80
    assert set(of_ids) < set(of_hash)


def columns(numbers: Iterable[int], bits: Iterable[int]) -> list[int]:
    """Each of these bits in all numbers, as one number."""
    several = list(numbers)
    return [sum((each >> bit & 1) << n for n, each in enumerate(several)) for bit in bits]


def test_events_sort_by_the_time_they_were_sent() -> None:
    ids = [event_id(b"x", sent(f"2024-03-01 12:00:{second:02}")) for second in range(60)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 60


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-01 12:00:01",
        "2024-03-01T12:00:01.000999",
        "2024-03-01T12:00:01Z",
        "2024-03-01 15:00:01+03:00",
        "2024-03-01 00:30:01-1130",
    ],
)
def test_a_time_is_one_however_it_is_written(text: str) -> None:
    assert milliseconds(text) == 1_709_294_401_000


@pytest.mark.parametrize(
    "text",
    [
        "2000-01-01 00:00:00",
        "2024-02-29 23:59:59",
        "2024-03-01T12:00:01.000999",
        "2024-03-01 15:00:01+03:00",
        "2099-12-31T23:59:59.999999Z",
    ],
)
def test_postgres_gets_a_time_to_the_microsecond(text: str) -> None:
    assert datetime(2000, 1, 1) + timedelta(microseconds=since_2000(text)) == moment(text)
