"""Reference data from Redis: users, and restaurants with their menus, as JSON strings."""

from collections.abc import Iterable, Mapping
from typing import Self, cast

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ingest.errors import OutageError, StopError, UnreachableError
from ingest.settings import Settings

# How long Redis may take to connect and to answer, in seconds.
TIMEOUT = 5.0


class References:
    """The connection to Redis. Every method raises OutageError when Redis is away."""

    def __init__(self, settings: Settings) -> None:
        self._client = redis.Redis(
            host=settings.redis_host,
            port=settings.redis_port,
            password=settings.redis_password.get_secret_value() or None,
            ssl=settings.redis_uses_tls,
            ssl_ca_certs=str(settings.certificate_path) if settings.certificate_path else None,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            retry=Retry(NoBackoff(), 1),  # once, for a connection that went stale
        )

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

        Raises UnreachableError for a wrong password or an unknown host, StopError, OutageError.
        """
        try:
            # Not PING, which a server refuses that cannot save what is written to it.
            self._client.get("")
        except redis.AuthenticationError as error:
            raise UnreachableError("Redis", f"it refuses REDIS_PASSWORD: {error}") from error
        except redis.ConnectionError as error:
            if "Name or service not known" in str(error) or "Errno -" in str(error):
                raise UnreachableError("Redis", f"REDIS_HOST is unknown: {error}") from error
            raise OutageError("Redis", error) from error
        except redis.RedisError as error:
            raise _classified(error) from error

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


def _classified(error: redis.RedisError) -> Exception:
    if isinstance(error, CLUSTER):
        return StopError(
            f"Redis is a cluster ({error}): the reference data must lie in one Redis or Valkey"
        )
    if isinstance(error, redis.exceptions.NoPermissionError):
        return StopError(f"Redis: {error}")
    return OutageError("Redis", error)
