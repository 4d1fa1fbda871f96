"""The Dockerfile, the compose file and the chart, as far as Python can judge them."""

import json
import re
import tomllib
from typing import Any

import pytest
import yaml

from ingest.settings import Settings
from tests.world import ROOT

COMPOSE = (ROOT / "docker-compose.yaml").read_text()
SERVICES: dict[str, Any] = yaml.safe_load(COMPOSE)["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
CHART = ROOT / "charts/ordervault"
# Where the chart gets them from is not `settings`: its secrets, or nobody may change them.
NOT_FROM_SETTINGS = {
    *("CERTIFICATE_PATH", "KAFKA_CERTIFICATE_PATH", "KAFKA_KEY_PATH", "KAFKA_USERNAME"),
    *("HEALTH_HOST", "HEALTH_PORT"),
}
# Read before the settings are, or by dbt alone.
OTHER_SETTINGS = {"DBT_THREADS", "LOG_FORMAT"}
DIGEST = r"@sha256:[0-9a-f]{64}$"


def test_one_service_builds_the_image_that_the_others_run() -> None:
    """Built by each of them, it would be exported by all at once, and compose fails."""
    ours = {name: s for name, s in SERVICES.items() if s["image"].startswith("ordervault:")}
    assert len(ours) > 1
    assert len({service["image"] for service in ours.values()}) == 1
    (builder,) = [name for name, service in ours.items() if "build" in service]
    for name, service in ours.items():
        assert name == builder or builder in service["depends_on"], name


def test_every_image_of_others_is_pinned_by_its_digest() -> None:
    images = [s["image"] for s in SERVICES.values() if "build" not in s]
    images += re.findall(r"^FROM (\S*:\S+)", DOCKERFILE, re.MULTILINE)
    others = [image for image in images if not image.startswith("ordervault")]
    assert len(others) == 7
    for image in others:
        assert re.search(DIGEST, image), image


@pytest.mark.parametrize("name", SERVICES)
def test_no_port_is_published_beyond_loopback(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert port.startswith("127.0.0.1:"), port


def test_the_image_is_made_with_the_uv_that_the_makefile_names() -> None:
    (version,) = re.findall(r"^UV_VERSION := (\S+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert f"'uv=={version} " in DOCKERFILE


def test_every_variable_of_the_example_is_read_by_somebody() -> None:
    example = (ROOT / ".env.example").read_text()
    for name in re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE):
        is_composes = name == "COMPOSE_PROFILES" or f"${{{name}:-" in COMPOSE
        assert name.lower() in Settings.model_fields or is_composes, name


def test_everything_in_the_wheel_is_sent_to_the_builder() -> None:
    """A folder that .dockerignore leaves out is missing from the image alone."""
    pyproject = (ROOT / "pyproject.toml").read_text()
    included = re.findall(r'^"(\S+)" = "ingest/warehouse/', pyproject, re.MULTILINE)
    assert len(included) > 5
    sent = (ROOT / ".dockerignore").read_text().splitlines()
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    for path in included:
        assert f"!{path}" in sent, path
        assert path in " ".join(copied).split(), path


def test_the_chart_takes_every_setting_that_is_no_secret() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    taken = schema["$defs"]["settings"]["propertyNames"]["enum"]
    names = {name.upper() for name in Settings.model_fields}
    passwords = {name for name in names if name.endswith("_PASSWORD")}
    expected = (names | OTHER_SETTINGS) - NOT_FROM_SETTINGS - passwords
    assert len(taken) == len(set(taken))
    assert set(taken) == expected, "charts/ordervault/values.schema.json, $defs.settings"


def test_chart_wheel_and_dbt_project_have_one_version() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert chart["version"] == chart["appVersion"] == project
    assert yaml.safe_load((ROOT / "dbt_project.yml").read_text())["version"] == project
