"""`ingest config`: each setting, and where its value came from."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic_settings import (
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
)

from ingest.settings import Settings, places

MASKED = "********"
# Of settings alone; others begin with words that anybody's variables may begin with.
PREFIXES = ("kafka_", "redis_", "pg_warehouse_")


def rows() -> Iterator[dict[str, Any]]:
    """The name, value and origin of each setting as it was found, right or wrong."""
    found = values_by_place()
    for name, field in Settings.model_fields.items():
        origin = next((place for place, values in found.items() if name in values), "default")
        value = found[origin][name] if origin in found else field.default
        is_secret = isinstance(field.default, SecretStr)
        shown = value.get_secret_value() if isinstance(value, SecretStr) else value
        if is_secret and shown:
            shown = MASKED
        yield {"setting": name.upper(), "value": None if shown == "" else shown, "from": origin}


def values_by_place() -> dict[str, dict[str, Any]]:
    """What each place holds, first the one that wins."""
    return {place: source() for place, source in _sources().items()}


def strangers() -> list[str]:
    """Variables that are named like settings and are none: misspelt, or of another version."""
    sources = [source for source in _sources().values() if isinstance(source, EnvSettingsSource)]
    return sorted(
        name.upper()
        for name in set().union(*(source.env_vars for source in sources))
        if name.startswith(PREFIXES) and name not in Settings.model_fields
    )


def _sources() -> dict[str, PydanticBaseSettingsSource]:
    env_file, secrets = places()
    found: dict[str, PydanticBaseSettingsSource] = {"environment": EnvSettingsSource(Settings)}
    if env_file:
        found[str(Path(env_file).absolute())] = DotEnvSettingsSource(Settings, env_file)
    if secrets:
        found[secrets] = SecretsSettingsSource(Settings, secrets)
    return found
