"""Kafka, Postgres and Valkey together, with the settings that reach them."""

import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.guardian import Guardian
from sandbox.jars import PINS
from sandbox.kafka import Detour, kafka_servers
from sandbox.postgres import postgres_server
from sandbox.security import Security
from sandbox.server import Server
from sandbox.tls import TlsEnd
from sandbox.valkey import valkey_server


class Stack:
    """The three servers, from `with Stack() as stack:` to the end of the block.

    `environment` holds the settings of `ingest` and dbt that reach them. They end with the block,
    or with the process, however that ends. `detour` is a second way to Kafka, for a proxy. With
    `secure` all of them want TLS and passwords.
    """

    def __init__(
        self,
        *,
        durable: bool = True,
        time_zone: str = "UTC",
        kafka_nodes: int = 1,
        kafka_settings: Mapping[str, str] | None = None,
        kafka_pins: Path = PINS,
        detour: Detour | None = None,
        secure: bool = False,
        postgres_options: tuple[str, ...] = (),
    ) -> None:
        self._kafka = partial(
            kafka_servers,
            nodes=kafka_nodes,
            settings=kafka_settings,
            pins=kafka_pins,
            detour=detour,
        )
        self._durable = durable
        self._time_zone = time_zone
        self._secure = secure
        self._postgres_options = postgres_options
        self.security: Security | None = None
        self._ends = ExitStack()
        self.environment: dict[str, str] = {}
        self.servers: dict[str, Server] = {}

    def __enter__(self) -> Self:
        """Start the servers at once and wait until they answer. Raises SandboxError."""
        self.folder = Path(tempfile.mkdtemp(prefix="ordervault-"))
        self._guardian = Guardian(self.folder)
        security = self.security = Security(self.folder) if self._secure else None
        durable, time_zone = self._durable, self._time_zone
        makers = (
            partial(self._kafka, self._guardian, security=security),
            partial(
                postgres_server,
                self._guardian,
                durable=durable,
                time_zone=time_zone,
                security=security,
                options=self._postgres_options,
            ),
            partial(valkey_server, self._guardian, durable=durable, security=security),
        )
        try:
            with ThreadPoolExecutor() as pool:
                for servers, settings in pool.map(lambda make: make(), makers):
                    self.environment |= settings
                    for server in servers:
                        self.servers[server.name] = server
                        server.start()
            for server in self.servers.values():
                server.wait()
            if security:
                port = int(self.environment["REDIS_PORT"])
                end = self._ends.enter_context(TlsEnd(port, security.server))
                self.environment |= {"REDIS_PORT": str(end.port), "REDIS_TLS": "true"}
                self.environment["REDIS_PLAIN_PORT"] = str(port)
        except BaseException:
            self._guardian.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the servers and remove their data."""
        self._ends.close()
        self._guardian.close()
