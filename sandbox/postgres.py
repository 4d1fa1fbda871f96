"""PostgreSQL from Zonky's binaries of Maven Central: the server alone, with OpenSSL and ICU.

PostgreSQL refuses to run as root, so root hands it to `nobody`, with a copy of the programs that
`nobody` can reach.
"""

import os
import platform
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import errors

from sandbox import jars
from sandbox.guardian import Guardian
from sandbox.security import Security
from sandbox.server import HOST, SandboxError, Server, free_port

USER = "ordervault"
DATABASE = "ordervault"
# What makes tests fast and a power cut fatal: never for the demo or a benchmark.
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
# The jar of each platform, and its SHA-256.
ARTIFACT = "io.zonky.test.postgres:embedded-postgres-binaries-{}:18.6.0"
PLATFORMS = {
    ("Linux", "x86_64"): (
        "linux-amd64",
        "008ee189eaa7ca2b58bd01dd950291e638b998392cf982297acd4779ec898ac1",
    ),
    ("Linux", "aarch64"): (
        "linux-arm64v8",
        "5f54e016723afa6213925a8acb939bac52944b1d348f65c7a20f0cd2928c31be",
    ),
    ("Darwin", "x86_64"): (
        "darwin-amd64",
        "690941008aac9ee360820fde9bb7870a4f3dcac5e9e2f9e45e42333a436ad0f9",
    ),
    ("Darwin", "arm64"): (
        "darwin-arm64v8",
        "8f6ed6f38195b50a40712ada8b2a12060b6193c1a6977a6eb5cff053bb5a1b89",
    ),
}


def postgres_server(
    guardian: Guardian,
    *,
    durable: bool,
    time_zone: str,
    security: Security | None = None,
    options: tuple[str, ...] = (),
) -> tuple[list[Server], dict[str, str]]:
    """A PostgreSQL with an empty database on a free port, and the settings that reach it.

    With `security` it takes TLS and SCRAM only. `options` are settings of the server,
    `name=value`. Raises SandboxError if the data folder cannot be made.
    """
    port = free_port()
    user = _user()
    binaries = _binaries(guardian.folder, copy=user is not None)
    data = guardian.folder / "postgres"
    data.mkdir(mode=0o700)
    if user is not None:
        os.chown(data, user, -1)
    password = security.password if security else ""
    _initdb(binaries, data, user, password)
    if security:
        _secure(data, user, security)

    def ready() -> bool:
        try:
            _connect(port, password, DATABASE).close()
        except psycopg2.OperationalError:
            return _create_database(port, password)
        return True

    options = (f"timezone={time_zone}", *(() if durable else NOT_DURABLE), *options)
    if security:
        options += ("ssl=on",)
    return (
        [_server(guardian, "postgres", data, port, ready, options)],
        {
            "PG_WAREHOUSE_HOST": HOST,
            "PG_WAREHOUSE_PORT": str(port),
            "PG_WAREHOUSE_DBNAME": DATABASE,
            "PG_WAREHOUSE_USER": USER,
            "PG_WAREHOUSE_PASSWORD": password,
            **({"PG_WAREHOUSE_SSLMODE": "verify-full"} if security else {}),
        },
    )


def server_on(guardian: Guardian, data: Path, host: str, port: int) -> Server:
    """A PostgreSQL, without TLS, on a data folder that is there: a standby, or what was restored.

    Its files become the server's own. It is ready when it takes connections, if only to read.
    """
    if (user := _user()) is not None:
        for path in (data, *data.rglob("*")):
            os.chown(path, user, -1)

    def ready() -> bool:
        try:
            _connect(port, "", "postgres", host).close()
        except psycopg2.OperationalError:
            return False
        return True

    return _server(guardian, data.name, data, port, ready, (), host)


def _user() -> int | None:
    """Whom root hands the server to."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def _server(
    guardian: Guardian,
    name: str,
    data: Path,
    port: int,
    ready: Callable[[], bool],
    more: tuple[str, ...],
    host: str = HOST,
) -> Server:
    user = _user()
    options = (
        f"listen_addresses={host}",
        f"port={port}",
        "unix_socket_directories=",
        "max_connections=200",
        "shared_buffers=256MB",
        "max_wal_size=2GB",
        *more,
    )
    binaries = _binaries(guardian.folder, copy=user is not None)
    command = [str(binaries / "postgres"), "-D", str(data)]
    for option in options:
        command += ["-c", option]
    # SIGQUIT: at once, and shared memory is given back.
    return Server(name, command, guardian, ready, stop_signal=signal.SIGQUIT, user=user)


def _binaries(folder: Path, *, copy: bool) -> Path:
    """The folder of the server's programs. Raises SandboxError if they cannot be had."""
    here = platform.system(), platform.machine()
    if here not in PLATFORMS:
        raise SandboxError(f"there is no PostgreSQL for {' '.join(here)}")
    name, sha256 = PLATFORMS[here]
    programs = jars.unpacked(ARTIFACT.format(name), sha256)
    if copy:
        folder.chmod(0o755)
        copied = folder / "postgres-programs"
        if not copied.exists():
            shutil.copytree(programs, copied, symlinks=True)
        programs = copied
    return programs / "bin"


def _initdb(binaries: Path, data: Path, user: int | None, password: str) -> None:
    command = [
        str(binaries / "initdb"),
        *("-D", str(data), "-U", USER, "--auth=trust", "--encoding=UTF8", "--no-sync"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
    ]
    if password:
        file = data.parent / "password"
        file.touch(mode=0o600)
        file.write_text(password)
        if user is not None:
            os.chown(file, user, -1)
        command.append(f"--pwfile={file}")
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


def _connect(port: int, password: str, database: str, host: str = HOST) -> Any:
    return psycopg2.connect(host=host, port=port, user=USER, password=password, dbname=database)


def _secure(data: Path, user: int | None, security: Security) -> None:
    """Have the server take nobody without TLS and a password."""
    for name in ("server.crt", "server.key"):
        shutil.copy(security.server, data / name)
        (data / name).chmod(0o600)
        if user is not None:
            os.chown(data / name, user, -1)
    (data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")


def _create_database(port: int, password: str) -> bool:
    """Create the database once the server answers at all; whether that worked."""
    try:
        connection = _connect(port, password, "postgres")
    except psycopg2.OperationalError:
        return False
    connection.autocommit = True
    with connection.cursor() as cursor, suppress(errors.DuplicateDatabase):  # a restart
        cursor.execute(f"create database {DATABASE}")
    connection.close()
    return True
