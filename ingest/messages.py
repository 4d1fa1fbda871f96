"""The accepted message: its types, and every check of its values.

The types below are the contract; `docs/message.schema.json` is made from them.
"""

import hashlib
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal, Self

import msgspec

from ingest.errors import RejectError
from ingest.limits import Limits
from ingest.reasons import Reason
from ingest.strict_json import BadValueError, decode_object, rejection, shown, wrong_type

EPOCH = datetime(1970, 1, 1)
MAX_BIGINT = 2**63 - 1
MAX_INT = 2**31 - 1
# numeric(19,5)
MAX_AMOUNT = Decimal("99999999999999.99999")
FIVE_DECIMALS = Decimal("0.00001")
AMOUNT_TEXT = re.compile(r"[0-9]{1,14}(\.[0-9]{1,5})?", re.ASCII)
# What Python and Postgres read alike. Finer than a microsecond, both would round silently.
TIMESTAMP_TEXT = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[ T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?"
    r"(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)?",
    re.ASCII,
)
YEARS = range(2000, 2100)

Schema = dict[str, Any]


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
    tree = decode_object(raw, limits)
    object_type = tree.get("object_type")
    if object_type is None:
        raise RejectError(Reason.MISSING_FIELD, "$.object_type is missing or null")
    if isinstance(object_type, str) and object_type != "order":
        raise SkippedError(object_type)
    try:
        message = msgspec.convert(tree, Message, dec_hook=_hook(limits))
    except msgspec.ValidationError as error:
        raise rejection(str(error)) from None
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


def _hook(limits: Limits) -> Callable[[type, Any], Any]:
    def parse(kind: type, value: Any) -> Any:
        if value is None and kind is not ObjectId:
            raise BadValueError(Reason.MISSING_FIELD, "null")
        return kind.parse(value, limits)  # type: ignore[attr-defined]

    return parse
