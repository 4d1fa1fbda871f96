"""What the warehouse means, as plain as it can be said: from a set of events to every row.

Written from the definition of the warehouse alone, not from the SQL, and with little regard to
speed. It holds all events in memory, knows nothing of windows or increments, and looks at
everything anew for each table.
"""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

OPEN_END = datetime(4000, 1, 1)
LIFE_CYCLE = {"OPEN": 1, "COOKING": 2, "DELIVERING": 3, "CLOSED": 4, "CANCELLED": 5}

Row = dict[str, Any]
Tables = dict[str, list[Row]]


@dataclass(frozen=True)
class Event:
    """A row of stg.order_events."""

    event_id: uuid.UUID
    object_id: int
    sent_dttm: datetime
    message: Mapping[str, Any]
    loaded_at: datetime
    load_src: str

    @property
    def payload(self) -> Mapping[str, Any]:
        payload: Mapping[str, Any] = self.message["payload"]
        return payload

    @cached_property
    def event_dttm(self) -> datetime:
        update_ts = self.payload.get("update_ts")
        return moment(update_ts) if update_ts is not None else self.sent_dttm

    @cached_property
    def precedence(self) -> tuple[datetime, bytes]:
        """Of two events with the same event time, the one with the greater precedence wins."""
        return self.sent_dttm, self.event_id.bytes

    @cached_property
    def products(self) -> dict[str, Row]:
        """The order's items by product: quantities add up, otherwise the greatest holds."""
        return {
            product: {
                "name": max((item["name"] for item in items), key=str.encode),
                "category": max((item["category"] for item in items), key=str.encode),
                "price": max(Decimal(str(item["price"])) for item in items),
                "quantity": sum(item["quantity"] for item in items),
            }
            for product, items in grouped(
                self.payload["order_items"], lambda item: item["id"]
            ).items()
        }


def moment(text: str) -> datetime:
    """A source timestamp: with an offset it is converted to UTC, without one it is UTC."""
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo is None else parsed.astimezone(UTC).replace(tzinfo=None)


@cache
def hash_key(text: str) -> uuid.UUID:
    return uuid.UUID(bytes=hashlib.md5(text.encode()).digest())


def link_key(left: uuid.UUID, right: uuid.UUID) -> uuid.UUID:
    return hash_key(f"{left}{right}")


def satellite_key(parent: uuid.UUID, start: datetime) -> uuid.UUID:
    return hash_key(f"{parent}{start:%Y-%m-%d %H:%M:%S.%f}")


def grouped(things: Iterable[Any], key: Callable[[Any], Hashable]) -> dict[Any, list[Any]]:
    """The things that share a key, for each key."""
    groups: dict[Hashable, list[Any]] = defaultdict(list)
    for thing in things:
        groups[key(thing)].append(thing)
    return groups


def warehouse(events: Iterable[Event]) -> Tables:
    """All tables of dds and cdm but the outbox, whose rows depend on the order of arrival."""
    distinct = list({event.event_id: event for event in events}.values())
    tables = hubs(distinct) | links(distinct) | satellites(distinct)
    return tables | marts(distinct, tables)


# --- hubs and links -------------------------------------------------------------------------------


def witnesses(
    events: list[Event], keys: Callable[[Event], Iterable[Hashable]]
) -> dict[Any, tuple[datetime, str]]:
    """For each key that any event shows: load_dt and load_src of the first that was loaded."""
    first: dict[Any, tuple[datetime, str]] = {}
    for event in events:
        loaded = (event.loaded_at, event.load_src)
        for key in keys(event):
            first[key] = min(first.get(key, loaded), loaded)
    return first


def hubs(events: list[Event]) -> Tables:
    def hub(name: str, business_key: str, keys: Callable[[Event], Iterable[Hashable]]) -> list[Row]:
        return [
            {f"{name}_pk": hash_key(str(key)), business_key: key, "load_dt": dt, "load_src": src}
            for key, (dt, src) in witnesses(events, keys).items()
        ]

    orders = hub("h_order", "order_id", lambda event: [event.object_id])
    by_order = grouped(events, lambda event: event.object_id)
    for row in orders:
        of_order = by_order[row["order_id"]]
        least = min(event.event_dttm for event in of_order)
        earliest = max(
            (event for event in of_order if event.event_dttm == least),
            key=lambda event: event.precedence,
        )
        row["order_dt"] = moment(earliest.payload["date"])
    return {
        "h_order": orders,
        "h_user": hub("h_user", "user_id", lambda event: [event.payload["user"]["id"]]),
        "h_restaurant": hub(
            "h_restaurant", "restaurant_id", lambda event: [event.payload["restaurant"]["id"]]
        ),
        "h_product": hub(
            "h_product",
            "product_id",
            lambda event: [item["id"] for item in event.payload["order_items"]],
        ),
        "h_category": hub(
            "h_category",
            "category_name",
            lambda event: [item["category"] for item in event.payload["order_items"]],
        ),
    }


