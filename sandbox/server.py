"""One server process on a free loopback port: start, wait until it answers, stop, kill, restart."""

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from sandbox.guardian import Guardian

HOST = "127.0.0.1"
# Below those of outgoing connections: 32768 and up on Linux, 49152 and up elsewhere.
PORTS = range(15_000, 32_000)
# Longest wait for a server's first answer, in seconds. A loaded machine takes up to 20.
START_TIMEOUT = 90.0
# Sandboxes of other processes choose their ports at the same time, and servers come up late and
# come back. None of them uses UDP, so that whoever has chosen a port holds the UDP one meanwhile.
_reserved: list[socket.socket] = []


class SandboxError(Exception):
    """A server of the sandbox could not be started; the message says what its log says."""


def free_port() -> int:
    """A TCP port on loopback that was free a moment ago, and is given to nobody else.

    None of those that the system gives to outgoing connections: a server that comes back must find
    its port free, and a client that looks for it meanwhile would be connected with itself.
    """
    while True:
        port = secrets.choice(PORTS)
        reserved = socket.socket(type=socket.SOCK_DGRAM)
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            reserved.bind((HOST, port))
            _reserved.append(reserved)
            return port
        reserved.close()


class Server:
    """A process, its log, and the question that tells whether it is ready."""

    def __init__(
        self,
        name: str,
        command: list[str],
        guardian: Guardian,
        ready: Callable[[], bool],
        *,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.log = guardian.folder / f"{name}.log"
        self._command = command
        self._guardian = guardian
        self._ready = ready
        self._stop_signal = stop_signal
        self._user = user
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id, for tests that send signals."""
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    def lives(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process; `wait` tells when it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._guardian.folder,
                env=self._environment,
                user=self._user,
                group=self._user,
                extra_groups=[] if self._user is not None else None,
                start_new_session=True,
            )
        self._guardian.watch(self._process.pid, self._stop_signal)

    def wait(self) -> None:
        """Return when the server answers; raise SandboxError with its last words if it does not."""
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            if self._ready():
                return
            time.sleep(0.05)
        raise SandboxError(f"{self.name} did not start; the end of {self.log}:\n{tail(self.log)}")

    def stop(self, number: signal.Signals | None = None) -> None:
        """End the server in its orderly way, or by another signal that ends it."""
        assert self._process is not None
        self._process.send_signal(number or self._stop_signal)
        self._process.wait()

    def kill(self) -> None:
        """End the server and its children as a power cut would."""
        assert self._process is not None
        children = psutil.Process(self.pid).children(recursive=True)
        os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        # PostgreSQL's children lead groups of their own; they go by themselves, or are made to.
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        psutil.wait_procs(children)

    def restart(self) -> None:
        """Start again on the same port and data, after `stop` or `kill`."""
        self.start()
        self.wait()


def tail(path: Path, lines: int = 20) -> str:
    """The last lines of a log file."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
