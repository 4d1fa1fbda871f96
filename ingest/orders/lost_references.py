"""Has Redis lost its data, or are a few events bad? The share of unknown keys of the last tells.

One batch alone would not do: at a trickle it has few events, and an emptied Redis would make each
of them a dead letter.
"""

from collections import deque
from collections.abc import Sequence

from ingest.errors import OutageError

# Of fewer events than this, no share without reference data is called an outage of Redis.
FEWEST = 50


class LostReferences:
    """Watches one ingestor's events; `limit` is the share that may be without reference data."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._before: deque[bool] = deque(maxlen=FEWEST)  # the events before: was it unknown?

    def judge(self, known: int, unknown: Sequence[str]) -> None:
        """Take a batch into account: how many events are known, and what the others lack.

        Raises OutageError if too many are unknown, of this batch and of the last FEWEST; then it is
        not taken into account, and once Redis knows it, it goes through whatever was before.
        """
        batch = [False] * known + [True] * len(unknown)
        last = [*self._before, *batch][-max(FEWEST, len(batch)) :]
        if len(last) >= FEWEST and min(_share(batch), _share(last)) > self._limit:
            raise OutageError(
                "Redis",
                f"{sum(last)} of {len(last)} events have no reference data: its data seems lost"
                f" ({unknown[0]}). Restore it, or set MAX_UNKNOWN_SHARE=1 to make such events dead"
                " letters",
            )
        self._before.extend(batch)


def _share(events: Sequence[bool]) -> float:
    return sum(events) / len(events) if events else 0.0
