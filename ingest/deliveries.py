"""A message as Kafka delivered it, with where it was."""

import base64
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ingest.messages import EPOCH

# A partition: topic and number.
Place = tuple[str, int]

# Of the topic for replayed messages.
RETRY_SUFFIX = ".retry"

# Of a message of the onward topic: the delivery that stored its event.
EVENT_ID = "event_id"
SOURCE_TOPIC = "source_topic"
SOURCE_PARTITION = "source_partition"
SOURCE_OFFSET = "source_offset"

# Of a replay or a dead letter: where it first came, by the names that operators' tools know.
ORIGIN_TOPIC = "__connect.errors.topic"
ORIGIN_PARTITION = "__connect.errors.partition"
ORIGIN_OFFSET = "__connect.errors.offset"

# Of a dead letter: the delivery that failed, which of a replay is another one.
FAILED_TOPIC = "__connect.errors.failed.topic"
FAILED_PARTITION = "__connect.errors.failed.partition"
FAILED_OFFSET = "__connect.errors.failed.offset"

# Why it is a dead letter.
ERROR_REASON = "__connect.errors.exception.class.name"
ERROR_DETAIL = "__connect.errors.exception.message"

# What Kafka allows, so that no forged origin is longer than an index takes.
TOPIC_NAME = re.compile(r"[A-Za-z0-9._-]{1,249}")

Headers = list[tuple[str, bytes | None]]


@dataclass(frozen=True)
class Delivery:
    """One message from a topic. `number` is its place in the batch."""

    number: int
    topic: str
    partition: int
    offset: int
    timestamp: int | None  # milliseconds since 1970
    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def place(self) -> Place:
        """Topic and partition."""
        return self.topic, self.partition

    @property
    def coordinates(self) -> tuple[str, int, int]:
        """Topic, partition, offset."""
        return self.topic, self.partition, self.offset

    @property
    def origin(self) -> tuple[str, int, int]:
        """The coordinates at which a replayed message first came; its own if it is no replay."""
        if not self.topic.endswith(RETRY_SUFFIX):
            return self.coordinates
        named = {name: value for name, value in self.headers if value is not None}
        try:
            topic = named[ORIGIN_TOPIC].decode()
            partition, offset = int(named[ORIGIN_PARTITION]), int(named[ORIGIN_OFFSET])
        except (KeyError, ValueError):
            return self.coordinates
        if not TOPIC_NAME.fullmatch(topic) or not 0 <= partition < 2**31 or not 0 <= offset < 2**63:
            return self.coordinates
        return topic, partition, offset

    @property
    def sent_at(self) -> datetime | None:
        """Kafka's timestamp in UTC; None for one that a producer made up, in the year 55000."""
        if self.timestamp is None:
            return None
        try:
            return EPOCH + timedelta(milliseconds=self.timestamp)
        except OverflowError:
            return None


def headers_for_json(headers: Headers) -> list[list[Any]]:
    """Headers for jsonb: a value that is text as text, any other as its base64."""
    return [
        [name.replace("\0", "\ufffd"), None if value is None else _text_or_base64(value)]
        for name, value in headers
    ]


def headers_of_json(stored: list[list[Any]]) -> Headers:
    """What `headers_for_json` was given."""
    headers: Headers = []
    for name, value in stored:
        if isinstance(value, dict):
            headers.append((name, base64.b64decode(value["base64"])))
        else:
            headers.append((name, None if value is None else value.encode()))
    return headers


def _text_or_base64(value: bytes) -> str | dict[str, str]:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = "\0"
    return {"base64": base64.b64encode(value).decode()} if "\0" in text else text
