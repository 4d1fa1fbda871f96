"""Where the project's files are: the folder with dbt_project.yml, models and ddl."""

import os
from pathlib import Path

from ingest.errors import SettingsError

PACKAGE = Path(__file__).parent
# Where a wheel has the project; in a clone it lies around the package.
INSTALLED = PACKAGE / "warehouse"


def project_folder() -> Path:
    """PROJECT_FOLDER, else the project that this package was installed with or lies in.

    Raises SettingsError if there is no dbt_project.yml.
    """
    folder = Path(os.environ.get("PROJECT_FOLDER") or _own_folder())
    if (folder / "dbt_project.yml").is_file():
        return folder
    raise SettingsError(
        f"no dbt_project.yml in {folder}: name the project's folder in PROJECT_FOLDER,"
        " or leave it empty for the one that `ingest` was installed with"
    )


def is_for_reading_only(folder: Path) -> bool:
    """Whether dbt has to write elsewhere: an installation is not its place, writable or not."""
    return folder == INSTALLED or not os.access(folder, os.W_OK)


def _own_folder() -> Path:
    return INSTALLED if INSTALLED.is_dir() else PACKAGE.parent
