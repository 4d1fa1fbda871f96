"""The table of faults that a run prints at its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass
class Line:
    """One kind of fault: how often it was injected, and what its load cost.

    A load that met several kinds has its counts in the first of their lines, None in the others.
    """

    fault: str
    injected: int
    seen: int | None
    lost: int | None
    doubled: int | None


# The lines of the test that runs, and the name under which its report carries them.
LINES: list[Line] = []
PROPERTY = "faults"
COUNTS = ("injected", "seen", "lost", "doubled")


def add(injected: Mapping[str, int], seen: int, lost: int, doubled: int) -> None:
    """The faults of one load, with what its witnesses found."""
    for number, (fault, count) in enumerate(injected.items()):
        found = (None, None, None) if number else (seen, lost, doubled)
        LINES.append(Line(fault, count, *found))


def table(lines: Sequence[Line]) -> list[str]:
    """The lines, aligned, with their sum; `"` stands for the load of the line above."""
    total = Line("all", *(sum(getattr(line, name) or 0 for line in lines) for name in COUNTS))
    rows: list[tuple[str, ...]] = [("fault", "injected", "messages", "lost", "doubled")]
    rows += [
        (line.fault, *(_cell(getattr(line, name)) for name in COUNTS)) for line in (*lines, total)
    ]
    wide = max(len(row[0]) for row in rows)
    return [row[0].ljust(wide) + "".join(cell.rjust(11) for cell in row[1:]) for row in rows]


def _cell(count: int | None) -> str:
    return '"' if count is None else f"{count:,}"
