"""Applies `ddl/`: numbered, idempotent SQL, one init at a time.

Each file once, and every time if its first line is `-- each time`. What lays tables on other
servers begins with `-- each time, afterwards`: Citus lets a user who is no superuser do so only
when all that they need has been committed.

A file whose first line is `-- requires: createrole` is left out, and not recorded, if the user may
not create roles; somebody who may can apply it later.
"""

import hashlib
import logging
from pathlib import Path

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from ingest.ddl_version import SELECT_VERSION, ddl_files, ddl_version, is_newer, require
from ingest.errors import StopError
from ingest.postgres import Postgres

log = logging.getLogger(__name__)

LOCK = "select pg_advisory_xact_lock(hashtext('ordervault.ddl'))"

CREATE_RECORD = """
create schema if not exists stg;
create table if not exists stg.applied_ddl (
    file_name text primary key,
    sha256 text not null,
    applied_at timestamp not null default (now() at time zone 'UTC')
)
"""

SELECT_RECORD = "select file_name, sha256 from stg.applied_ddl"

INSERT_RECORD = "insert into stg.applied_ddl (file_name, sha256) values (%s, %s)"

HAS_VERSION = "select to_regprocedure('stg.ddl_version()') is not null"

SET_VERSION = sql.SQL(
    "create or replace function stg.ddl_version() returns text language sql immutable return {}"
)

MAY_CREATE_ROLES = """
select rolsuper or rolcreaterole from pg_roles where rolname = current_user
"""

REQUIRES_CREATEROLE = "-- requires: createrole"
EACH_TIME = "-- each time"
AFTERWARDS = "-- each time, afterwards"


def apply(postgres: Postgres, *, back: bool = False) -> list[str]:
    """Apply what is not applied yet; returns the names of the files.

    In one transaction, and then in another one what comes afterwards: only that makes the version.
    Raises StopError if a file has changed since it was applied, or, unless `back`, if the database
    is of a newer version.
    """
    with postgres.transaction() as cursor:
        cursor.execute(LOCK)
        cursor.execute(CREATE_RECORD)
        found = _version(cursor)
        if found and is_newer(found) and not back:
            require(found)
        cursor.execute(SELECT_RECORD)
        applied: dict[str, str] = dict(cursor.fetchall())
        done = [file.name for file in ddl_files() if _apply(cursor, file, applied)]
    with postgres.transaction() as cursor:
        cursor.execute(LOCK)
        for statements in map(Path.read_text, ddl_files()):
            if statements.startswith(AFTERWARDS):
                cursor.execute(statements)
        if found != ddl_version():  # who only adds roles need not be the owner
            cursor.execute(SET_VERSION.format(sql.Literal(ddl_version())))
        return done


def _version(cursor: Cursor) -> str | None:
    """The version that has prepared the database; None if none has."""
    cursor.execute(HAS_VERSION)
    if cursor.fetchone() != (True,):
        return None
    cursor.execute(SELECT_VERSION)
    ((found,),) = cursor.fetchall()
    return str(found)


def _apply(cursor: Cursor, file: Path, applied: dict[str, str]) -> bool:
    statements = file.read_text()
    if statements.startswith(AFTERWARDS):
        return False
    if statements.startswith(EACH_TIME):
        cursor.execute(statements)
        return False
    sha256 = hashlib.sha256(statements.encode()).hexdigest()
    if file.name in applied:
        if applied[file.name] != sha256:
            raise StopError(
                f"ddl/{file.name} was applied to this database and has been changed since: undo"
                " the change, and put what is new into a file with the next number"
            )
        return False
    if statements.startswith(REQUIRES_CREATEROLE):
        cursor.execute(MAY_CREATE_ROLES)
        if cursor.fetchone() != (True,):
            log.warning(
                "ddl/%s left out: the user may not create roles. One that may can run `ingest init`"
                " later, for roles with least privilege.",
                file.name,
            )
            return False
    cursor.execute(statements)
    cursor.execute(INSERT_RECORD, (file.name, sha256))
    return True
