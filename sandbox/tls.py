"""The TLS end of a server that has none of its own, or another certificate than its own."""

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path

from sandbox.listener import Listener
from sandbox.server import HOST

CHUNK = 65536


class TlsEnd(Listener):
    """A port of loopback that takes TLS, and hands on what comes to the server at `port`.

    With `postgres` it is asked for TLS first, as servers of Postgres are.
    """

    def __init__(self, port: int, certificate: Path, *, postgres: bool = False) -> None:
        super().__init__()
        self._server_port = port
        self._postgres = postgres
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(certificate)

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take TLS, and forward both ways."""
        try:
            if self._postgres:
                await reader.readexactly(8)
                writer.write(b"S")
            await writer.start_tls(self._context)
            theirs, ours = await asyncio.open_connection(HOST, self._server_port)
        except (OSError, EOFError):  # the server is away, or we are not trusted
            writer.transport.abort()
            return
        await asyncio.gather(_copy(reader, ours), _copy(theirs, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand on what comes, to the end of either side."""
    with suppress(OSError, ssl.SSLError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    writer.close()
