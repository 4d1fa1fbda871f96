"""What Redis knows of an order, put into its message. Pure: no connection, no clock."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from ingest.errors import RejectError
from ingest.limits import Limits
from ingest.orders.message import Item, Message, Order
from ingest.orders.strict_json import decode_object, encode, quotes
from ingest.reasons import Reason

# Longer names cannot be a key of the hub of categories: Postgres's index takes 2,704 bytes.
MAX_CATEGORY_LENGTH = 500
# Of a message of dds-service-orders, in bytes: around the products, and around each of them.
CLOSED_FRAME = 300
CLOSED_PRODUCT = 60


class Known(msgspec.Struct):
    """Reference data as Redis has it; `quotes` are those that it brings into a message."""

    quotes: int = msgspec.field(default=0, name="")


class User(Known, kw_only=True):
    """A user."""

    name: str
    login: str


class Product(Known, kw_only=True):
    """An entry of a restaurant's menu. Only those that an order holds need a category."""

    id: str = msgspec.field(name="_id")
    category: str | None = None
    is_usable: bool = msgspec.field(default=False, name=" ")


class Restaurant(Known, kw_only=True):
    """A restaurant; `products` are those of its menu by their ids."""

    name: str
    menu: list[Product]
    products: dict[str, Product] = msgspec.field(default_factory=dict, name=" ")


@dataclass(frozen=True)
class Room:
    """The largest values that topics take, in bytes."""

    onward: int  # stg-service-orders
    closed: int  # dds-service-orders

    @cached_property
    def sure(self) -> int:
        """A message of no more bytes, once enriched, fits whatever is in it."""
        return (min(self.onward, self.closed) - CLOSED_FRAME) // 2


def reference_ids(messages: Iterable[Message]) -> set[str]:
    """The keys in Redis that the messages need."""
    orders = [message.payload for message in messages]
    return {order.user.id for order in orders} | {order.restaurant.id for order in orders}


class ReferenceData:
    """The raw values of one batch's keys, each decoded once, when it is first asked for."""

    def __init__(self, raw: Mapping[str, bytes | None]) -> None:
        self.users = Users(raw)
        self.restaurants = Restaurants(raw)


class Users(dict[str, User]):
    """The users by their keys. Raises RejectError (unknown_user, bad_reference)."""

    def __init__(self, raw: Mapping[str, bytes | None]) -> None:
        super().__init__()
        self._raw = raw

    def __missing__(self, key: str) -> User:
        """The user, for the first time."""
        raw = self._raw[key]
        if raw is None:
            raise RejectError(Reason.UNKNOWN_USER, f"$.payload.user.id: {key} is not in Redis")
        user = _decoded(_decode_user, raw, f"user {key}")
        if "\0" in user.name + user.login:
            raise _bad_reference(f"user {key}", "U+0000 in the name or login")
        user.quotes = _quotes(name=user.name, login=user.login)
        self[key] = user
        return user


class Restaurants(dict[str, Restaurant]):
    """The restaurants by their keys. Raises RejectError (unknown_restaurant, bad_reference)."""

    def __init__(self, raw: Mapping[str, bytes | None]) -> None:
        super().__init__()
        self._raw = raw

    def __missing__(self, key: str) -> Restaurant:
        """The restaurant, for the first time."""
        raw = self._raw[key]
        if raw is None:
            detail = f"$.payload.restaurant.id: {key} is not in Redis"
            raise RejectError(Reason.UNKNOWN_RESTAURANT, detail)
        restaurant = _decoded(_decode_restaurant, raw, f"restaurant {key}")
        if "\0" in restaurant.name:
            raise _bad_reference(f"restaurant {key}", "U+0000 in the name")
        restaurant.quotes = _quotes(name=restaurant.name)
        # Of a product that the menu lists twice, the greatest category holds.
        for product in sorted(restaurant.menu, key=lambda product: product.category or ""):
            product.is_usable = _is_category(product.category)
            product.quotes = _quotes(category=product.category or "")
            restaurant.products[product.id] = product
        self[key] = restaurant
        return restaurant


