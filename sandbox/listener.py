"""A port of loopback and a thread of asyncio behind it, from `with` to the end of the block."""

import asyncio
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from sandbox.server import HOST


class Listener:
    """Whoever derives from it says in `connected` what a connection gets."""

    def __init__(self, port: int = 0) -> None:
        """Listen on `port`, else on one that is free."""
        self._listener = socket.create_server((HOST, port))
        self.port = int(self._listener.getsockname()[1])
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to a client until it or the block ends."""
        raise NotImplementedError

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, sock=self._listener)
        self._started.set()
        await self._ended.wait()
        server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError):  # else asyncio logs it, at the end of the block
            await self.connected(reader, writer)

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Cut what is left, and end the thread."""
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
