"""Messages to events, many at a time: decoded, enriched, or rejected with a reason.

What comes from Kafka and dead letters that are tried again go the same way. `T` is what tells a
message from the others to whoever asks.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ingest.errors import RejectError
from ingest.limits import Limits
from ingest.orders.decode import SkippedError, decode
from ingest.orders.enrich import ReferenceData, Room, enrich, reference_ids
from ingest.orders.events import Event, event
from ingest.redis import References

T = TypeVar("T")
# The bytes of a message, and its topic, partition and offset.
Delivery = tuple[T, bytes | None, tuple[bytes, int, int]]


@dataclass
class Prepared(Generic[T]):
    """Every message is in exactly one of the lists."""

    events: list[tuple[T, Event]] = field(default_factory=list)
    rejected: list[tuple[T, RejectError]] = field(default_factory=list)
    skipped: list[T] = field(default_factory=list)


@dataclass(frozen=True)
class Preparer:
    """Where reference data comes from, and what a message may be."""

    references: References
    room: Room
    limits: Limits

    def prepare(self, deliveries: Iterable[Delivery[T]]) -> Prepared[T]:
        """Prepare messages; Redis is asked once for all of them. Raises OutageError, StopError."""
        prepared: Prepared[T] = Prepared()
        decoded = []
        limits, room = self.limits, self.room
        for source, raw, origin in deliveries:
            try:
                decoded.append((source, raw or b"", origin, decode(raw, limits)))
            except RejectError as error:
                prepared.rejected.append((source, _bare(error)))
            except SkippedError:
                prepared.skipped.append(source)
        ids = reference_ids(message for *_, message in decoded)
        data = ReferenceData(self.references.fetch(ids))
        for source, raw, origin, message in decoded:
            try:
                payload = enrich(message, raw, data, room, limits)
            except RejectError as error:
                prepared.rejected.append((source, _bare(error)))
            else:
                prepared.events.append((source, event(raw, message, payload, origin)))
        return prepared


def _bare(error: RejectError) -> RejectError:
    """The error without the frames that it came through.

    They hold the message, and ours holds the error: a cycle, and nobody collects them in a loader.
    """
    error.__traceback__ = error.__context__ = None
    return error
