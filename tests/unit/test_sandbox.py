"""What the sandbox makes up, without its servers."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack

import pytest

from sandbox import server
from sandbox.kafka import random_id
from sandbox.server import HOST, PORTS, free_port


def test_a_random_id_is_never_taken_for_an_option() -> None:
    ids = [random_id() for _ in range(5_000)]
    assert not [made for made in ids if made.startswith("-")]
    assert {len(made) for made in ids} == {22}


@pytest.mark.parametrize("command", [("send", "-"), ("simulate", "--orders", "1")])
def test_whoever_has_not_named_the_servers_is_told_at_once(command: Sequence[str]) -> None:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", *command],
        env={**os.environ, "KAFKA_PORT": str(free_port()), "REDIS_PORT": str(free_port())},
        input='{"_id": "user-1"}\n',
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    said = done.stderr.splitlines()[-1]
    assert said.startswith("sandbox: Kafka: ")
    assert said.endswith(": paste the `export` lines of `sandbox up` here")
    assert "Traceback" not in done.stderr
    assert time.monotonic() - began < 30  # 6 s on a machine that has nothing else to do


def test_a_port_is_not_one_that_an_outgoing_connection_may_take() -> None:
    with socket.socket() as outgoing:
        outgoing.bind((HOST, 0))
        assert outgoing.getsockname()[1] not in PORTS
    assert {free_port() for _ in range(20)} <= set(PORTS)


def test_a_port_that_somebody_listens_on_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    taken, *free = unused(20)
    monkeypatch.setattr(server, "PORTS", [taken, *free])
    with socket.socket() as listening:
        listening.bind((HOST, taken))
        listening.listen()
        assert {free_port() for _ in free} == set(free)


def test_a_port_is_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """By all processes of the machine: the servers of a sandbox take a while to listen."""
    ports = unused(20)
    monkeypatch.setattr(server, "PORTS", ports)
    elsewhere, here = ports[:5], ports[5:]
    choose = f"server.PORTS = {elsewhere}; [server.free_port() for _ in server.PORTS]"
    command = [sys.executable, "-c", f"from sandbox import server; {choose}; print(); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline()
        assert {free_port() for _ in here} == set(here)
        other.communicate(b"\n")


def unused(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for opened in sockets:
            opened.bind((HOST, 0))
        return [opened.getsockname()[1] for opened in sockets]
