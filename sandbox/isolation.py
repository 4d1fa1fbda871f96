"""Keeps the demo, the bench and the tests away from servers that are somebody's own.

Whoever works on the project has a warehouse in `.env` or in the environment. Importing dbt puts
`.env` into the environment too, so a name that is found there says nothing of who put it there.
"""

import os

from ingest.settings import Settings, read_settings

# What libpq and dbt read beside our own settings.
OTHER_VARIABLES = ("PG", "DBT_")


def isolate() -> None:
    """Forget every server that the environment names, and let nobody read `.env` or secrets.

    For this process and those that it starts.
    """
    for name in list(os.environ):
        if name.lower() in Settings.model_fields or name.startswith(OTHER_VARIABLES):
            del os.environ[name]
    os.environ["PYTHON_DOTENV_DISABLED"] = "1"
    os.environ["SECRETS_FOLDER"] = ""


def named_servers() -> dict[str, str]:
    """The variables that reach the servers that the settings name. Raises SettingsError."""
    values = read_settings().model_dump()
    secrets = {name: v.get_secret_value() for name, v in values.items() if "password" in name}
    return {
        name.upper(): str(value)
        for name, value in (values | secrets).items()
        if value not in (None, "")
    }


def addresses(environment: dict[str, str]) -> str:
    """Where the servers are, for a person."""
    systems = {"Kafka": "KAFKA", "Postgres": "PG_WAREHOUSE", "Redis": "REDIS"}
    return ", ".join(
        f"{system} {environment[f'{name}_HOST']}:{environment[f'{name}_PORT']}"
        for system, name in systems.items()
    )
