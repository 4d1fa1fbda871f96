"""Kafka, Postgres and Valkey together, with the settings that reach them."""

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.guardian import Guardian
from sandbox.kafka import kafka_server
from sandbox.postgres import postgres_server
from sandbox.server import Server
from sandbox.valkey import valkey_server


class Stack:
    """The three servers, from `with Stack() as stack:` to the end of the block.

    `environment` holds the settings of `ingest` and dbt that reach them. They end with the block,
    or with the process, however that ends.
    """

    def __init__(self, *, durable: bool = True) -> None:
        self._durable = durable
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Start all three at once and wait until they answer. Raises SandboxError."""
        self._guardian = Guardian(Path(tempfile.mkdtemp(prefix="ordervault-")))
        makers = (
            partial(kafka_server, self._guardian),
            partial(postgres_server, self._guardian, durable=self._durable),
            partial(valkey_server, self._guardian, durable=self._durable),
        )
        try:
            with ThreadPoolExecutor(len(makers)) as pool:
                made = list(pool.map(lambda make: make(), makers))
            self.kafka, self.postgres, self.valkey = (server for server, _ in made)
            for server, settings in made:
                server.start()
                self.environment |= settings
            for server, _ in made:
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

    def servers(self) -> tuple[Server, Server, Server]:
        """Kafka, Postgres, Valkey."""
        return self.kafka, self.postgres, self.valkey

    def free_disk(self) -> int:
        """Bytes left where the servers keep their data."""
        return shutil.disk_usage(self._guardian.folder).free
