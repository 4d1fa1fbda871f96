"""What Redis knows of an order, put into its message. Pure: no connection, no clock."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import msgspec

from ingest.errors import RejectError
from ingest.messages import Event
from ingest.reasons import Reason
from ingest.strict_json import encode

# Longer names cannot be a key of the hub of categories: Postgres's index takes 2,704 bytes.
MAX_CATEGORY_LENGTH = 500


class User(msgspec.Struct):
    """A user as Redis has it."""

    name: str
    login: str


class Product(msgspec.Struct):
    """An entry of a restaurant's menu. Only those that an order holds need a category."""

    id: str = msgspec.field(name="_id")
    category: str | None = None


class Restaurant(msgspec.Struct):
    """A restaurant as Redis has it."""

    name: str
    menu: list[Product]


def reference_ids(events: Iterable[Event]) -> set[str]:
    """The keys in Redis that the events need."""
    orders = [event.message.payload for event in events]
    return {order.user.id for order in orders} | {order.restaurant.id for order in orders}


class ReferenceData:
    """The raw values of one batch's keys, each decoded once, when it is first asked for."""

    def __init__(self, raw: Mapping[str, bytes | None]) -> None:
        self._raw = raw
        self._users: dict[str, User] = {}
        self._restaurants: dict[str, tuple[str, dict[str, str | None]]] = {}

    def user(self, key: str) -> User:
        """The user. Raises RejectError (unknown_user, bad_reference)."""
        if key not in self._users:
            raw = self._raw[key]
            if raw is None:
                raise RejectError(Reason.UNKNOWN_USER, f"$.payload.user.id: {key} is not in Redis")
            user = _decoded(_decode_user, raw, f"user {key}")
            if "\0" in user.name + user.login:
                raise _bad_reference(f"user {key}", "U+0000 in the name or login")
            self._users[key] = user
        return self._users[key]

    def restaurant(self, key: str) -> tuple[str, dict[str, str | None]]:
        """The restaurant's name, and the category of each product of its menu.

        Raises RejectError (unknown_restaurant, bad_reference).
        """
        if key not in self._restaurants:
            raw = self._raw[key]
            if raw is None:
                detail = f"$.payload.restaurant.id: {key} is not in Redis"
                raise RejectError(Reason.UNKNOWN_RESTAURANT, detail)
            restaurant = _decoded(_decode_restaurant, raw, f"restaurant {key}")
            if "\0" in restaurant.name:
                raise _bad_reference(f"restaurant {key}", "U+0000 in the name")
            # Of a product that the menu lists twice, the greatest category holds.
            menu = sorted(restaurant.menu, key=lambda product: product.category or "")
            categories = {product.id: product.category for product in menu}
            self._restaurants[key] = (restaurant.name, categories)
        return self._restaurants[key]


def enrich(event: Event, references: ReferenceData, limit: int) -> bytes:
    """The message with the user's name and login, the restaurant's name, the items' categories.

    Everything else stays as it came. Raises RejectError (unknown_user, unknown_restaurant,
    unknown_product, bad_reference; too_large if it would have more than `limit` bytes).
    """
    order = event.message.payload
    user = references.user(order.user.id)
    restaurant_name, categories = references.restaurant(order.restaurant.id)
    payload = event.tree["payload"]
    items = []
    for number, (item, line) in enumerate(
        zip(order.order_items, payload["order_items"], strict=True)
    ):
        if item.id not in categories:
            path = f"$.payload.order_items[{number}].id"
            detail = f"{path}: {item.id} is not in the menu of restaurant {order.restaurant.id}"
            raise RejectError(Reason.UNKNOWN_PRODUCT, detail)
        items.append({**line, "category": _category(categories[item.id], item.id)})
    enriched = encode(
        {
            **event.tree,
            "payload": {
                **payload,
                "user": {**payload["user"], "name": user.name, "login": user.login},
                "restaurant": {**payload["restaurant"], "name": restaurant_name},
                "order_items": items,
            },
        }
    )
    if len(enriched) > limit:
        detail = f"{len(enriched)} bytes once enriched, the onward topic takes {limit}"
        raise RejectError(Reason.TOO_LARGE, detail)
    return enriched


_decode_user = msgspec.json.Decoder(User).decode
_decode_restaurant = msgspec.json.Decoder(Restaurant).decode


T = TypeVar("T")


def _decoded(decode: Callable[[bytes], T], raw: bytes, what: str) -> T:
    try:
        return decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _bad_reference(what, error) from None


def _category(category: str | None, product_id: str) -> str:
    if category is None or "\0" in category or len(category) > MAX_CATEGORY_LENGTH:
        raise _bad_reference(f"product {product_id}", f"category {category!r:.80}")
    return category


def _bad_reference(what: str, why: object) -> RejectError:
    return RejectError(Reason.BAD_REFERENCE, f"{what} in Redis: {why}")