def links(events: list[Event]) -> Tables:
    def link(
        pk: str, left: str, right: str, keys: Callable[[Event], Iterable[tuple[Any, Any]]]
    ) -> list[Row]:
        rows = []
        for (left_key, right_key), (dt, src) in witnesses(events, keys).items():
            left_pk, right_pk = hash_key(str(left_key)), hash_key(str(right_key))
            rows.append(
                {
                    pk: link_key(left_pk, right_pk),
                    f"{left}_pk": left_pk,
                    f"{right}_pk": right_pk,
                    "load_dt": dt,
                    "load_src": src,
                }
            )
        return rows

    return {
        "l_order_user": link(
            "hk_order_user_pk",
            "h_order",
            "h_user",
            lambda event: [(event.object_id, event.payload["user"]["id"])],
        ),
        "l_order_restaurant": link(
            "hk_order_restaurant_pk",
            "h_order",
            "h_restaurant",
            lambda event: [(event.object_id, event.payload["restaurant"]["id"])],
        ),
        "l_order_product": link(
            "hk_order_product_pk",
            "h_order",
            "h_product",
            lambda event: [(event.object_id, item["id"]) for item in event.payload["order_items"]],
        ),
        "l_product_restaurant": link(
            "hk_product_restaurant_pk",
            "h_product",
            "h_restaurant",
            lambda event: [
                (item["id"], event.payload["restaurant"]["id"])
                for item in event.payload["order_items"]
            ],
        ),
        "l_product_category": link(
            "hk_product_category_pk",
            "h_product",
            "h_category",
            lambda event: [(item["id"], item["category"]) for item in event.payload["order_items"]],
        ),
    }


# --- satellites -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Version:
    """A row of a timeline: what held, from when, until when, and the event that bears it."""

    shown: Any
    start_dt: datetime
    end_dt: datetime
    load_dt: datetime
    load_src: str


def timeline(observations: Mapping[datetime, tuple[Any, datetime, str]]) -> list[Version]:
    """The versions of one key; `None` shown means that nothing is there from that time on.

    Without observations that repeat the one before.
    """
    times = sorted(observations)
    starts = [
        time
        for before, time in zip([None, *times], times, strict=False)
        if before is None or observations[before][0] != observations[time][0]
    ]
    ends = [*starts[1:], OPEN_END]
    return [
        Version(shown, start, end, load_dt, load_src)
        for start, end in zip(starts, ends, strict=True)
        for shown, load_dt, load_src in [observations[start]]
        if shown is not None
    ]


def winners(
    events: list[Event], keys: Callable[[Event], Iterable[Hashable]]
) -> dict[Any, dict[datetime, Event]]:
    """For each key the event that is to be believed, of those that show it at a time."""
    chosen: dict[Any, dict[datetime, Event]] = defaultdict(dict)
    for event in sorted(events, key=lambda event: event.precedence):
        for key in keys(event):
            chosen[key][event.event_dttm] = event
    return chosen


def satellite(
    pk: str,
    parent: str,
    columns: tuple[str, ...],
    timelines: Mapping[uuid.UUID, list[Version]],
) -> list[Row]:
    """The rows of a satellite; each version shows a tuple of the columns' values."""
    return [
        {
            pk: satellite_key(parent_pk, version.start_dt),
            parent: parent_pk,
            **dict(zip(columns, version.shown, strict=True)),
            "start_dt": version.start_dt,
            "end_dt": version.end_dt,
            "load_dt": version.load_dt,
            "load_src": version.load_src,
        }
        for parent_pk, versions in timelines.items()
        for version in versions
    ]


