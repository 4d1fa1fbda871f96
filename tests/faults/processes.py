"""The processes under test: the command line as an operator runs it, kept alive by a supervisor."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.world import ROOT, World

# The longest that an orderly end of an ingestor may take, in seconds. Others finish a build first.
ORDERLY = 10.0
# After so many ends by themselves there is no use in starting again.
MOST_ENDS = 5
# What each command logs when it has finished a piece of its work.
WORK = {"stg": " batch ", "emit": " published ", "dds": " built ", "cdm": " built "}
# What a process says that ends because a call of Kafka's client does not return.
STUCK = "Timeout (0:"
# The longest wait for anything that must happen, in seconds: beyond it the test fails.
LONGEST = 240.0


def wait_until(happened: Callable[[], bool], what: str, *, longest: float = LONGEST) -> None:
    """Return when it has happened; fail when it does not."""
    deadline = time.monotonic() + longest
    while not happened():
        assert time.monotonic() < deadline, f"waited {longest:.0f} s for {what}"
        time.sleep(0.05)


class Process:
    """One `ingest …` process at a time, started again as often as wanted, with one log."""

    def __init__(self, world: World, folder: Path, name: str, *command: str) -> None:
        self.log = folder / f"{'-'.join(command)}-{name}.log"
        self._world = world
        self._command = command
        self._began = self._marked = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, kill_at: str = "", **settings: str) -> None:
        """Start it; `kill_at` is a failpoint."""
        assert not self.lives()
        with self.log.open("ab") as log:
            self._began = self._marked = log.tell()
            self._process = subprocess.Popen(
                [str(ROOT / ".venv/bin/ingest"), *self._command],
                cwd=ROOT,
                env={
                    **os.environ,
                    **self._world.environment,
                    "INGEST_KILL_AT": kill_at,
                    **settings,
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def lives(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def code(self) -> int | None:
        """The exit code of the process that ended last; negative: the signal."""
        return self._process.returncode if self._process else None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def mark(self) -> None:
        """From here on, count what it says as new."""
        self._marked = self.log.stat().st_size

    def said(self) -> str:
        """What it has logged since it was started, or marked."""
        return self._logged(self._marked)

    def last_words(self) -> str:
        """The end of what it has logged since it was started, marked or not."""
        return self._logged(self._began)[-3000:]

    def _logged(self, offset: int) -> str:
        with self.log.open("rb") as log:
            log.seek(offset)
            return log.read().decode(errors="replace")

    def ended_stuck(self) -> bool:
        """Whether it ended itself because a call of Kafka's client had not returned."""
        return self.code == 1 and STUCK in self.last_words()

    def worked(self) -> bool:
        """Whether it has finished a piece of work since then."""
        return WORK[self._command[0]] in self.said()

    def joined(self) -> bool:
        """Whether it has got partitions since then."""
        return "assigned partitions" in self.said()

    def is_frozen(self) -> bool:
        """Whether it has come to a SIGSTOP."""
        assert self.lives(), self.said()[-1500:]
        return psutil.Process(self.pid).status() == psutil.STATUS_STOPPED

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """As a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> float:
        """SIGTERM; returns how many seconds it took. Fails if that was no orderly end."""
        assert self._process is not None
        began = time.monotonic()
        self._process.terminate()
        try:
            code = self._process.wait(ORDERLY if "stg" in self._command else LONGEST)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"SIGTERM took too long:\n{self.said()[-2000:]}") from None
        is_new = code == -signal.SIGTERM and not self.said()  # it had not begun to listen
        assert code == 0 or is_new, f"SIGTERM ended with {code}:\n{self.said()[-2000:]}"
        return time.monotonic() - began

    def wait(self, longest: float = LONGEST) -> int:
        """Its exit code, when it ends by itself."""
        assert self._process is not None
        try:
            return self._process.wait(longest)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still alive:\n{self.said()[-2000:]}") from None


class Supervisor:
    """Starts what has died, as Kubernetes would; remembers who ended by himself.

    Of the processes it keeps the first `wanted` alive.
    """

    def __init__(self, processes: list[Process]) -> None:
        self.all = processes
        self.wanted = len(processes)
        self.stuck = 0  # how often one has ended because Kafka's client had a deadlock
        self._given_up: list[str] = []

    @property
    def processes(self) -> list[Process]:
        """Those that are wanted."""
        return self.all[: self.wanted]

    def scale(self, count: int) -> int:
        """Keep `count` alive from now on; returns by how many that is another number."""
        before, self.wanted = self.wanted, count
        for process in self.all[count:before]:
            process.stop()
        self.tend()
        come = self.all[before:count]
        wait_until(lambda: all(process.joined() for process in come), "partitions for all")
        self.until_working(again=True)
        return abs(count - before)

    def tend(self) -> None:
        """Start whoever does not run."""
        for process in self.processes:
            if not process.lives():
                is_stuck = process.ended_stuck()
                self.stuck += is_stuck
                ends = (None, 0, -signal.SIGKILL, -signal.SIGTERM)
                if process.code not in ends and not is_stuck:
                    self._given_up.append(f"exit {process.code}: {process.last_words()}")
                    assert len(self._given_up) < MOST_ENDS, "\n\n".join(self._given_up)
                process.start()

    def working(self) -> list[Process]:
        """Those that live and have finished a piece of work since they were started or marked."""
        return [process for process in self.processes if process.lives() and process.worked()]

    def until_working(self, count: int = 1, *, again: bool = False) -> list[Process]:
        """Those that work, when there are `count` of them; `again`: from now on."""
        if again:
            for process in self.processes:
                process.mark()
        self.wait_for(
            lambda: len(self.working()) >= count,
            f"{count} of {len(self.processes)} processes at work",
        )
        return self.working()

    def until_one_says(self, words: str) -> None:
        """Return when one of them has said it since it was started or marked."""
        self.wait_for(lambda: any(words in p.said() for p in self.processes), repr(words))

    def wait_for(self, happened: Callable[[], bool], what: str) -> None:
        """Return when it has happened, and keep them alive until then."""

        def seen() -> bool:
            self.tend()
            return happened()

        wait_until(seen, what)

    def stop(self) -> None:
        """End all in an orderly way; fail if one of them had ended by himself."""
        for process in self.all:
            if process.lives():
                process.stop()
        assert not self._given_up, "\n\n".join(self._given_up)


@contextmanager
def supervised(processes: list[Process]) -> Iterator[Supervisor]:
    """Processes that end with the block, however it ends."""
    try:
        yield Supervisor(processes)
    finally:
        for process in processes:
            if process.lives():
                process.kill()
