"""What came out against what was sent: the same, digit by digit, but for what Redis knows."""

import json
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from ingest.limits import Limits
from ingest.orders.decode import decode
from ingest.orders.enrich import ReferenceData, Room, enrich
from ingest.orders.values import event_id
from tests.world import RESTAURANT, USER, encoded

KNOWN = {"user-1": encoded(USER), "rest-1": encoded(RESTAURANT)}
REFERENCES = ReferenceData(defaultdict(lambda: None, KNOWN))
# What the topics of `ingest init` take, or a little less.
ROOM = Room(onward=2_000_000, closed=2_000_000)


def enriched(raw: bytes | None) -> tuple[str, bytes]:
    """The event's id and its payload, as `ingest stg` makes them.

    Redis knows USER and RESTAURANT. Raises RejectError, SkippedError.
    """
    message = decode(raw, Limits())
    payload = enrich(message, raw or b"", REFERENCES, ROOM, Limits())
    return event_id(raw or b"", message), payload


def exactly(text: str | bytes) -> Any:
    """JSON as Python's own parser reads it, but for numbers, which stay as their digits.

    1.10 is not 1.1; but 1e2 is 100 and -0.0 is 0.0, as for Postgres. AssertionError for a key that
    is named twice.
    """
    hooks: Any = {"parse_int": _digits, "parse_float": _digits, "parse_constant": str}
    return json.loads(text, object_pairs_hook=_without_repeats, **hooks)


def as_sent(text: str | bytes) -> Any:
    """A message without the fields that enriching sets, whoever has set them."""
    message = exactly(text)
    payload = message["payload"]
    for name in ("name", "login"):
        payload["user"].pop(name, None)
    payload["restaurant"].pop("name", None)
    for item in payload["order_items"]:
        item.pop("category", None)
    return message


def assert_enriched(payload: str | bytes, sent: bytes) -> None:
    """Fail unless the payload is what was sent, with what USER and RESTAURANT say."""
    assert as_sent(payload) == as_sent(sent)
    found = exactly(payload)["payload"]
    assert {name: found["user"][name] for name in ("name", "login")} == {
        name: USER[name] for name in ("name", "login")
    }
    assert found["restaurant"]["name"] == RESTAURANT["name"]
    categories: dict[str, str] = {dish["_id"]: dish["category"] for dish in _menu()}
    for item in found["order_items"]:
        assert item["category"] == categories[item["id"]]


def _menu() -> list[dict[str, str]]:
    return RESTAURANT["menu"]  # type: ignore[return-value]


def _digits(text: str) -> tuple[object, ...]:
    number = Decimal(f"{Decimal(text):f}")
    return (abs(number) if number == 0 else number).as_tuple()


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    repeated = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    assert not repeated, repeated
    return dict(pairs)
