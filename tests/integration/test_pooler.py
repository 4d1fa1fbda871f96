"""pgbouncer before Postgres: refused where sessions would not be ours."""

import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from ingest.errors import SettingsError
from ingest.postgres import check
from sandbox.guardian import Guardian
from sandbox.server import HOST, Server, free_port
from tests.integration.secured import as_user
from tests.world import World, connect

PGBOUNCER = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"

pytestmark = pytest.mark.skipif(
    not Path(PGBOUNCER).exists(), reason="pgbouncer is not installed (apt install pgbouncer)"
)


@contextmanager
def pooled(world: World, mode: str, ignored: str) -> Iterator[World]:
    """The world with a pooler before its Postgres, which ignores what it is told to."""
    guardian = Guardian(Path(tempfile.mkdtemp(prefix="ordervault-")))
    guardian.folder.chmod(0o777)
    port, environment = free_port(), world.environment
    (guardian.folder / "users").write_text(f'"{environment["PG_WAREHOUSE_USER"]}" ""\n')
    (guardian.folder / "pgbouncer.ini").write_text(
        f"""
[databases]
* = host={environment["PG_WAREHOUSE_HOST"]} port={environment["PG_WAREHOUSE_PORT"]}
[pgbouncer]
listen_addr = {HOST}
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {guardian.folder / "users"}
pool_mode = {mode}
ignore_startup_parameters = {ignored}
"""
    )
    pooled_world = as_user(world, {"PG_WAREHOUSE_PORT": str(port)})

    def ready() -> bool:
        try:
            connect(pooled_world.environment, environment["PG_WAREHOUSE_DBNAME"]).close()
        except psycopg2.OperationalError:
            return False
        return True

    user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
    command = [PGBOUNCER, str(guardian.folder / "pgbouncer.ini")]
    server = Server("pgbouncer", command, guardian, ready, user=user)
    try:
        server.start()
        server.wait()
        yield pooled_world
    finally:
        guardian.close()


@pytest.mark.parametrize(
    ("mode", "ignored", "said"),
    [
        ("transaction", "extra_float_digits", "refuses the options of our sessions"),
        ("session", "options", "drops the options of our sessions"),
        ("transaction", "options", "drops the options of our sessions"),
    ],
)
def test_a_pooler_without_our_options_is_refused(
    world: World, mode: str, ignored: str, said: str
) -> None:
    with pooled(world, mode, ignored) as behind:
        with pytest.raises(SettingsError, match=said) as caught:
            check(behind.settings)
        assert caught.value.exit_code == 2
        assert "pool in session mode" in str(caught.value)


def test_a_pooler_that_shares_sessions_is_refused(world: World) -> None:
    """Also where the options are the database's own, so that none is missed."""
    name = world.environment["PG_WAREHOUSE_DBNAME"]
    world.execute(f"alter database {name} set lock_timeout = '10s'")
    shared = pytest.raises(SettingsError, match="gives sessions to others in between")
    with pooled(world, "transaction", "options") as behind, shared:
        check(behind.settings)
    with pooled(world, "session", "options") as behind:
        check(behind.settings)
