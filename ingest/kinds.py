"""The kinds of messages that are taken, each a folder like `orders/`. All others are skipped.

All come in one topic and lie in one table; `object_type` tells them apart.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ingest.errors import RejectError
from ingest.limits import Limits
from ingest.orders.decode import ORDERS, Decoder, SkippedError
from ingest.orders.enrich import ReferenceData, Room, check_onward, enrich, reference_ids
from ingest.orders.message import Envelope
from ingest.orders.strict_json import decode_object, encode

M = TypeVar("M", bound=Envelope)


def as_it_came(_: Envelope, raw: bytes, __: object, room: Room, limits: Limits) -> bytes:
    """What is stored of a message that Redis has nothing to add to.

    Raises RejectError (those of `decode_object`; too_large for the onward topic).
    """
    payload = encode(decode_object(raw, limits))
    check_onward(payload, room)
    return payload


@dataclass(frozen=True)
class Kind(Generic[M]):
    """How a kind is decoded, which keys of Redis it needs, and what is stored of it."""

    decoder: Decoder[M]
    enrich: Callable[[M, bytes, Any, Room, Limits], bytes] = as_it_came
    reference_ids: Callable[[Iterable[M]], set[str]] = lambda messages: set()
    reference_data: Callable[[Mapping[str, bytes | None]], Any] = lambda raw: raw


# A message is offered to one after the other: the most frequent kind first.
KINDS: Sequence[Kind[Any]] = [
    Kind(ORDERS, enrich, reference_ids, ReferenceData),
]


def decode_all(
    raws: Sequence[bytes | None], limits: Limits
) -> list[Envelope | RejectError | SkippedError]:
    """What each is: a message of one of the kinds, or why not."""
    first, *others = KINDS
    outcomes = first.decoder.decode_all(raws, limits)
    for kind in others:
        skipped = [n for n, found in enumerate(outcomes) if isinstance(found, SkippedError)]
        offered = kind.decoder.decode_all([raws[n] for n in skipped], limits)
        for number, outcome in zip(skipped, offered, strict=True):
            outcomes[number] = outcome
    return outcomes


def check(raw: bytes | None, limits: Limits) -> Envelope:
    """The message, sure of everything: whether it would be taken.

    Redis is not asked. Raises RejectError or SkippedError.
    """
    (outcome,) = decode_all([raw], limits)
    if isinstance(outcome, Exception):
        raise outcome
    decode_object(raw or b"", limits)
    return outcome