def enrich(
    message: Message, raw: bytes, references: ReferenceData, room: Room, limits: Limits
) -> bytes:
    """The message with the user's name and login, the restaurant's name, the items' categories.

    Everything else stays as it came. `message` is what `decode` made of `raw`, and is changed.
    Raises RejectError (those of `decode_object`; unknown_user, unknown_restaurant, unknown_product,
    bad_reference; too_large for the topics that it must go to).
    """
    order = message.payload
    try:
        expected = quotes(raw) + _add(order, references)
    except RejectError:
        decode_object(raw, limits)  # a message that is bad in itself does not wait for Redis
        raise
    enriched = encode(message)
    # As many as there must be, unless a key came twice, or has a field that we do not name.
    if enriched.count(b'"') != expected:
        enriched = encode(_with_the_rest(decode_object(raw, limits), order))
    if len(enriched) > room.sure:
        _check_room(order, enriched, room)
    return enriched


def _add(order: Order, references: ReferenceData) -> int:
    """Put into the order what Redis knows; returns how many quotes that has in JSON."""
    user, restaurant = references.users[order.user.id], references.restaurants[order.restaurant.id]
    order.user.name, order.user.login = user.name, user.login
    order.restaurant.name = restaurant.name
    added, products = user.quotes + restaurant.quotes, restaurant.products
    for item in order.order_items:
        product = products.get(item.id)
        if product is None or not product.is_usable:
            raise _no_category(order, item, product)
        item.category = product.category
        added += product.quotes
    return added


def _with_the_rest(tree: dict[str, Any], order: Order) -> dict[str, Any]:
    """The whole message with what Redis knows; `order` has it."""
    payload = tree["payload"]
    payload["user"] |= {"name": order.user.name, "login": order.user.login}
    payload["restaurant"] |= {"name": order.restaurant.name}
    for line, item in zip(payload["order_items"], order.order_items, strict=True):
        line["category"] = item.category
    return tree


_decode_user = msgspec.json.Decoder(User).decode
_decode_restaurant = msgspec.json.Decoder(Restaurant).decode


T = TypeVar("T")


def _decoded(decode: Callable[[bytes], T], raw: bytes, what: str) -> T:
    try:
        return decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _bad_reference(what, error) from None


def _quotes(**fields: str) -> int:
    return encode(fields).count(b'"')


def _is_category(name: str | None) -> bool:
    return name is not None and len(name) <= MAX_CATEGORY_LENGTH and "\0" not in name


def _no_category(order: Order, item: Item, product: Product | None) -> RejectError:
    if product is not None:
        return _bad_reference(f"product {item.id}", "no category, or one that is too long")
    path = f"$.payload.order_items[{order.order_items.index(item)}].id"
    where = f"the menu of restaurant {order.restaurant.id}"
    return RejectError(Reason.UNKNOWN_PRODUCT, f"{path}: {item.id} is not in {where}")


def _bad_reference(what: str, why: object) -> RejectError:
    return RejectError(Reason.BAD_REFERENCE, f"{what} in Redis: {why}")


def _check_room(order: Order, enriched: bytes, room: Room) -> None:
    """Raise RejectError (too_large) for what a topic would not take one day."""
    check_onward(enriched, room)
    products = [encode([item.id, item.category]) for item in order.order_items]
    closed = CLOSED_FRAME + sum(CLOSED_PRODUCT + len(product) for product in products)
    if closed > room.closed:
        detail = f"{closed} bytes once it is closed, the topic for that takes {room.closed}"
        raise RejectError(Reason.TOO_LARGE, detail)


def check_onward(enriched: bytes, room: Room) -> None:
    """Raise RejectError (too_large) for what the onward topic would not take.

    jsonb writes a space behind each comma and colon.
    """
    size = len(enriched) + enriched.count(b",") + enriched.count(b":")
    if size > room.onward:
        detail = f"{size} bytes once enriched, the onward topic takes {room.onward}"
        raise RejectError(Reason.TOO_LARGE, detail)
