"""Which `ddl/` the database has: `ingest init` leaves that there, each connection asks for it."""

import hashlib
from functools import cache
from pathlib import Path

from ingest.errors import SettingsError
from ingest.project import project_folder

# Of a database that `ingest init` has never prepared there is no such function.
SELECT_VERSION = "select stg.ddl_version()"


def ddl_files() -> list[Path]:
    """The files of `ddl/` in the order in which they are applied."""
    return sorted((project_folder() / "ddl").glob("[0-9]*.sql"))


def ddl_version() -> str:
    """How many files this version brings, which no version lowers, and a hash of them."""
    return _version(project_folder())


@cache
def _version(_: Path) -> str:
    files = ddl_files()
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    return f"{len(files)} {digest[:16]}"


def is_newer(found: str) -> bool:
    """Whether a later version than this one has prepared the database."""
    return int(found.split()[0]) > int(ddl_version().split()[0])


def require(found: str | None) -> None:
    """Raise SettingsError unless the database was prepared by this version; None: by none."""
    if found == ddl_version():
        return
    if found is None:
        raise SettingsError("the database is not prepared. Run `ingest init` first.")
    if is_newer(found):
        raise SettingsError(
            f"this ingest is older than the database: it brings {ddl_version().split()[0]} files of"
            f" ddl, the database has {found.split()[0]}. Install the version that prepared it, or"
            " see `ingest init --back`."
        )
    raise SettingsError(
        "the database was prepared by an older version, or by another one. Run `ingest init` first."
    )
