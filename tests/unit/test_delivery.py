"""A message as Kafka's client gives it, and as the package knows it."""

from typing import Any, cast

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Message

from ingest.kafka.client import delivery_of


class MessageOfAnotherClient:
    """What this client shows of a header whose name is not UTF-8; it cannot send one itself."""

    def topic(self) -> str:
        return "orders"

    def partition(self) -> int:
        return 1

    def offset(self) -> int:
        return 7

    def timestamp(self) -> tuple[int, int]:
        return TIMESTAMP_NOT_AVAILABLE, 0

    def key(self) -> bytes:
        return b"k"

    def value(self) -> bytes:
        return b"{}"

    def headers(self) -> Any:
        raise SystemError("returned a result with an exception set")


def test_a_header_that_is_no_text_stops_nothing() -> None:
    delivery = delivery_of(cast("Message", MessageOfAnotherClient()))
    assert (delivery.coordinates, delivery.value) == (("orders", 1, 7), b"{}")
    assert delivery.headers == [("unreadable", b"the headers: the name of one is not UTF-8")]
