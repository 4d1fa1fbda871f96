"""The warehouse's database: connections, and what its errors mean."""

import re
import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event as Flag
from typing import Any, Self

import psycopg2
from psycopg2 import errors, sql
from psycopg2.extensions import connection as Connection  # noqa: N812 (a class, badly named)
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import RealDictCursor, register_uuid

from ingest.errors import OutageError, StopError, UnreachableError
from ingest.settings import Settings

register_uuid()  # type: ignore[no-untyped-call]

# In seconds. Together with Redis's they stay below what a batch may take (kafka.source.LOADING).
CONNECT_TIMEOUT = 10
STATEMENT_TIMEOUT = 60
# A host that vanishes says no good-bye. Both sides ask for it after so long, so often, and give up.
KEEPALIVES: dict[str, Any] = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
# And what was sent must be acknowledged within this time.
UNACKNOWLEDGED_TIMEOUT = 30
# A stopped process must not hold the lock on positions for ever: dbt waits for it.
IDLE_IN_TRANSACTION_TIMEOUT = 30
# How often a wait looks whether it is to stop.
STOP_INTERVAL = 0.5


class Postgres:
    """One connection, made when it is needed and again after it broke."""

    def __init__(self, settings: Settings, application_name: str) -> None:
        self._settings = settings
        self._application_name = application_name
        self._connection: Connection | None = None
        self._was_reached = False

    def connect(self) -> Connection:
        """The open connection.

        Raises UnreachableError for a wrong user, password, database or host, OutageError when the
        server is away.
        """
        if self._connection is None or self._connection.closed:
            settings = self._settings
            timeouts = {
                "statement_timeout": STATEMENT_TIMEOUT,
                "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_TIMEOUT,
            }
            options = [f"-c {name}={seconds}s" for name, seconds in timeouts.items()]
            options += [f"-c tcp_{name}={value}" for name, value in KEEPALIVES.items()]
            try:
                self._connection = psycopg2.connect(
                    host=settings.pg_warehouse_host,
                    port=settings.pg_warehouse_port,
                    dbname=settings.pg_warehouse_dbname,
                    user=settings.pg_warehouse_user,
                    password=settings.pg_warehouse_password.get_secret_value() or None,
                    sslmode=settings.postgres_sslmode,
                    sslrootcert=str(settings.certificate_path or ""),
                    target_session_attrs="read-write",
                    application_name=self._application_name,
                    client_encoding="UTF8",
                    connect_timeout=CONNECT_TIMEOUT,
                    options=" ".join([*options, "-c timezone=UTC"]),
                    **KEEPALIVES,
                    tcp_user_timeout=UNACKNOWLEDGED_TIMEOUT * 1000,
                )
            except psycopg2.OperationalError as error:
                raise _unreachable(str(error)) from error
            self._was_reached = True
        return self._connection

    @contextmanager
    def transaction(self, *, dictionaries: bool = False) -> Iterator[Cursor]:
        """A transaction, committed at the end of the block; its rows are tuples or dictionaries.

        Raises OutageError for what passes by itself, StopError for what does not. A data error
        (psycopg2.DataError) is the caller's own.
        """
        try:
            connection = self.connect()
        except UnreachableError as error:
            if not self._was_reached:
                raise
            what = str(error).removeprefix("Postgres: ")  # it was reached before: not a setting
            raise OutageError("Postgres", what) from error
        try:
            factory = RealDictCursor if dictionaries else Cursor
            with connection, connection.cursor(cursor_factory=factory) as cursor:
                yield cursor
        except psycopg2.Error as error:
            raise _classified(error, self.close) from error

    def check(self) -> None:
        """Ask for an answer. Raises as `connect` and `transaction` do."""
        self.connect()
        self.query("select 1")

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of one statement in a transaction of its own."""
        with self.transaction() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()

    def session(self) -> int:
        """The server's process for this connection: another number is another session."""
        return self.connect().get_backend_pid()

    def listen(self, channel: str) -> None:
        """Have this connection notified of what is announced on `channel`."""
        with self.transaction() as cursor:
            cursor.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))

    def wait_for(
        self, channel: str, seconds: float, stop: Flag, beat: Callable[[], object]
    ) -> None:
        """Return when `channel` is notified, after `seconds`, or when `stop` is set.

        `beat` is called now and then. Raises OutageError if the connection breaks.
        """
        connection = self.connect()
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not stop.is_set():
            beat()
            try:
                select.select([connection], [], [], min(left, STOP_INTERVAL))
                connection.poll()
            except (psycopg2.Error, OSError) as error:
                self.close()
                raise OutageError("Postgres", error) from error
            if any(notice.channel == channel for notice in connection.notifies):
                connection.notifies.clear()
                return

    def close(self) -> None:
        """Close the connection, whatever state it is in."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        """Close with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close with the block."""
        self.close()


def _unreachable(text: str) -> Exception:
    """What a refused connection means; libpq tells it in words only."""
    mends = {
        "password authentication failed": "PG_WAREHOUSE_USER or PG_WAREHOUSE_PASSWORD is wrong",
        "no password supplied": "PG_WAREHOUSE_PASSWORD is missing",
        "could not translate host name": "PG_WAREHOUSE_HOST is unknown",
        "no pg_hba.conf entry": "the server does not admit PG_WAREHOUSE_USER from here",
        "certificate": "the server's certificate is not trusted: see CERTIFICATE_PATH",
        "does not support SSL": "the server has no TLS: PG_WAREHOUSE_SSLMODE=disable allows that",
        'role ".*" does not exist': "PG_WAREHOUSE_USER does not exist",
        'database ".*" does not exist': "PG_WAREHOUSE_DBNAME does not exist",
    }
    for words, mend in mends.items():
        if re.search(words, text):
            return UnreachableError(f"Postgres: {mend} ({text.strip()})")
    return OutageError("Postgres", text)


def _classified(error: psycopg2.Error, disconnect: Any) -> Exception:
    if isinstance(error, psycopg2.DataError):
        return error
    passing = (
        psycopg2.OperationalError,  # the server is away, out of disk, cancelled us, a deadlock
        psycopg2.InterfaceError,  # the connection broke earlier
        errors.ReadOnlySqlTransaction,  # a standby, or a server that ran full
        errors.IdleInTransactionSessionTimeout,
    )
    if isinstance(error, passing):
        disconnect()
        return OutageError("Postgres", error)
    if isinstance(
        error,
        (
            errors.UndefinedTable,
            errors.UndefinedColumn,
            errors.InvalidSchemaName,
            errors.UndefinedFunction,
        ),
    ):
        return StopError(f"Postgres: {str(error).strip()}\nRun `ingest init` first.")
    if isinstance(error, errors.InsufficientPrivilege):
        return StopError(
            f"Postgres: {str(error).strip()}\nGrant the user its role: see ddl/002_roles.sql."
        )
    return StopError(f"Postgres: {str(error).strip()}")
