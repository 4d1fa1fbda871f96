"""Connections to the warehouse's database."""

import select
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import psycopg2
from psycopg2 import errors, sql
from psycopg2.extensions import BYTES, register_type
from psycopg2.extensions import connection as Connection  # noqa: N812 (a class, badly named)
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import RealDictCursor

from ingest.ddl_version import SELECT_VERSION, require
from ingest.errors import OutageError, SettingsError
from ingest.refusals import MEND_POOLER, POOLER, classified, unreachable

if TYPE_CHECKING:
    from ingest.settings import Settings

# In seconds.
CONNECT_TIMEOUT = 10
STATEMENT_TIMEOUT = 60
LOCK_TIMEOUT = 10
# A stopped process must not hold its locks for ever.
IDLE_IN_TRANSACTION_TIMEOUT = 30
# How long a writer's transaction may last before whoever waits for it ends its session. Of a
# process that is frozen in the middle of COPY no timeout fires.
LONGEST_WRITER = 30
# A host that vanishes says no good-bye. Both sides ask for it after so long, so often, and give up.
KEEPALIVES: dict[str, Any] = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
# And what was sent must be acknowledged within this time.
UNACKNOWLEDGED_TIMEOUT = 30

Statement = str | sql.Composable

END_FROZEN_WRITERS = f"select stg.end_frozen_writers('{LONGEST_WRITER} s')"


class Postgres:
    """One connection, from the first statement to `close`.

    `patient` commands may run as long as they like, wait for locks as long as it takes, and look
    elsewhere during a transaction. The server ends the session of one that is idle for
    `idle_timeout` seconds, unless that is 0. `planner` has settings of the server's planner. Unless
    `prepared` is False, the database must be one that `ingest init` of this version has prepared.
    """

    def __init__(
        self,
        settings: "Settings",
        application_name: str,
        *,
        patient: bool = False,
        idle_timeout: float = 0,
        planner: Mapping[str, str] | None = None,
        prepared: bool = True,
    ) -> None:
        self._settings = settings
        self._application_name = application_name
        self._prepared = prepared
        self._options = {
            # Whatever the database's defaults are: positions and promises need both.
            "default_transaction_isolation": r"read\ committed",
            "synchronous_commit": "on",
            "timezone": "UTC",
            "bytea_output": "hex",
            "statement_timeout": f"{0 if patient else STATEMENT_TIMEOUT}s",
            "lock_timeout": f"{0 if patient else LOCK_TIMEOUT}s",
            "idle_in_transaction_session_timeout": (
                f"{0 if patient else IDLE_IN_TRANSACTION_TIMEOUT}s"
            ),
            "idle_session_timeout": f"{idle_timeout * 1000:.0f}ms",
            **{f"tcp_{name}": value for name, value in KEEPALIVES.items()},
            **(planner or {}),
        }
        self._connection: Connection | None = None

    def connect(self) -> Connection:
        """The open connection.

        Raises UnreachableError for a wrong user, password, database or host, SettingsError for a
        database of another version, OutageError when the server is away.
        """
        if self._connection is None:
            settings = self._settings
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
                    options=" ".join(f"-c {name}={value}" for name, value in self._options.items()),
                    **KEEPALIVES,
                    tcp_user_timeout=UNACKNOWLEDGED_TIMEOUT * 1000,
                )
            except psycopg2.OperationalError as error:
                raise unreachable(str(error), settings) from error
            if self._prepared:
                try:
                    self.require_prepared()
                except BaseException:
                    self.close()
                    raise
        return self._connection

    def require_prepared(self) -> None:
        """Raise SettingsError unless `ingest init` of this version has prepared the database."""
        connection = self.connect()
        connection.autocommit = True  # one message, not one each for begin and commit
        try:
            with connection.cursor() as cursor:
                cursor.execute(SELECT_VERSION)
                ((found,),) = cursor.fetchall()
        except (errors.UndefinedFunction, errors.InvalidSchemaName):
            found = None
        except psycopg2.Error as error:
            raise classified(error) from error
        connection.autocommit = False
        require(found)

    @contextmanager
    def transaction(self, *, dictionaries: bool = False) -> Iterator[Cursor]:
        """A transaction, committed at the end of the block; its rows are tuples or dictionaries.

        Raises OutageError for what passes by itself, StopError for what does not, and
        ConflictError. A data error (psycopg2.DataError) is the caller's own.
        """
        connection = self.connect()
        try:
            factory = RealDictCursor if dictionaries else Cursor
            with connection, connection.cursor(cursor_factory=factory) as cursor:
                yield cursor
        except (
            psycopg2.Error,
            SystemError,
        ) as error:  # SystemError: during COPY, at times
            raise classified(error) from error

    def query(self, statement: Statement, *values: Any, **named: Any) -> list[tuple[Any, ...]]:
        """The rows of one statement in a transaction of its own; none if it returns none."""
        with self.transaction() as cursor:
            cursor.execute(statement, named or values)
            return cursor.fetchall() if cursor.description else []

    def value(self, statement: Statement, *values: Any, **named: Any) -> Any:
        """The one value of the one row of one statement."""
        ((value,),) = self.query(statement, *values, **named)
        return value

    def text(self, statement: Statement, **named: Any) -> bytes:
        """The one value of the one row of one statement, a text, as bytes; none of null."""
        with self.transaction() as cursor:
            register_type(BYTES, cursor)
            cursor.execute(statement, named)
            ((value,),) = cursor.fetchall()
            return value or b""

    def rows(self, statement: Statement, *values: Any, **named: Any) -> list[dict[str, Any]]:
        """The rows of one statement, as dictionaries."""
        with self.transaction(dictionaries=True) as cursor:
            cursor.execute(statement, named or values)
            return [dict(row) for row in cursor]

    def listen(self, channel: str) -> None:
        """Have this connection notified of what is announced on `channel`."""
        with self.transaction() as cursor:
            cursor.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))

    def wait_for_notice(self, seconds: float) -> None:
        """Return when something is announced that we listen to, at the latest after `seconds`.

        Raises OutageError if the connection breaks.
        """
        connection = self.connect()
        try:
            select.select([connection], [], [], seconds)
            connection.poll()
        except (psycopg2.Error, OSError) as error:
            raise OutageError("Postgres", error) from error
        connection.notifies.clear()

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


def check(settings: "Settings") -> None:
    """Ask for an answer, and whether sessions are kept apart.

    Raises as `Postgres.connect` and `Postgres.transaction` do, and SettingsError for a pooler that
    hands one session of the server to several clients.
    """
    with (
        Postgres(settings, "ingest check", prepared=False) as one,
        Postgres(settings, "ingest check", prepared=False) as other,
    ):
        if one.value(SELECT_LOCK_TIMEOUT) != LOCK_TIMEOUT * 1000:
            raise SettingsError(f"{POOLER} drops the options of our sessions: {MEND_POOLER}")
        first = one.value(SELECT_SESSION)
        if other.value(SELECT_SESSION) == first or one.value(SELECT_SESSION) != first:
            raise SettingsError(f"{POOLER} gives sessions to others in between: {MEND_POOLER}")


# One that stands for all that we ask of a session when it begins, in milliseconds.
SELECT_LOCK_TIMEOUT = "select setting::integer from pg_settings where name = 'lock_timeout'"
SELECT_SESSION = "select pg_backend_pid()"
