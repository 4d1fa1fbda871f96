"""The values of an order that msgspec leaves to us: ids, amounts, times; and an event's identity.

Those of many messages are looked at together, and one by one only where something is wrong: a call
of Python for each of some forty values of a message would cost more than all the rest.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from msgspec import Raw

from ingest.errors import RejectError
from ingest.limits import Limits
from ingest.orders.message import (
    AMOUNT_TEXT,
    MAX_BIGINT,
    NULL,
    TIMESTAMP_TEXT,
    Envelope,
    Message,
    Order,
)
from ingest.orders.strict_json import MAX_NUMBER_LENGTH, SHOWN, is_beyond, shown
from ingest.reasons import Reason

EPOCH = datetime(1970, 1, 1)
# numeric(19,5)
MAX_AMOUNT = Decimal("99999999999999.99999")
FIVE_DECIMALS = Decimal("0.00001")
DIGITS = re.compile(r"[0-9]{1,19}", re.ASCII)
# Amounts as nearly all of them come, with commas between.
AMOUNT = rb'(?:(?:0|[1-9][0-9]{0,13})(?:\.[0-9]{1,5})?|"[0-9]{1,14}(?:\.[0-9]{1,5})?")'
AMOUNTS = re.compile(rb"(?:%b,)*+" % AMOUNT)
OPTIONAL_AMOUNTS = re.compile(rb"(?:(?:null|%b),)*+" % AMOUNT)
# Times as nearly all of them come, likewise: not on a leap day, and in UTC.
DAY = (
    "(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31"
)
CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?Z?"
TIMES = re.compile(rf"(?:20[0-9]{{2}}-(?:{DAY})[ T]{CLOCK},)*+", re.ASCII)
YEARS = range(2000, 2100)
MILLISECOND = timedelta(milliseconds=1)
MICROSECOND = timedelta(microseconds=1)
MILLISECONDS_TO_2000 = (datetime(2000, 1, 1) - EPOCH) // MILLISECOND
# Minutes that are remembered, with what they are in milliseconds.
REMEMBERED = 100_000


def are_good(messages: Sequence[Message], limits: Limits) -> bool:
    """Whether all values of all the messages are as they must be, and as they nearly always are.

    Where they are not, `check_envelope` and `check_values` say of each what is wrong, if anything.
    """
    orders = [message.payload for message in messages]
    items = [item for order in orders for item in order.order_items]
    ids = [item.id for item in items]
    ids += [order.user.id for order in orders]
    ids += [order.restaurant.id for order in orders]
    amounts = [item.price for item in items]
    amounts += [order.cost for order in orders]
    amounts += [order.payment for order in orders]
    optional = [order.bonus_payment or NULL for order in orders]
    optional += [order.bonus_grant or NULL for order in orders]
    times = [entry.dttm for order in orders for entry in order.statuses]
    times += [order.date for order in orders]
    times += [order.update_ts for order in orders if isinstance(order.update_ts, str)]
    times += [message.sent_dttm for message in messages]
    all_times = ",".join(times)
    return (
        max(map(len, ids)) <= limits.id_length
        and not any(map(str.isspace, ids))
        and all([len(order.order_items) <= limits.items for order in orders])
        and all([_is_number(message.object_id) for message in messages])
        and AMOUNTS.fullmatch(b",".join(amounts) + b",") is not None
        and OPTIONAL_AMOUNTS.fullmatch(b",".join(optional) + b",") is not None
        and TIMES.fullmatch(all_times + ",") is not None
        and all_times.count(",") == len(times) - 1  # none has a comma in it
    )


def check_envelope(message: Envelope) -> None:
    """Raise RejectError (bad_object_id, bad_timestamp) unless number and time are such."""
    if not _is_number(message.object_id):
        raise RejectError(Reason.BAD_OBJECT_ID, f"$.object_id: {shown(message.object_id)}")
    _check_time("$.sent_dttm", message.sent_dttm)


def check_values(message: Message, limits: Limits) -> None:
    """Raise RejectError for the first value of the order that is not as it must be."""
    order, longest = message.payload, limits.id_length
    if len(order.order_items) > limits.items:
        detail = f"{len(order.order_items)} entries, MAX_ITEMS is {limits.items}"
        raise RejectError(Reason.TOO_LARGE, f"$.payload.order_items has {detail}")
    for path, text in _ids(order):
        if len(text) > longest or text.isspace():
            raise RejectError(Reason.BAD_ID, f"{path}: {shown(text)}")
    for path, raw in _amounts(order):
        _check_amount(path, raw)
    for path, text in _times(order):
        _check_time(path, text)


def _is_number(object_id: int | str) -> bool:
    if isinstance(object_id, int):
        return True
    return DIGITS.fullmatch(object_id) is not None and int(object_id) <= MAX_BIGINT


def _ids(order: Order) -> Iterator[tuple[str, str]]:
    yield "$.payload.user.id", order.user.id
    yield "$.payload.restaurant.id", order.restaurant.id
    for number, item in enumerate(order.order_items):
        yield f"$.payload.order_items[{number}].id", item.id


def _amounts(order: Order) -> Iterator[tuple[str, Raw]]:
    for number, item in enumerate(order.order_items):
        yield f"$.payload.order_items[{number}].price", item.price
    yield "$.payload.cost", order.cost
    yield "$.payload.payment", order.payment
    for name, raw in (("bonus_payment", order.bonus_payment), ("bonus_grant", order.bonus_grant)):
        if raw and raw != NULL:
            yield f"$.payload.{name}", raw


def _check_amount(path: str, raw: Raw) -> None:
    """Raise RejectError (missing_field, wrong_type, bad_amount) unless it is an amount."""
    text = bytes(raw)
    if text == b"null":
        raise RejectError(Reason.MISSING_FIELD, f"{path} is null")
    is_text = text.startswith(b'"')
    if not is_text and text[:1] not in b"-0123456789":
        raise RejectError(Reason.WRONG_TYPE, f"{path}: expected a number, got {_json(raw)}")
    try:
        value = json.loads(text) if is_text else text.decode()
        if len(text) > MAX_NUMBER_LENGTH or (is_text and not AMOUNT_TEXT.fullmatch(value)):
            raise ValueError
        amount = Decimal(value)
        if not 0 <= amount <= MAX_AMOUNT or is_beyond(amount) or amount % FIVE_DECIMALS:
            raise ValueError
    except (ValueError, InvalidOperation):
        raise RejectError(Reason.BAD_AMOUNT, f"{path}: {_json(raw)}") from None


def _check_time(path: str, text: str) -> None:
    """Raise RejectError (bad_timestamp) unless it is a time."""
    try:
        moment(text)
    except (ValueError, OverflowError):
        raise RejectError(Reason.BAD_TIMESTAMP, f"{path}: {shown(text)}") from None


def _times(order: Order) -> Iterator[tuple[str, str]]:
    yield "$.payload.date", order.date
    if isinstance(order.update_ts, str):
        yield "$.payload.update_ts", order.update_ts
    for number, entry in enumerate(order.statuses):
        yield f"$.payload.statuses[{number}].dttm", entry.dttm


def _json(raw: Raw) -> str:
    """A bad value for a person to read."""
    text = bytes(raw).decode()
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def event_id(raw: bytes, message: Envelope) -> str:
    """The identity of an event: a UUIDv8 with the milliseconds of sent_dttm in front, in 32 digits.

    A function of the bytes alone, so that the same bytes are one event at whatever offset they
    come; in the order of time, so that inserts into its index stay local. Of the hash it takes the
    first 12 bits, two of the next four, and 60 more.
    """
    digits = hashlib.blake2b(raw, digest_size=10).hexdigest()
    front = milliseconds(message.sent_dttm)
    return f"{front:012x}8{digits[:3]}{VARIANT[digits[3]]}{digits[4:19]}"


# Two bits of a digit behind the two that mark the UUIDs of RFC 9562.
VARIANT = {f"{number:x}": "89ab"[number & 3] for number in range(16)}


def milliseconds(text: str) -> int:
    """A timestamp in UTC, in milliseconds since 1970. Raises ValueError, OverflowError."""
    # As nearly all of them come: the minute is remembered, so that the second is all that is new.
    if len(text) == 19 and (second := SECONDS.get(text[17:])) is not None:
        return _minute(text[:17]) + second
    return (moment(text) - EPOCH) // MILLISECOND


def since_2000(text: str) -> int:
    """A timestamp in UTC, in microseconds since 2000: as Postgres stores it.

    Raises ValueError, OverflowError.
    """
    if len(text) == 19:
        return 1000 * (milliseconds(text) - MILLISECONDS_TO_2000)
    return (moment(text) - datetime(2000, 1, 1)) // MICROSECOND


SECONDS = {f"{second:02}": 1000 * second for second in range(60)}


@lru_cache(REMEMBERED)
def _minute(start: str) -> int:
    return (moment(f"{start}00") - EPOCH) // MILLISECOND


def moment(text: str) -> datetime:
    """A timestamp in UTC. Raises ValueError, OverflowError."""
    if not TIMESTAMP_TEXT.fullmatch(text):
        raise ValueError
    time = datetime.fromisoformat(text)
    if time.tzinfo is not None:
        time = time.astimezone(UTC).replace(tzinfo=None)
    if time.year not in YEARS:
        raise ValueError
    return time
