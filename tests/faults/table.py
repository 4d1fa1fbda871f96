"""The table of faults that a run prints at its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass
class Line:
    """One kind of fault: how often it was injected, and what it cost."""

    fault: str
    injected: int
    seen: int
    lost: int
    doubled: int


# The lines of the test that runs, and the name under which its report carries them.
LINES: list[Line] = []
PROPERTY = "faults"
COUNTS = ("injected", "seen", "lost", "doubled")


def add(injected: Mapping[str, int], seen: int, lost: int, doubled: int) -> None:
    """The faults of one load, with what its witnesses found."""
    LINES.extend(Line(fault, count, seen, lost, doubled) for fault, count in injected.items())


def table(lines: Sequence[Line]) -> list[str]:
    """The lines, aligned, with their sum."""
    total = Line("all", *(sum(getattr(line, name) for line in lines) for name in COUNTS))
    rows: list[tuple[str, ...]] = [("fault", "injected", "messages", "lost", "doubled")]
    rows += [
        (line.fault, *(f"{getattr(line, name):,}" for name in COUNTS)) for line in (*lines, total)
    ]
    wide = max(len(row[0]) for row in rows)
    return [row[0].ljust(wide) + "".join(cell.rjust(11) for cell in row[1:]) for row in rows]
