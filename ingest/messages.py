"""The accepted message: its types, how the raw bytes become them, and every check on the way.

The types below are the contract; `docs/message.schema.json` is made from them. Numbers with a
fraction are `Decimal` throughout: money never passes through a binary float.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal, NoReturn, Self

import msgspec

from ingest.errors import RejectError
from ingest.reasons import REASONS, Reason

EPOCH = datetime(1970, 1, 1)
MAX_BIGINT = 2**63 - 1
MAX_INT = 2**31 - 1
# numeric(19,5)
MAX_AMOUNT = Decimal("99999999999999.99999")
FIVE_DECIMALS = Decimal("0.00001")
AMOUNT_TEXT = re.compile(r"[0-9]{1,14}(\.[0-9]{1,5})?", re.ASCII)
# What Python and Postgres read alike. Finer than a microsecond, both would round silently.
TIMESTAMP_TEXT = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)?", re.ASCII
)
YEARS = range(2000, 2100)
# A number of more characters, or beyond a double's exponent, is an attack on numeric, not a value.
MAX_NUMBER_LENGTH = 1000
MAX_EXPONENT = 308
# How much of a bad value a dead letter's detail shows, in characters.
SHOWN = 80

Schema = dict[str, Any]


@dataclass(frozen=True)
class Limits:
    """How large a message may be. Larger ones are dead letters."""

    message_bytes: int = 1_048_576
    nesting: int = 64
    items: int = 1_000
    id_length: int = 64


class BadValueError(ValueError):
    """A value that its type's `parse` does not accept; msgspec adds the path."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")


class ObjectId(int):
    """The order's number: a JSON integer, or a string of digits."""

    schema: ClassVar[Schema] = {
        "anyOf": [
            {"type": "integer", "minimum": 0, "maximum": MAX_BIGINT},
            {"type": "string", "pattern": "^[0-9]{1,19}$"},
        ]
    }

    @classmethod
    def parse(cls, value: object, _: Limits) -> Self:
        """The number. Raises BadValueError (bad_object_id)."""
        digits = isinstance(value, str) and value.isascii() and value.isdigit()
        if (type(value) is int or (digits and len(str(value)) <= 19)) and (
            0 <= int(value) <= MAX_BIGINT  # type: ignore[call-overload]
        ):
            return cls(value)  # type: ignore[call-overload, no-any-return]
        raise BadValueError(Reason.BAD_OBJECT_ID, shown(value))


class Id(str):
    """A business key of the source."""

    __slots__ = ()
    schema: ClassVar[Schema] = {
        "type": "string",
        "minLength": 1,
        "maxLength": Limits().id_length,
        "pattern": r"\S",
    }

    @classmethod
    def parse(cls, value: object, limits: Limits) -> Self:
        """The id. Raises BadValueError (wrong_type, bad_id)."""
        if not isinstance(value, str):
            wrong_type("string", value)
        if not value.strip() or len(value) > limits.id_length:
            raise BadValueError(Reason.BAD_ID, shown(value))
        return cls(value)


class Amount(Decimal):
    """Money or bonus points: numeric(19,5), not negative; a JSON number, or a string of it."""

    schema: ClassVar[Schema] = {
        "anyOf": [
            {"type": "number", "minimum": 0, "exclusiveMaximum": 10**14, "multipleOf": 0.00001},
            {"type": "string", "pattern": rf"^{AMOUNT_TEXT.pattern}$"},
        ]
    }

    @classmethod
    def parse(cls, value: object, _: Limits) -> Self:
        """The exact amount. Raises BadValueError (wrong_type, bad_amount)."""
        if type(value) is int or isinstance(value, Decimal):
            amount = cls(value)
        elif isinstance(value, str):
            if not AMOUNT_TEXT.fullmatch(value):
                raise BadValueError(Reason.BAD_AMOUNT, shown(value))
            amount = cls(value)
        else:
            wrong_type("number", value)
        if not 0 <= amount <= MAX_AMOUNT or amount % FIVE_DECIMALS:
            raise BadValueError(Reason.BAD_AMOUNT, shown(value))
        return amount


class Quantity(int):
    """How many of a product: a JSON integer, at least 1."""

    schema: ClassVar[Schema] = {"type": "integer", "minimum": 1, "maximum": MAX_INT}

    @classmethod
    def parse(cls, value: object, _: Limits) -> Self:
        """The number. Raises BadValueError (bad_quantity)."""
        if type(value) is int and 1 <= value <= MAX_INT:
            return cls(value)
        raise BadValueError(Reason.BAD_QUANTITY, shown(value))


class Moment(datetime):
    """A timestamp: with an offset it is converted to UTC, without one it is UTC. Always naive."""

    schema: ClassVar[Schema] = {"type": "string", "pattern": rf"^{TIMESTAMP_TEXT.pattern}$"}

    @classmethod
    def parse(cls, value: object, _: Limits) -> Self:
        """The time in UTC. Raises BadValueError (wrong_type, bad_timestamp)."""
        if not isinstance(value, str):
            wrong_type("string", value)
        try:
            if not TIMESTAMP_TEXT.fullmatch(value):
                raise ValueError
            moment = cls.fromisoformat(value)
            if moment.tzinfo is not None:
                moment = moment.astimezone(UTC).replace(tzinfo=None)
            if moment.year not in YEARS:
                raise ValueError
        except (ValueError, OverflowError):
            raise BadValueError(Reason.BAD_TIMESTAMP, shown(value)) from None
        return moment


