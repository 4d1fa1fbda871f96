"""What Postgres' errors mean. Of a refused connection libpq tells it in words only."""

import re
from typing import TYPE_CHECKING

import psycopg2
from psycopg2 import errors

from ingest.errors import (
    OutageError,
    SettingsError,
    StopError,
    UnreachableError,
    UntrustedError,
)
from ingest.tls import distrust

if TYPE_CHECKING:
    from ingest.settings import Settings

POOLER = "Postgres: what PG_WAREHOUSE_HOST and PG_WAREHOUSE_PORT reach is a pooler, and"
MEND_POOLER = "name the server itself, or a pool in session mode that hands options on"


class ConflictError(OutageError):
    """Another transaction was in the way and nothing was done: do the same again at once.

    An outage for whoever does not.
    """

    def __init__(self, what: object) -> None:
        super().__init__("Postgres", what)


def unreachable(text: str, settings: "Settings") -> Exception:
    """The exception for what libpq says."""
    text = " ".join(text.split())
    for words, mend in DISTRUST.items():
        if re.search(words, text):
            return UntrustedError("Postgres", f"{_distrust(settings) or mend} ({text})")
    if "unsupported startup parameter" in text:
        return SettingsError(
            f"{POOLER} refuses the options of our sessions: {MEND_POOLER} ({text})"
        )
    for words, mend in REFUSALS.items():
        if re.search(words, text):
            return UnreachableError("Postgres", f"{mend} ({text})")
    return OutageError("Postgres", text)


def _distrust(settings: "Settings") -> str:
    """What is wrong with the certificate of any of the hosts."""
    if settings.postgres_sslmode != "verify-full":
        return ""
    hosts, port = settings.pg_warehouse_host.split(","), settings.pg_warehouse_port
    found = (distrust(host, port, settings.certificate_path, postgres=True) for host in hosts)
    return next(filter(None, found), "")


# What TLS fails with, and what to do.
DISTRUST = {
    "does not support SSL": "the server has no TLS: PG_WAREHOUSE_SSLMODE=disable allows that",
    "no pg_hba.conf entry .*no encryption": "the server wants TLS: see PG_WAREHOUSE_SSLMODE",
    "certificate": "the server's certificate is not trusted: see CERTIFICATE_PATH",
}
REFUSALS = {
    "password authentication failed": "PG_WAREHOUSE_USER or PG_WAREHOUSE_PASSWORD is wrong",
    "no password supplied": "PG_WAREHOUSE_PASSWORD is missing",
    "could not translate host name": "PG_WAREHOUSE_HOST is unknown",
    "no pg_hba.conf entry": "the server does not admit PG_WAREHOUSE_USER from here",
    'role ".*" does not exist': "there is no such user as PG_WAREHOUSE_USER says",
    "is not permitted to log in": "PG_WAREHOUSE_USER may not log in",
    'database ".*" does not exist': "create the database that PG_WAREHOUSE_DBNAME names",
    "permission denied for database": "PG_WAREHOUSE_USER may not connect to PG_WAREHOUSE_DBNAME",
}

CONFLICTS = (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable)
PASSING = (
    psycopg2.OperationalError,  # the server is away, out of disk, cancelled us
    psycopg2.InterfaceError,  # the connection broke earlier
    SystemError,
    errors.ReadOnlySqlTransaction,  # a standby, or a server that ran full
    errors.IdleInTransactionSessionTimeout,
)
NOT_PREPARED = (
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.InvalidSchemaName,
    errors.UndefinedFunction,
)


def classified(error: Exception) -> Exception:
    """The exception for an error of a statement; a data error is the caller's own."""
    if isinstance(error, psycopg2.DataError):
        return error
    if isinstance(error, CONFLICTS):
        return ConflictError(error)
    if isinstance(error, PASSING):
        return OutageError("Postgres", error)
    said = f"Postgres: {str(error).strip()}"
    if isinstance(error, NOT_PREPARED):
        return StopError(f"{said}\nRun `ingest init` first.")
    if isinstance(error, errors.InsufficientPrivilege):
        return StopError(f"{said}\nGrant the user its role: see ddl/002_roles.sql.")
    return StopError(said)
