"""Messages to send, messages received, and what headers are outside of Kafka."""

import base64
from collections.abc import Iterable
from typing import Any

import msgspec
from confluent_kafka import Message as Received

__all__ = ["Received"]

Headers = list[tuple[str, bytes | None]]

# Around each header Kafka writes the lengths of its name and value, in bytes; never more than this.
HEADER_OVERHEAD = 10

# Of a message of ours: its place in the order of its topic, and so in its table.
POSITION = "position"


def place_of(message: Received) -> tuple[int, int]:
    """Its partition and offset."""
    return message.partition(), message.offset()  # type: ignore[return-value]


def sent_at(message: Received) -> float | None:
    """Kafka's timestamp as a Unix time; None if there is none."""
    kind, milliseconds = message.timestamp()
    return milliseconds / 1000 if kind else None


class Record(msgspec.Struct, frozen=True, gc=False):
    """A message to send."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def size(self) -> int:
        """In bytes, but for the few that Kafka puts around it."""
        return len(self.key or b"") + len(self.value or b"") + headers_size(self.headers)


def headers_size(headers: Iterable[tuple[str, bytes | None]]) -> int:
    """In bytes."""
    return sum(len(name.encode()) + len(value or b"") + HEADER_OVERHEAD for name, value in headers)


def headers_for_json(headers: Headers) -> list[list[Any]]:
    """Headers for jsonb: what is text as text, anything else as its base64."""
    return [
        [_text_or_base64(name.encode()), None if value is None else _text_or_base64(value)]
        for name, value in headers
    ]


def headers_of_json(stored: list[list[Any]]) -> Headers:
    """What `headers_for_json` was given."""
    return [
        (_bytes(name).decode(), None if value is None else _bytes(value)) for name, value in stored
    ]


def _text_or_base64(value: bytes) -> str | dict[str, str]:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = "\0"
    return {"base64": base64.b64encode(value).decode()} if "\0" in text else text


def _bytes(stored: str | dict[str, str]) -> bytes:
    return stored.encode() if isinstance(stored, str) else base64.b64decode(stored["base64"])
