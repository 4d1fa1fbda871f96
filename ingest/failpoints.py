"""Named places between the steps of a protocol, where the fault tests stop the process.

`INGEST_KILL_AT=stored:3` kills it with SIGKILL when it comes to the place `stored` for the third
time; `INGEST_KILL_AT=stored:3:SIGSTOP` freezes it there instead. Without the variable a place costs
one comparison.
"""

import os
import signal

_PLACE, *_REST = os.environ.get("INGEST_KILL_AT", "").split(":")
_SIGNAL = signal.Signals[_REST[1] if len(_REST) > 1 else "SIGKILL"]
_left = int(_REST[0]) if _REST else 1


def failpoint(place: str) -> None:
    """Die or freeze here, if this is the place and the time."""
    global _left
    if place == _PLACE:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), _SIGNAL)