class Status(str):
    """A step in the life cycle of an order, as in the seed `order_statuses`."""

    __slots__ = ()
    known = ("OPEN", "COOKING", "DELIVERING", "CLOSED", "CANCELLED")
    schema: ClassVar[Schema] = {"type": "string", "enum": list(known)}

    @classmethod
    def parse(cls, value: object, _: Limits) -> Self:
        """The status. Raises BadValueError (wrong_type, unknown_status)."""
        if not isinstance(value, str):
            wrong_type("string", value)
        if value not in cls.known:
            raise BadValueError(Reason.UNKNOWN_STATUS, shown(value))
        return cls(value)


class UserRef(msgspec.Struct):
    """The user; name and login come from Redis."""

    id: Id


class RestaurantRef(msgspec.Struct):
    """The restaurant; its name comes from Redis."""

    id: Id


class Item(msgspec.Struct):
    """A line of the order; its category comes from Redis."""

    id: Id
    name: str
    price: Amount
    quantity: Quantity


class StatusEntry(msgspec.Struct):
    """When the order took a step. The list need not be in order."""

    status: Status
    dttm: Moment


class Order(msgspec.Struct):
    """The order as it was at `update_ts`, whole."""

    restaurant: RestaurantRef
    date: Moment
    user: UserRef
    order_items: list[Item]
    cost: Amount
    payment: Amount
    statuses: list[StatusEntry]
    bonus_payment: Amount | None = None
    bonus_grant: Amount | None = None
    final_status: str | None = None
    update_ts: Moment | None = None


class Message(msgspec.Struct):
    """A message of the source topic. Fields that are not named here are kept as they are."""

    object_id: ObjectId
    object_type: Literal["order"]
    sent_dttm: Moment
    payload: Order


PARSED = (ObjectId, Id, Amount, Quantity, Moment, Status)


@dataclass(frozen=True)
class Event:
    """An order's message that passed every check."""

    event_id: uuid.UUID
    message: Message
    tree: dict[str, Any]  # the message as it came, numbers exact


class SkippedError(Exception):
    """A message of another object_type: none of our business, counted and left."""


def decode(raw: bytes | None, limits: Limits) -> Event:
    """The event in the raw bytes of a message's value.

    Raises RejectError with the reason and the path of the first fault, and SkippedError.
    """
    tree = _decode_object(raw, limits)
    object_type = tree.get("object_type")
    if object_type is None:
        raise RejectError(Reason.MISSING_FIELD, "$.object_type is missing or null")
    if isinstance(object_type, str) and object_type != "order":
        raise SkippedError(object_type)
    try:
        message = msgspec.convert(tree, Message, dec_hook=_hook(limits))
    except msgspec.ValidationError as error:
        raise _rejection(str(error)) from None
    if len(message.payload.order_items) > limits.items:
        detail = f"$.payload.order_items has {len(message.payload.order_items)} entries"
        raise RejectError(Reason.TOO_LARGE, f"{detail}, MAX_ITEMS is {limits.items}")
    assert raw is not None
    return Event(event_id(raw, message.sent_dttm), message, tree)


def event_hash(raw: bytes | None) -> uuid.UUID:
    """The identity of any message, good or bad: a hash of its bytes."""
    return uuid.UUID(bytes=hashlib.blake2b(raw or b"", digest_size=16).digest())


def event_id(raw: bytes, sent_dttm: datetime) -> uuid.UUID:
    """The identity of an event: a UUIDv8 with the milliseconds of sent_dttm in front.

    A function of the bytes alone, so that the same bytes are one event at whatever offset they
    come; in the order of time, so that inserts into its index stay local.
    """
    milliseconds = (sent_dttm - EPOCH) // (datetime.resolution * 1000)
    digest = event_hash(raw).int
    return uuid.UUID(
        int=milliseconds << 80 | 8 << 76 | (digest >> 64 & 0xFFF) << 64 | 2 << 62 | digest >> 66
    )


def json_schema() -> Schema:
    """The accepted message as a JSON Schema."""
    schemas: dict[type, Schema] = {kind: kind.schema for kind in PARSED}
    return msgspec.json.schema(Message, schema_hook=schemas.__getitem__)


def compact(stored: str) -> bytes:
    """A stored payload, as Postgres writes jsonb, in the form in which `encode` writes it."""
    return encode(_decode_tree(stored))


def shown(value: object) -> str:
    """A bad value for a person to read: JSON, cut short."""
    text = encode(value).decode() if not isinstance(value, str) else json.dumps(value)[:1000]
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def wrong_type(expected: str, value: object) -> NoReturn:
    """Raise BadValueError for a value of another JSON type; null counts as missing."""
    if value is None:
        raise BadValueError(Reason.MISSING_FIELD, "null")
    raise BadValueError(Reason.WRONG_TYPE, f"expected a {expected}, got {shown(value)}")


