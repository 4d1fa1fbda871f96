"""Ends the servers of a sandbox when the process that started them is gone, however it went.

A process of its own, because a parent that is killed with SIGKILL can clean up nothing. It reads
commands from a pipe whose other end only the parent holds; end of file means that the parent is
gone. Then every server told of is ended and the sandbox's folder removed.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

# How long a server may take to go before it is killed, in seconds.
GRACE = 5.0


class Guardian:
    """The parent's end of the pipe."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.guardian", str(folder)],
            stdin=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent,
            start_new_session=True,  # Ctrl-C at the terminal must not reach it
        )

    def watch(self, pid: int, stop_signal: signal.Signals) -> None:
        """Have the process `pid` ended with `stop_signal` when the parent is gone."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{pid} {int(stop_signal)}\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """End all servers, remove the folder, and return when that is done."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
        self._process.wait()


def end(servers: list[tuple[psutil.Process, int]]) -> None:
    """Signal every server, give them GRACE seconds, then kill what is left of their groups."""
    for process, stop_signal in servers:
        if lives(process):  # compares start times: a reused pid is not ours
            process.send_signal(stop_signal)
    deadline = time.monotonic() + GRACE
    while any(lives(process) for process, _ in servers) and time.monotonic() < deadline:
        time.sleep(0.02)
    for process, _ in servers:
        if lives(process):
            os.killpg(process.pid, signal.SIGKILL)


def lives(process: psutil.Process) -> bool:
    """Whether it runs; a process that its parent has not waited for yet does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def main() -> None:
    """Serve one parent until its end of the pipe closes."""
    servers: list[tuple[psutil.Process, int]] = []
    for line in sys.stdin:
        pid, stop_signal = line.split()
        try:
            servers.append((psutil.Process(int(pid)), int(stop_signal)))
        except psutil.NoSuchProcess:
            continue
    end(servers)
    shutil.rmtree(sys.argv[1], ignore_errors=True)


if __name__ == "__main__":
    main()
