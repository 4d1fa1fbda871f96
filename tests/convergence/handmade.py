"""Events made by hand, as they are stored, for cases that a person can follow."""

import itertools
import uuid
from datetime import datetime
from typing import Any

from tests.convergence.model import Event
from tests.world import order

LOADED_AT = datetime(2024, 3, 1, 18)

_numbers = itertools.count(1)


def event(number: int, **changes: Any) -> Event:
    """A good event of the order `number`; `changes` are put into its payload."""
    message = order(number, **changes)
    payload = message["payload"]
    payload["user"] = {"name": "Анна", "login": "anna", **payload["user"]}
    payload["restaurant"] = {"name": "Вкус Индии", **payload["restaurant"]}
    payload["order_items"] = [{"category": "Супы", **item} for item in payload["order_items"]]
    sent_dttm = datetime.fromisoformat(message["sent_dttm"])
    identity = uuid.UUID(int=next(_numbers))
    return Event(identity, number, sent_dttm, message, LOADED_AT, "order-service_orders")
