"""The accepted message of an order, from which `docs/reference/message.schema.json` is made.

What every kind of message has is its `Envelope`.

msgspec checks what it can while it decodes. Amounts and times it hands out as they came: see
values.py.
"""

import re
from typing import Annotated, Any, Literal, cast

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from ingest.limits import Limits

MAX_BIGINT = 2**63 - 1
AMOUNT_TEXT = re.compile(r"[0-9]{1,14}(\.[0-9]{1,5})?", re.ASCII)
# What Python and Postgres read alike. Finer than a microsecond, both would round silently.
TIMESTAMP_TEXT = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[ T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?"
    r"(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)?",
    re.ASCII,
)

# The order's number: a JSON integer, or a string of digits.
ObjectId = (
    Annotated[int, Meta(ge=0, le=MAX_BIGINT)]
    | Annotated[str, Meta(extra_json_schema={"pattern": "^[0-9]{1,19}$"})]
)
# A business key of the source.
Id = Annotated[
    str,
    Meta(
        min_length=1,
        extra_json_schema={"maxLength": Limits().id_length, "pattern": r"\S"},
    ),
]
# Money or bonus points: numeric(19,5), not negative; a JSON number, or a string of it.
AMOUNT_SCHEMA: list[dict[str, Any]] = [
    {"type": "number", "minimum": 0, "exclusiveMaximum": 10**14, "multipleOf": 0.00001},
    {"type": "string", "pattern": rf"^{AMOUNT_TEXT.pattern}$"},
]
Amount = Annotated[Raw, Meta(extra_json_schema={"anyOf": AMOUNT_SCHEMA})]
OptionalAmount = Annotated[
    Raw, Meta(extra_json_schema={"anyOf": [*AMOUNT_SCHEMA, {"type": "null"}]})
]
# What such an amount is where the field is missing: msgspec takes no `Raw | UnsetType`.
ABSENT = cast("Raw", UNSET)
NULL = Raw(b"null")
# How many of a product.
Quantity = Annotated[int, Meta(ge=1, le=2**31 - 1)]
# A timestamp: with an offset it is converted to UTC, without one it is UTC.
Timestamp = Annotated[str, Meta(extra_json_schema={"pattern": rf"^{TIMESTAMP_TEXT.pattern}$"})]


# What Redis knows, not the message: `enrich` sets it. One that comes with such a field may.
FromRedis = Any


class UserRef(msgspec.Struct, gc=False):
    """The user."""

    id: Id
    name: FromRedis = UNSET
    login: FromRedis = UNSET


class RestaurantRef(msgspec.Struct, gc=False):
    """The restaurant."""

    id: Id
    name: FromRedis = UNSET


class Item(msgspec.Struct, gc=False):
    """A line of the order."""

    id: Id
    name: str
    price: Amount
    quantity: Quantity
    category: FromRedis = UNSET


class StatusEntry(msgspec.Struct, gc=False):
    """When the order took a step of the seed `order_statuses`. The list need not be in order."""

    status: Literal["OPEN", "COOKING", "DELIVERING", "CLOSED", "CANCELLED"]
    dttm: Timestamp


class Order(msgspec.Struct, gc=False):
    """The order as it was at `update_ts`, whole."""

    restaurant: RestaurantRef
    date: Timestamp
    user: UserRef
    order_items: list[Item]
    cost: Amount
    payment: Amount
    statuses: list[StatusEntry]
    bonus_payment: OptionalAmount = ABSENT
    bonus_grant: OptionalAmount = ABSENT
    final_status: str | UnsetType | None = UNSET
    update_ts: Timestamp | UnsetType | None = UNSET


class Envelope(msgspec.Struct, gc=False):
    """What a message of any kind has beside its payload."""

    object_id: ObjectId
    object_type: str
    sent_dttm: Timestamp


class Message(Envelope, gc=False):
    """A message of the source topic. Fields that are not named here are kept as they are.

    What was decoded is written again as it came: numbers by their digits, a null as a null.
    """

    payload: Order


def json_schema() -> dict[str, Any]:
    """The accepted message as a JSON Schema."""
    schema = msgspec.json.schema(Message)
    schema["$defs"]["Message"]["properties"]["object_type"] = {"enum": ["order"]}
    for name, added in (
        ("UserRef", ("name", "login")),
        ("RestaurantRef", ("name",)),
        ("Item", ("category",)),
    ):
        for field in added:
            del schema["$defs"][name]["properties"][field]
    return schema