def satellites(events: list[Event]) -> Tables:
    def described(
        keys: Callable[[Event], Iterable[Hashable]], shown: Callable[[Event, Any], tuple[Any, ...]]
    ) -> dict[uuid.UUID, list[Version]]:
        return {
            hash_key(str(key)): timeline(
                {
                    time: (shown(event, key), event.loaded_at, event.load_src)
                    for time, event in by_time.items()
                }
            )
            for key, by_time in winners(events, keys).items()
        }

    def effective(
        driving: Callable[[Event], Iterable[Hashable]],
        linked: Callable[[Event, Any], Mapping[Hashable, tuple[Any, ...]]],
        *,
        driving_is_left: bool = True,
    ) -> dict[uuid.UUID, list[Version]]:
        """Timelines of links: each event shows all that the driving key is linked to."""
        timelines = {}
        for key, by_time in winners(events, driving).items():
            sets = {time: linked(event, key) for time, event in by_time.items()}
            for other in {other for shown in sets.values() for other in shown}:
                pair = (hash_key(str(key)), hash_key(str(other)))
                timelines[link_key(*(pair if driving_is_left else pair[::-1]))] = timeline(
                    {
                        time: (sets[time].get(other), event.loaded_at, event.load_src)
                        for time, event in by_time.items()
                    }
                )
        return timelines

    def product_ids(event: Event) -> list[str]:
        return list(event.products)

    def order(event: Event) -> list[int]:
        return [event.object_id]

    return {
        "s_user_names": satellite(
            "hk_user_names_pk",
            "h_user_pk",
            ("username", "userlogin"),
            described(
                lambda event: [event.payload["user"]["id"]],
                lambda event, _: (event.payload["user"]["name"], event.payload["user"]["login"]),
            ),
        ),
        "s_restaurant_names": satellite(
            "hk_restaurant_names_pk",
            "h_restaurant_pk",
            ("restaurantname",),
            described(
                lambda event: [event.payload["restaurant"]["id"]],
                lambda event, _: (event.payload["restaurant"]["name"],),
            ),
        ),
        "s_product_names": satellite(
            "hk_product_names_pk",
            "h_product_pk",
            ("productname",),
            described(product_ids, lambda event, key: (event.products[key]["name"],)),
        ),
        "s_order_cost": satellite(
            "hk_order_cost_pk",
            "h_order_pk",
            ("cost", "payment", "bonus_payment", "bonus_grant"),
            described(order, lambda event, _: amounts(event)),
        ),
        "s_order_details": satellite(
            "hk_order_details_pk",
            "h_order_pk",
            ("order_dt", "final_status"),
            described(
                order,
                lambda event, _: (moment(event.payload["date"]), event.payload.get("final_status")),
            ),
        ),
        "s_order_status": satellite(
            "hk_order_status_pk", "h_order_pk", ("status",), statuses(events)
        ),
        "s_order_product": satellite(
            "hk_order_product_sat_pk",
            "hk_order_product_pk",
            ("price", "quantity"),
            effective(
                order,
                lambda event, _: {
                    key: (product["price"], product["quantity"])
                    for key, product in event.products.items()
                },
            ),
        ),
        "s_order_user": satellite(
            "hk_order_user_sat_pk",
            "hk_order_user_pk",
            (),
            effective(order, lambda event, _: {event.payload["user"]["id"]: ()}),
        ),
        "s_order_restaurant": satellite(
            "hk_order_restaurant_sat_pk",
            "hk_order_restaurant_pk",
            (),
            effective(order, lambda event, _: {event.payload["restaurant"]["id"]: ()}),
        ),
        "s_product_category": satellite(
            "hk_product_category_sat_pk",
            "hk_product_category_pk",
            (),
            effective(product_ids, lambda event, key: {event.products[key]["category"]: ()}),
        ),
    }


def amounts(event: Event) -> tuple[Decimal | None, ...]:
    values = (
        event.payload.get(name) for name in ("cost", "payment", "bonus_payment", "bonus_grant")
    )
    return tuple(None if value is None else Decimal(str(value)) for value in values)


def statuses(events: list[Event]) -> dict[uuid.UUID, list[Version]]:
    """The union of the statuses of all the order's events, each observed at its own time."""
    loaded: dict[tuple[int, datetime, str], tuple[datetime, str]] = {}
    for event in events:
        for entry in event.payload["statuses"]:
            key = (event.object_id, moment(entry["dttm"]), entry["status"])
            this = (event.loaded_at, event.load_src)
            loaded[key] = min(loaded.get(key, this), this)
    observed: dict[int, dict[datetime, tuple[Any, datetime, str]]] = defaultdict(dict)
    for (order, time, status), first in sorted(
        loaded.items(), key=lambda item: LIFE_CYCLE[item[0][2]]
    ):
        observed[order][time] = ((status,), *first)
    return {hash_key(str(order)): timeline(by_time) for order, by_time in observed.items()}


# --- marts ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClosedOrder:
    """An order that counts, with what it counts for."""

    event: Event
    user_pk: uuid.UUID
    products: Mapping[str, str]  # product id → category in effect at the latest event's time


