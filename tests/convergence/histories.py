"""Small, nasty histories of orders: few keys, so that everything that can collide does."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.convergence.model import Event

START = datetime(2024, 2, 28, 23, 59, 58)
# Seconds after START. Few, so that events tie; the fractions test the keys' microseconds.
MOMENTS = [START + timedelta(seconds=second) for second in (0, 0.000001, 1, 1.5, 2, 3600, 90000)]
USERS = ("u1", "u2")
RESTAURANTS = ("r1", "r2")
PRODUCTS = ("p1", "p2", "p3")
NAMES = ("Борщ", "borscht", "Borscht 'Ёж' \\ \"2\"")
CATEGORIES = ("супы", "Soups")
STATUSES = ("OPEN", "COOKING", "DELIVERING", "CLOSED", "CANCELLED")


@dataclass(frozen=True)
class History:
    """Events in the order of arrival, cut into batches."""

    batches: tuple[tuple[Event, ...], ...]

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch]

    def renamed(self, number: int) -> "History":
        """The same history of keys that no other number has, for many histories in one database."""
        return History(tuple(tuple(_renamed(e, number) for e in batch) for batch in self.batches))


def _renamed(event: Event, number: int) -> Event:
    payload = dict(event.payload)
    payload["user"] = {**payload["user"], "id": f"{payload['user']['id']}-{number}"}
    payload["restaurant"] = {
        **payload["restaurant"],
        "id": f"{payload['restaurant']['id']}-{number}",
    }
    payload["order_items"] = [
        {**item, "id": f"{item['id']}-{number}"} for item in payload["order_items"]
    ]
    order = event.object_id + 10 * number
    return replace(
        event,
        event_id=uuid.UUID(int=event.event_id.int + (number << 64)),
        object_id=order,
        message={**event.message, "object_id": order, "payload": payload},
    )


def timestamps() -> st.SearchStrategy[str]:
    """A moment as the source may write it: with a space or a T, with or without an offset."""

    def written(time: datetime, form: int) -> str:
        if form == 0:
            return str(time)
        if form == 1:
            return time.isoformat() + "Z"
        return (time + timedelta(hours=3)).isoformat() + "+03:00"

    return st.builds(written, st.sampled_from(MOMENTS), st.integers(0, 2))


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "id": draw(st.sampled_from(PRODUCTS)),
        "name": draw(st.sampled_from(NAMES)),
        "category": draw(st.sampled_from(CATEGORIES)),
        "price": draw(st.sampled_from([100, "120.50", 0.00001])),
        "quantity": draw(st.integers(1, 2)),
    }


@st.composite
def events(draw: st.DrawFn, event_id: uuid.UUID) -> Event:
    order = draw(st.integers(1, 2))
    sent = draw(st.sampled_from(MOMENTS))
    payload: dict[str, Any] = {
        "restaurant": {
            "id": draw(st.sampled_from(RESTAURANTS)),
            "name": draw(st.sampled_from(NAMES)),
        },
        "date": draw(timestamps()),
        "user": {
            "id": draw(st.sampled_from(USERS)),
            "name": draw(st.sampled_from(NAMES)),
            "login": draw(st.sampled_from(("a", "b"))),
        },
        "order_items": draw(st.lists(items(), max_size=3)),
        "cost": draw(st.sampled_from([120, "120.00000", "99999999999999.99999"])),
        "payment": draw(st.sampled_from([0, 1])),
        "statuses": draw(
            st.lists(
                st.fixed_dictionaries({"status": st.sampled_from(STATUSES), "dttm": timestamps()}),
                max_size=3,
            )
        ),
    }
    if draw(st.booleans()):
        payload["bonus_payment"] = draw(st.sampled_from([None, 0, 5]))
        payload["bonus_grant"] = draw(st.sampled_from([None, 0, 5]))
    if draw(st.booleans()):
        payload["final_status"] = draw(st.sampled_from([None, *STATUSES]))
    if draw(st.integers(0, 9)) > 0:
        payload["update_ts"] = draw(timestamps())
    return Event(
        event_id=event_id,
        object_id=order,
        sent_dttm=sent,
        message={
            "object_id": order,
            "object_type": "order",
            "sent_dttm": str(sent),
            "payload": payload,
        },
        loaded_at=draw(st.sampled_from(MOMENTS)),
        load_src="order-service_orders",
    )


@st.composite
def histories(draw: st.DrawFn, batches: int, max_events: int = 8) -> History:
    """Up to `max_events` distinct events in `batches` batches, some of them empty."""
    numbers = draw(st.lists(st.integers(1, 99), unique=True, min_size=1, max_size=max_events))
    found: Sequence[Event] = [draw(events(uuid.UUID(int=number))) for number in numbers]
    places = [draw(st.integers(0, batches - 1)) for _ in found]
    return History(
        tuple(
            tuple(event for event, place in zip(found, places, strict=True) if place == batch)
            for batch in range(batches)
        )
    )
