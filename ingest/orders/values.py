"""The values of an order that msgspec leaves to us: ids, amounts, times; and an event's identity.

They are checked together, and one by one only where that fails: a call of Python for each of some
forty values would cost more than all the rest.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from msgspec import Raw

from ingest.errors import RejectError
from ingest.limits import Limits
from ingest.orders.message import AMOUNT_TEXT, MAX_BIGINT, NULL, TIMESTAMP_TEXT, Message, Order
from ingest.orders.strict_json import MAX_NUMBER_LENGTH, SHOWN, is_beyond, shown
from ingest.reasons import Reason

EPOCH = datetime(1970, 1, 1)
# numeric(19,5)
MAX_AMOUNT = Decimal("99999999999999.99999")
FIVE_DECIMALS = Decimal("0.00001")
DIGITS = re.compile(r"[0-9]{1,19}", re.ASCII)
# Amounts as nearly all of them come, with commas between; the first two may be missing.
AMOUNT = rb'(?:(?:0|[1-9][0-9]{0,13})(?:\.[0-9]{1,5})?|"[0-9]{1,14}(?:\.[0-9]{1,5})?")'
AMOUNTS = re.compile(rb"(?:null|%b),(?:null|%b)(?:,%b)*" % (AMOUNT, AMOUNT, AMOUNT))
YEARS = range(2000, 2100)
MILLISECOND = timedelta(milliseconds=1)
# Times that are remembered to be good, and minutes, with what they are in milliseconds.
REMEMBERED = 100_000
_good_times: set[str] = set()


def check_values(message: Message, limits: Limits) -> None:
    """Raise RejectError for the first value that is not as it must be."""
    if isinstance(message.object_id, str):
        _check_digits(message.object_id)
    order, longest = message.payload, limits.id_length
    ids = [order.user.id, order.restaurant.id]
    amounts = [order.bonus_payment or NULL, order.bonus_grant or NULL, order.cost, order.payment]
    for item in order.order_items:
        ids.append(item.id)
        amounts.append(item.price)
    if len(order.order_items) > limits.items:
        detail = f"{len(order.order_items)} entries, MAX_ITEMS is {limits.items}"
        raise RejectError(Reason.TOO_LARGE, f"$.payload.order_items has {detail}")
    if max(map(len, ids)) > longest or any(map(str.isspace, ids)):
        raise _bad_id(ids, longest)
    if not AMOUNTS.fullmatch(b",".join(amounts)):
        for path, raw in _amounts(order):
            _check_amount(path, raw)
    _check_times(message)


def _check_digits(number: str) -> None:
    if not DIGITS.fullmatch(number) or int(number) > MAX_BIGINT:
        raise RejectError(Reason.BAD_OBJECT_ID, f"$.object_id: {shown(number)}")


def _bad_id(ids: list[str], longest: int) -> RejectError:
    number, value = next((n, v) for n, v in enumerate(ids) if len(v) > longest or v.isspace())
    where = ("user.id", "restaurant.id", f"order_items[{number - 2}].id")[min(number, 2)]
    return RejectError(Reason.BAD_ID, f"$.payload.{where}: {shown(value)}")


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


def _times(message: Message) -> Iterator[tuple[str, str]]:
    yield "$.sent_dttm", message.sent_dttm
    yield "$.payload.date", message.payload.date
    if isinstance(message.payload.update_ts, str):
        yield "$.payload.update_ts", message.payload.update_ts
    for number, entry in enumerate(message.payload.statuses):
        yield f"$.payload.statuses[{number}].dttm", entry.dttm


def _check_times(message: Message) -> None:
    order = message.payload
    times = {message.sent_dttm, order.date}
    for entry in order.statuses:
        times.add(entry.dttm)
    if isinstance(order.update_ts, str):
        times.add(order.update_ts)
    if times <= _good_times:
        return
    for path, text in _times(message):
        try:
            moment(text)
        except (ValueError, OverflowError):
            raise RejectError(Reason.BAD_TIMESTAMP, f"{path}: {shown(text)}") from None
    if len(_good_times) > REMEMBERED:
        _good_times.clear()
    _good_times.update(times)


def _json(raw: Raw) -> str:
    """A bad value for a person to read."""
    text = bytes(raw).decode()
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def event_id(raw: bytes, message: Message) -> str:
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
