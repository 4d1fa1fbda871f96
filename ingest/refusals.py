"""What a refused connection to Postgres means; libpq tells it in words only."""

import re
from typing import TYPE_CHECKING

from ingest.errors import OutageError, SettingsError, UnreachableError, UntrustedError
from ingest.tls import distrust

if TYPE_CHECKING:
    from ingest.settings import Settings

POOLER = "Postgres: what PG_WAREHOUSE_HOST and PG_WAREHOUSE_PORT reach is a pooler, and"
MEND_POOLER = "name the server itself, or a pool in session mode that hands options on"


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
