"""Messages to events, many at a time: decoded, enriched, or rejected with a reason.

What comes from Kafka and dead letters that are tried again go the same way. `T` is what tells a
message from the others to whoever asks.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ingest.errors import RejectError
from ingest.kinds import KINDS, decode_all
from ingest.limits import Limits
from ingest.orders.decode import SkippedError
from ingest.orders.enrich import Room
from ingest.orders.events import Event, event
from ingest.orders.message import Envelope
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
        deliveries, limits, room = list(deliveries), self.limits, self.room
        outcomes = decode_all([raw for _, raw, _ in deliveries], limits)
        kinds = {kind.decoder.object_type: kind for kind in KINDS}
        messages: dict[str, list[Envelope]] = {name: [] for name in kinds}
        for outcome in outcomes:
            if isinstance(outcome, Envelope):
                messages[outcome.object_type].append(outcome)
        ids = [kind.reference_ids(messages[name]) for name, kind in kinds.items()]
        known = self.references.fetch(set().union(*ids))
        data = {name: kind.reference_data(known) for name, kind in kinds.items()}
        for (source, raw, origin), message in zip(deliveries, outcomes, strict=True):
            if isinstance(message, SkippedError):
                prepared.skipped.append(source)
            elif isinstance(message, RejectError):
                prepared.rejected.append((source, _bare(message)))
            else:
                name = message.object_type
                try:
                    payload = kinds[name].enrich(message, raw or b"", data[name], room, limits)
                except RejectError as error:
                    prepared.rejected.append((source, _bare(error)))
                else:
                    row = event(raw or b"", message, payload, origin)
                    prepared.events.append((source, row))
        return prepared


def _bare(error: RejectError) -> RejectError:
    """The error without the frames that it came through.

    They hold the message, and ours holds the error: a cycle, and nobody collects them in a loader.
    """
    error.__traceback__ = error.__context__ = None
    return error