def closed_orders(events: list[Event], tables: Tables) -> list[ClosedOrder]:
    """The orders whose open status is CLOSED."""
    closed = {
        row["h_order_pk"]
        for row in tables["s_order_status"]
        if row["end_dt"] == OPEN_END and row["status"] == "CLOSED"
    }
    by_link = {row["hk_product_category_pk"]: row for row in tables["l_product_category"]}
    category_names = {row["h_category_pk"]: row["category_name"] for row in tables["h_category"]}
    users = {row["hk_order_user_pk"]: row for row in tables["l_order_user"]}
    open_products = {
        row["hk_order_product_pk"] for row in tables["s_order_product"] if row["end_dt"] == OPEN_END
    }
    product_ids = {row["h_product_pk"]: row["product_id"] for row in tables["h_product"]}
    users_of = grouped(
        (
            users[row["hk_order_user_pk"]]
            for row in tables["s_order_user"]
            if row["end_dt"] == OPEN_END
        ),
        lambda user: user["h_order_pk"],
    )
    products_of_order = grouped(tables["l_order_product"], lambda link: link["h_order_pk"])
    categories_of = grouped(
        tables["s_product_category"],
        lambda row: by_link[row["hk_product_category_pk"]]["h_product_pk"],
    )
    found = []
    for order, of_order in grouped(events, lambda event: event.object_id).items():
        order_pk = hash_key(str(order))
        if order_pk not in closed:
            continue
        latest = max(of_order, key=lambda event: (event.event_dttm, event.precedence))
        (user_pk,) = (user["h_user_pk"] for user in users_of[order_pk])
        products = {}
        for link in products_of_order[order_pk]:
            if link["hk_order_product_pk"] in open_products:
                (category,) = (
                    category_names[by_link[row["hk_product_category_pk"]]["h_category_pk"]]
                    for row in categories_of[link["h_product_pk"]]
                    if row["start_dt"] <= latest.event_dttm < row["end_dt"]
                )
                products[product_ids[link["h_product_pk"]]] = category
        found.append(ClosedOrder(latest, user_pk, products))
    return found


def marts(events: list[Event], tables: Tables) -> Tables:
    by_product: dict[tuple[uuid.UUID, uuid.UUID], int] = defaultdict(int)
    by_category: dict[tuple[uuid.UUID, str], int] = defaultdict(int)
    for order in closed_orders(events, tables):
        for product in order.products:
            by_product[order.user_pk, hash_key(product)] += 1
        for category in set(order.products.values()):
            by_category[order.user_pk, category] += 1
    open_names = {
        row["h_product_pk"]: row["productname"]
        for row in tables["s_product_names"]
        if row["end_dt"] == OPEN_END
    }
    return {
        "user_product_counters": [
            {
                "user_id": user,
                "product_id": product,
                "product_name": open_names[product],
                "order_cnt": count,
            }
            for (user, product), count in by_product.items()
        ],
        "user_category_counters": [
            {
                "user_id": user,
                "category_id": hash_key(category),
                "category_name": category,
                "order_cnt": count,
            }
            for (user, category), count in by_category.items()
        ],
    }


# --- downstream -----------------------------------------------------------------------------------


def source_timestamp(time: datetime) -> str:
    """`YYYY-MM-DD HH:MM:SS`, with six digits of microseconds if there are any."""
    return str(time)


def final_messages(events: Iterable[Event]) -> dict[int, Row]:
    """For each closed order the message of its state: what was sent last, `sent_dttm` aside."""
    distinct = list({event.event_id: event for event in events}.values())
    tables = warehouse(distinct)
    user_ids = {row["h_user_pk"]: row["user_id"] for row in tables["h_user"]}
    dates = {
        row["h_order_pk"]: row["order_dt"]
        for row in tables["s_order_details"]
        if row["end_dt"] == OPEN_END
    }
    return {
        order.event.object_id: {
            "object_id": order.event.object_id,
            "object_type": "order",
            "sent_dttm": source_timestamp(order.event.event_dttm),
            "payload": {
                "final_status": "CLOSED",
                "date": source_timestamp(dates[hash_key(str(order.event.object_id))]),
                "user_id": user_ids[order.user_pk],
                "products": [
                    {"product_id": product, "category_name": category}
                    for product, category in sorted(
                        order.products.items(), key=lambda item: item[0].encode()
                    )
                ],
            },
        }
        for order in closed_orders(distinct, tables)
    }
