"""What the sandbox makes up, without its servers."""

import socket

import pytest

from sandbox import server
from sandbox.kafka import random_id
from sandbox.server import HOST, PORTS, free_port


def test_a_random_id_is_never_taken_for_an_option() -> None:
    ids = [random_id() for _ in range(5_000)]
    assert not [made for made in ids if made.startswith("-")]
    assert {len(made) for made in ids} == {22}


def test_a_port_is_not_one_that_an_outgoing_connection_may_take() -> None:
    with socket.socket() as outgoing:
        outgoing.bind((HOST, 0))
        assert outgoing.getsockname()[1] not in PORTS
    ports = {free_port() for _ in range(100)}
    assert ports <= set(PORTS)
    assert len(ports) > 90


def test_a_port_that_somebody_listens_on_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    taken, free = free_port(), free_port()
    monkeypatch.setattr(server, "PORTS", [taken, free])
    with socket.socket() as listening:
        listening.bind((HOST, taken))
        listening.listen()
        assert {free_port() for _ in range(20)} == {free}
