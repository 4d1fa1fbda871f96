"""Kafka, Postgres and Valkey together, with the settings that reach them."""

import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.guardian import Guardian
from sandbox.jars import PINS
from sandbox.kafka import Detour, kafka_servers
from sandbox.postgres import postgres_server
from sandbox.server import Server
from sandbox.valkey import valkey_server


class Stack:
    """The three servers, from `with Stack() as stack:` to the end of the block.

    `environment` holds the settings of `ingest` and dbt that reach them. They end with the block,
    or with the process, however that ends. `detour` is a second way to Kafka, for a proxy.
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
        self.environment: dict[str, str] = {}
        self.servers: dict[str, Server] = {}

    def __enter__(self) -> Self:
        """Start the servers at once and wait until they answer. Raises SandboxError."""
        self.folder = Path(tempfile.mkdtemp(prefix="ordervault-"))
        self._guardian = Guardian(self.folder)
        durable, time_zone = self._durable, self._time_zone
        makers = (
            partial(self._kafka, self._guardian),
            partial(postgres_server, self._guardian, durable=durable, time_zone=time_zone),
            partial(valkey_server, self._guardian, durable=durable),
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
        self._guardian.close()
