"""A warehouse dumped and restored by PostgreSQL's own programs."""

import subprocess
from pathlib import Path

from sandbox.clients import client_binary
from tests.world import DATABASE, STAND_IN, World, connect, new_database


def run(world: World, *command: str) -> None:
    """One of the client programs, on the world's server."""
    environment = {
        "PGHOST": world.environment["PG_WAREHOUSE_HOST"],
        "PGPORT": world.environment["PG_WAREHOUSE_PORT"],
        "PGUSER": world.environment["PG_WAREHOUSE_USER"],
    }
    subprocess.run(
        [str(client_binary(command[0])), *command[1:]], env=environment, check=True, timeout=120
    )


def back_up(world: World, file: Path) -> None:
    run(world, "pg_dump", "--format=custom", f"--file={file}", DATABASE)


def restore(world: World, file: Path, *, distributed: bool = False) -> None:
    """Into a new, empty database, as after the loss of the old one; `distributed`: it has Citus."""
    world.connection.close()
    new_database(world.environment, DATABASE)
    world.connection = connect(world.environment, DATABASE)
    if distributed:
        world.execute(STAND_IN.read_text())
    run(world, "pg_restore", "--exit-on-error", f"--dbname={DATABASE}", str(file))