def _number(text: str) -> Decimal:
    value = Decimal(text)
    if len(text) > MAX_NUMBER_LENGTH or abs(value.adjusted()) > MAX_EXPONENT:
        raise BadValueError(Reason.BAD_AMOUNT, text[:SHOWN])
    return value


encode = msgspec.json.Encoder(decimal_format="number").encode
_decode_tree = msgspec.json.Decoder(float_hook=_number).decode


def _hook(limits: Limits) -> Callable[[type, Any], Any]:
    def parse(kind: type, value: Any) -> Any:
        if value is None and kind is not ObjectId:
            raise BadValueError(Reason.MISSING_FIELD, "null")
        return kind.parse(value, limits)  # type: ignore[attr-defined]

    return parse


def _decode_object(raw: bytes | None, limits: Limits) -> dict[str, Any]:
    if raw is None or not raw.strip():
        raise RejectError(Reason.EMPTY, "no value" if raw is None else f"{len(raw)} bytes of space")
    if len(raw) > limits.message_bytes:
        detail = f"{len(raw)} bytes, MAX_MESSAGE_BYTES is {limits.message_bytes}"
        raise RejectError(Reason.TOO_LARGE, detail)
    if raw.count(b"[") + raw.count(b"{") > limits.nesting and _depth(raw) > limits.nesting:
        raise RejectError(Reason.TOO_DEEP, f"MAX_NESTING is {limits.nesting}")
    try:
        tree = _decode_tree(raw)
    except msgspec.ValidationError as error:  # a number that is too long, or refused by _number
        raise _rejection(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_json(raw, str(error)) from None
    if not isinstance(tree, dict):
        raise RejectError(Reason.NOT_AN_OBJECT, shown(tree))
    # Escaped backslashes out of the way, a backslash in front of u0000 or of a quote is an escape.
    unescaped = raw.replace(b"\\\\", b"")
    if b"\\u0000" in unescaped:
        raise RejectError(Reason.NUL_CHARACTER, _nul_path(tree))
    # A parser keeps the last of two equal keys, so what it read has fewer strings than the bytes.
    if _quotes(unescaped) != _quotes(encode(tree).replace(b"\\\\", b"")):
        raise RejectError(Reason.DUPLICATE_KEY, _duplicate_path(raw))
    return tree


def _quotes(unescaped: bytes) -> int:
    return unescaped.count(b'"') - unescaped.count(b'\\"')


def _depth(raw: bytes) -> int:
    depth = deepest = 0
    for bracket in re.findall(rb"[\[\]{}]", re.sub(rb'"(\\.|[^"\\])*"', b"", raw, flags=re.DOTALL)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _not_json(raw: bytes, error: str) -> RejectError:
    try:
        raw.decode()
    except UnicodeDecodeError as wrong:
        return RejectError(Reason.ENCODING, f"byte {wrong.start} is not UTF-8")
    if 0 in raw[:4]:
        return RejectError(Reason.ENCODING, "UTF-16 or UTF-32")
    return RejectError(Reason.MALFORMED_JSON, error)


def _rejection(error: str) -> RejectError:
    """The dead letter's reason and detail, of msgspec's error or of a BadValueError in it."""
    what, _, where = error.partition(" - at `")
    path = where.removesuffix("`") or "$"
    code, _, detail = what.partition(": ")
    if code in REASONS:
        return RejectError(REASONS[code], f"{path}: {detail}")
    if missing := re.fullmatch(r"Object missing required field `(.+)`", what):
        path = f"{path}.{missing[1]}"
        is_id = path == "$.object_id"
        return RejectError(
            Reason.BAD_OBJECT_ID if is_id else Reason.MISSING_FIELD, f"{path} is missing"
        )
    if what.endswith("got `null`"):
        return RejectError(Reason.MISSING_FIELD, f"{path} is null")
    if what == "Integer value out of range":
        return RejectError(Reason.BAD_AMOUNT, f"{path}: an integer of too many digits")
    return RejectError(Reason.WRONG_TYPE, f"{path}: {what}")


def _nul_path(value: object, path: str = "$") -> str:
    """Where the first U+0000 is, in a key or a value; the path of the object where it is a key."""
    if isinstance(value, str):
        return path if "\0" in value else ""
    if isinstance(value, dict):
        if any("\0" in key for key in value):
            return f"{path}, a key"
        return next(filter(None, (_nul_path(v, f"{path}.{k}") for k, v in value.items())), "")
    if isinstance(value, list):
        return next(filter(None, (_nul_path(v, f"{path}[{i}]") for i, v in enumerate(value))), "")
    return ""


def _duplicate_path(raw: bytes) -> str:
    """The first key that an object names twice."""
    twice: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        keys = [key for key, _ in pairs]
        twice.extend(key for key in keys if keys.count(key) > 1)

    json.loads(raw, object_pairs_hook=look, parse_int=str, parse_float=str)
    return f"the key {shown(twice[0])} twice" if twice else "a key twice"
