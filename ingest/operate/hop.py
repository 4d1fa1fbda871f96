"""One hop of the way of an order, and the parts of it that move by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Part:
    """A part of a hop that moves by itself: a partition, or a layer of models.

    The fields mean what they mean of a Hop; `late` names the models that are behind.
    """

    name: str
    rows: int
    behind: int
    behind_seconds: float
    moved_at: datetime | None
    still_seconds: float
    late: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hop:
    """One step of the way, from `origin` to `target`.

    `rows` are those at the target. `behind` is what waits at the origin: messages or rows, for
    models events; an upper bound where it is large. `behind_seconds` is for how long the oldest of
    it has waited, `moved_at` (UTC) when anything last moved; None if never, or if nobody knows.
    `still_seconds`: for how long something has waited and nothing has moved; of several parts the
    worst. `problem`: why it cannot go on before somebody acts, with the command; empty if it can.
    """

    name: str
    origin: str
    target: str
    rows: int
    behind: int
    behind_seconds: float
    moved_at: datetime | None
    still_seconds: float
    parts: tuple[Part, ...] = ()
    problem: str = ""


def joined(
    name: str, origin: str, target: str, rows: int, parts: Sequence[Part], problem: str = ""
) -> Hop:
    """Of its parts: partitions add up, layers all wait for the same."""
    waiting = max if any(part.late for part in parts) else sum
    return Hop(
        name,
        origin,
        target,
        rows,
        waiting(part.behind for part in parts),
        max(part.behind_seconds for part in parts),
        max((part.moved_at for part in parts if part.moved_at), default=None),
        max(part.still_seconds for part in parts),
        tuple(parts),
        problem,
    )


def still(waits: float, moved_ago: float | None) -> float:
    """For how long something has waited and nothing has moved, in seconds."""
    return waits if moved_ago is None else min(waits, moved_ago)
