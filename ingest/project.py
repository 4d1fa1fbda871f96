"""Where the project's files are: the folder with dbt_project.yml, models and ddl."""

import os
from pathlib import Path

from ingest.errors import SettingsError


def project_folder() -> Path:
    """PROJECT_FOLDER, else the working folder, else the folder this package lies in.

    Raises SettingsError if none of them is a project.
    """
    named = os.environ.get("PROJECT_FOLDER")
    candidates = [Path(named)] if named else [Path.cwd(), Path(__file__).parent.parent]
    for folder in candidates:
        if (folder / "dbt_project.yml").is_file():
            return folder
    raise SettingsError(
        f"no dbt_project.yml in {' or '.join(map(str, candidates))}:"
        " run from the project's folder, or name it in PROJECT_FOLDER"
    )
