"""What Redis knows of an order, put into its message. Pure: no connection, no clock."""

from collections.abc import Iterable, Mapping

import msgspec

from ingest.errors import RejectError
from ingest.messages import Event, encode
from ingest.reasons import Reason

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


def enrich(event: Event, references: Mapping[str, bytes | None], limit: int) -> bytes:
    """The message with the user's name and login, the restaurant's name, the items' categories.

    Everything else stays as it came. Raises RejectError (unknown_user, unknown_restaurant,
    unknown_product, bad_reference; too_large if it would have more than `limit` bytes).
    """
    order = event.message.payload
    user = _user(order.user.id, references)
    restaurant = _restaurant(order.restaurant.id, references)
    # Of a product that the menu lists twice, the greatest category holds.
    categories = {
        product.id: product.category
        for product in sorted(restaurant.menu, key=lambda product: product.category or "")
    }
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
                "restaurant": {**payload["restaurant"], "name": restaurant.name},
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


def _user(user_id: str, references: Mapping[str, bytes | None]) -> User:
    raw = references[user_id]
    if raw is None:
        raise RejectError(Reason.UNKNOWN_USER, f"$.payload.user.id: {user_id} is not in Redis")
    try:
        user = _decode_user(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _bad_reference("user", user_id, error) from None
    if "\0" in user.name + user.login:
        raise _bad_reference("user", user_id, "U+0000 in the name or login")
    return user


def _restaurant(restaurant_id: str, references: Mapping[str, bytes | None]) -> Restaurant:
    raw = references[restaurant_id]
    if raw is None:
        detail = f"$.payload.restaurant.id: {restaurant_id} is not in Redis"
        raise RejectError(Reason.UNKNOWN_RESTAURANT, detail)
    try:
        restaurant = _decode_restaurant(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _bad_reference("restaurant", restaurant_id, error) from None
    if "\0" in restaurant.name:
        raise _bad_reference("restaurant", restaurant_id, "U+0000 in the name")
    return restaurant


def _category(category: str | None, product_id: str) -> str:
    if category is None or "\0" in category or len(category) > MAX_CATEGORY_LENGTH:
        raise _bad_reference("product", product_id, f"category {category!r:.80}")
    return category


def _bad_reference(kind: str, key: str, what: object) -> RejectError:
    return RejectError(Reason.BAD_REFERENCE, f"{kind} {key} in Redis: {what}")
