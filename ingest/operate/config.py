"""`ingest config`: each setting, and where its value came from."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource, SecretsSettingsSource

from ingest.settings import Settings, places

MASKED = "********"


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
    env_file, secrets = places()
    found = {"environment": EnvSettingsSource(Settings)()}
    if env_file:
        found[str(Path(env_file).absolute())] = DotEnvSettingsSource(Settings, env_file)()
    if secrets:
        found[secrets] = SecretsSettingsSource(Settings, secrets)()
    return found
