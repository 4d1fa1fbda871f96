"""A base backup of a running PostgreSQL, by its own program."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from sandbox.clients import client_binary


def base_backup(environment: Mapping[str, str], folder: Path, *options: str) -> None:
    """Copy the server's data folder, and what was written meanwhile, to a new one."""
    subprocess.run(
        [
            str(client_binary("pg_basebackup")),
            *("--checkpoint=fast", "--no-sync", "--wal-method=stream", f"--pgdata={folder}"),
            *options,
        ],
        env={
            "PGHOST": environment["PG_WAREHOUSE_HOST"],
            "PGPORT": environment["PG_WAREHOUSE_PORT"],
            "PGUSER": environment["PG_WAREHOUSE_USER"],
        },
        check=True,
        timeout=120,
    )
