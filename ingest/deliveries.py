"""A message as Kafka delivered it, with where it was."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.messages import EPOCH

# A partition: topic and number.
Place = tuple[str, int]

# Of the topic for replayed messages.
RETRY_SUFFIX = ".retry"

# Of a replayed message: where it was when it first came, by the names that operators' tools know.
ORIGIN_TOPIC = "__connect.errors.topic"
ORIGIN_PARTITION = "__connect.errors.partition"
ORIGIN_OFFSET = "__connect.errors.offset"

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
        if not topic.isprintable() or not 0 <= partition < 2**31 or not 0 <= offset < 2**63:
            return self.coordinates
        return topic, partition, offset

    @property
    def sent_at(self) -> datetime | None:
        """Kafka's timestamp in UTC."""
        if self.timestamp is None:
            return None
        return EPOCH + timedelta(milliseconds=self.timestamp)
