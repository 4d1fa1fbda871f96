"""A proxy of the tests' own between `ingest` and a server, for what networks do to answers.

It forwards bytes, and understands just enough of the protocol to tell one request from the next,
and which answer belongs to it. A fault is armed for the n-th request of a name; every other request
and every other connection goes on undisturbed.
"""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from sandbox.listener import Listener
from sandbox.server import HOST

# The numbers of Kafka's protocol for the requests that a loader and a publisher depend on.
KAFKA_REQUESTS = {
    0: "Produce",
    8: "OffsetCommit",
    10: "FindCoordinator",
    22: "InitProducerId",
    24: "AddPartitionsToTxn",
    26: "EndTxn",
}
# What a Postgres client asks before the startup message, in the same form: TLS, GSSAPI.
BEFORE_STARTUP = (80877103, 80877104)
CHUNK = 65536
BATCH_COMMIT = "COMMIT of a batch"
COPY_DATA = "data of a COPY"
# How often a request that is held looks whether it may go on, in seconds.
LOOK = 0.005


class Fate(Enum):
    """What becomes of a request."""

    CUT = "connection cut before the request"
    LATE = "request delayed"
    ORPHANED = "connection cut, the request arrives later all the same"
    ANSWER_CUT = "connection cut instead of the answer"
    ANSWER_LATE = "answer delayed"
    ANSWER_LOST = "no answer, the connection stays"


@dataclass
class Fault:
    """What is to become of the `number`-th request of this name, counted from when it is armed.

    What is delayed waits for `seconds`, or for `until`. `happened` is set when the request is here,
    and for an answer when it is.
    """

    request: str
    fate: Fate
    number: int = 1
    seconds: float = 0.0
    until: threading.Event | None = None
    happened: threading.Event = field(default_factory=threading.Event)

    async def wait(self) -> None:
        """Return when what is delayed may go on."""
        if self.until is None:
            await asyncio.sleep(self.seconds)
        while self.until and not self.until.is_set():
            await asyncio.sleep(LOOK)


@dataclass(frozen=True)
class Frame:
    """Bytes to forward: a request with its name, or an answer; both with what pairs them."""

    data: bytes
    name: str = ""
    number: int = 0


class Framing(Protocol):
    """How a protocol's bytes fall into requests and answers."""

    def requests(self, stream: asyncio.StreamReader) -> AsyncIterator[Frame]: ...
    def answers(self, stream: asyncio.StreamReader) -> AsyncIterator[Frame]: ...


class Kafka:
    """Length, number of the request's kind, version, correlation id; answers carry the last."""

    async def requests(self, stream: asyncio.StreamReader) -> AsyncIterator[Frame]:
        while True:
            size = await stream.readexactly(4)
            body = await stream.readexactly(int.from_bytes(size))
            kind = int.from_bytes(body[:2])
            name = KAFKA_REQUESTS.get(kind, str(kind))
            yield Frame(size + body, name, int.from_bytes(body[4:8]))

    async def answers(self, stream: asyncio.StreamReader) -> AsyncIterator[Frame]:
        while True:
            size = await stream.readexactly(4)
            body = await stream.readexactly(int.from_bytes(size))
            yield Frame(size + body, number=int.from_bytes(body[:4]))


class Postgres:
    """A request is named by its SQL; psycopg2 waits for an answer, so what comes next is that.

    The COMMIT of a transaction with a COPY has the name BATCH_COMMIT, what is copied COPY_DATA.
    """

    async def requests(self, stream: asyncio.StreamReader) -> AsyncIterator[Frame]:
        code = BEFORE_STARTUP[0]
        while code in BEFORE_STARTUP:
            size = await stream.readexactly(4)
            body = await stream.readexactly(int.from_bytes(size) - 4)
            code = int.from_bytes(body[:4])
            yield Frame(size + body)
        copied = False
        while True:
            head = await stream.readexactly(5)
            body = await stream.readexactly(int.from_bytes(head[1:]) - 4)
            name = body.rstrip(b"\0").decode(errors="replace") if head[:1] == b"Q" else ""
            name = COPY_DATA if head[:1] == b"d" else name
            copied = copied or name.lstrip().startswith("copy ")
            if name == "COMMIT":
                name, copied = BATCH_COMMIT if copied else name, False
            yield Frame(head + body, name)

    async def answers(self, stream: asyncio.StreamReader) -> AsyncIterator[Frame]:
        while data := await stream.read(CHUNK):
            yield Frame(data)


