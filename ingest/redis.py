"""Reference data from Redis: users, and restaurants with their menus, as JSON strings."""

import socket
from collections.abc import Iterable, Mapping
from typing import Self, cast

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ingest.errors import OutageError, StopError, UnreachableError, UntrustedError
from ingest.settings import Settings
from ingest.tls import distrust, speaks_tls

# How long Redis may take to connect and to answer, in seconds.
TIMEOUT = 5.0


def client(settings: Settings) -> "redis.Redis":
    """The client of Redis that the settings ask for; it has not connected yet."""
    return redis.Redis(
        host=settings.redis_host,
        port=settings.redis_port,
        username=settings.redis_username or None,
        password=settings.redis_password.get_secret_value() or None,
        ssl=settings.redis_uses_tls,
        ssl_ca_certs=str(settings.certificate_path) if settings.certificate_path else None,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 1),  # once, for a connection that went stale
    )


class References:
    """The connection to Redis. Every method raises OutageError when Redis is away."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = client(settings)

    def fetch(self, ids: Iterable[str]) -> Mapping[str, bytes | None]:
        """The raw value of each id, None where Redis has none."""
        names = list(ids)
        if not names:
            return {}
        try:
            values = cast("list[bytes | None]", self._client.mget(names))
        except redis.RedisError as error:
            raise _classified(error) from error
        return dict(zip(names, values, strict=True))

    def check(self) -> None:
        """Ask for an answer.

        Raises UnreachableError for a wrong password, an unknown host or TLS that fails, StopError,
        OutageError.
        """
        try:
            # Not PING, which a server refuses that cannot save what is written to it; and nothing
            # that `fetch` does not need: a user may be allowed this command alone.
            self._client.mget([""])
        except redis.AuthenticationError as error:
            names = (
                "REDIS_USERNAME or REDIS_PASSWORD"
                if self._settings.redis_username
                else "REDIS_PASSWORD"
            )
            raise UnreachableError("Redis", f"it refuses {names}: {error}") from error
        except (redis.ConnectionError, redis.TimeoutError, redis.InvalidResponse) as error:
            raise self._unreachable(error) from error
        except redis.RedisError as error:
            raise _classified(error) from error

    def _unreachable(self, error: redis.RedisError) -> Exception:
        settings, said = self._settings, str(error)
        host, port = settings.redis_host, settings.redis_port
        if "Name or service not known" in said or "Errno -" in said:
            return UnreachableError("Redis", f"REDIS_HOST is unknown: {said}")
        if not settings.redis_uses_tls:
            if speaks_tls(host, port):
                what = f"{host}:{port} wants TLS, and REDIS_TLS is off: unset it, or set it to true"
                return UntrustedError("Redis", f"{what} ({said})")
        elif what := distrust(host, port, settings.certificate_path):
            return UntrustedError("Redis", what)
        elif _speaks_plainly(host, port):
            return UntrustedError("Redis", f"{host}:{port} has no TLS: REDIS_TLS=false allows that")
        what = f"no answer from {host}:{port}: see REDIS_HOST and REDIS_PORT if it is up ({said})"
        return OutageError("Redis", what)

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()

    def __enter__(self) -> Self:
        """Close with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close with the block."""
        self.close()


def check(settings: Settings) -> None:
    """Ask for an answer. Raises as `References.check`."""
    with References(settings) as references:
        references.check()


# What a server answers that is part of a cluster: its keys lie on others.
CLUSTER = (
    redis.exceptions.AskError,  # and MovedError
    redis.exceptions.ClusterCrossSlotError,
    redis.exceptions.ClusterDownError,
)

# What a server without a password answers to whoever does not connect from its own host.
PROTECTED = "DENIED"


def _speaks_plainly(host: str, port: int) -> bool:
    """Whether a Redis answers there without TLS."""
    try:
        with socket.create_connection((host, port), TIMEOUT) as plain:
            plain.settimeout(TIMEOUT)
            plain.sendall(b"PING\r\n")
            return plain.recv(1) in (b"+", b"-")
    except OSError:
        return False


def _classified(error: redis.RedisError) -> Exception:
    if isinstance(error, CLUSTER):
        return StopError(
            f"Redis is a cluster ({error}): the reference data must lie in one Redis or Valkey"
        )
    if isinstance(error, redis.exceptions.NoPermissionError):
        return StopError(f"Redis: {error}. Allow it in the user's ACL: +mget on ~*")
    if str(error).startswith(PROTECTED):
        return StopError(
            "Redis is in protected mode, which answers its own host alone: give the default user"
            " a password (requirepass) or set `protected-mode no` there"
        )
    return OutageError("Redis", error)
