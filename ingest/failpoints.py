"""Named places between the steps of a protocol, where the fault tests kill the process.

`INGEST_KILL_AT=stored:3` kills it with SIGKILL when it comes to the place `stored` for the third
time. Without the variable a place costs one comparison.
"""

import os
import signal

_PLACE, _, _TIMES = os.environ.get("INGEST_KILL_AT", "").partition(":")
_left = int(_TIMES or 1)


def failpoint(place: str) -> None:
    """Die here, if this is the place and the time."""
    global _left
    if place == _PLACE:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