class Proxy(Listener):
    """Stands between clients and the server at `server_port`.

    `port` is its own; `requests` are the names of those that have come, in their order.
    """

    def __init__(self, framing: Framing, server_port: int, port: int = 0) -> None:
        super().__init__(port)
        self.requests: list[str] = []
        self._framing = framing
        self._server_port = server_port
        self._faults: list[Fault] = []

    def arm(self, fault: Fault) -> Fault:
        """Have it happen once, to a request that comes from now on."""
        self._faults.append(fault)
        return fault

    def fault_for(self, name: str) -> Fault | None:
        """The fault that a request of this name, which has just come, is to suffer."""
        self.requests.append(name)
        due = None
        for fault in [fault for fault in self._faults if fault.request == name]:
            fault.number -= 1
            if fault.number == 0:
                self._faults.remove(fault)
                due = fault
        return due

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server, to_server = await asyncio.open_connection(HOST, self._server_port)
        except OSError:
            writer.close()
            return
        connection = Connection(self, writer, to_server)
        requests, answers = self._framing.requests(reader), self._framing.answers(server)
        await asyncio.gather(connection.forward(requests), connection.answer(answers))


class Connection:
    """One client's connection, and ours to the server on its behalf.

    A request that is held goes on to the server even if its client has gone meanwhile, as it would
    from the buffers of a network.
    """

    def __init__(
        self, proxy: Proxy, to_client: asyncio.StreamWriter, to_server: asyncio.StreamWriter
    ) -> None:
        self._proxy = proxy
        self._to_client = to_client
        self._to_server = to_server
        self._waiting: deque[tuple[int, Fault]] = deque()

    async def forward(self, requests: AsyncIterator[Frame]) -> None:
        """Requests to the server, until the client or a fault closes the connection."""
        with suppress(OSError, asyncio.IncompleteReadError):
            async for request in requests:
                fault = self._proxy.fault_for(request.name)
                if fault and not await self._hold(request, fault):
                    break
                self._to_server.write(request.data)
                await self._to_server.drain()
                if fault and fault.fate is Fate.ORPHANED:
                    await asyncio.sleep(1)  # for the server to read it before the end
                    break
        self._to_server.close()

    async def _hold(self, request: Frame, fault: Fault) -> bool:
        """Whether the request goes on to the server, after what becomes of it here."""
        if fault.fate in (Fate.ANSWER_CUT, Fate.ANSWER_LATE, Fate.ANSWER_LOST):
            self._waiting.append((request.number, fault))
            return True
        if fault.fate is not Fate.LATE:
            self._to_client.transport.abort()
        fault.happened.set()
        if fault.fate is Fate.CUT:
            return False
        await fault.wait()
        return True

    async def answer(self, answers: AsyncIterator[Frame]) -> None:
        """Answers to the client, until the server or a fault closes the connection."""
        with suppress(OSError, asyncio.IncompleteReadError):
            async for answer in answers:
                if self._waiting and self._waiting[0][0] == answer.number:
                    _, fault = self._waiting.popleft()
                    fault.happened.set()
                    if fault.fate is Fate.ANSWER_CUT:
                        break
                    if fault.fate is Fate.ANSWER_LOST:
                        continue
                    await fault.wait()
                self._to_client.write(answer.data)
                await self._to_client.drain()
        self._to_client.close()
