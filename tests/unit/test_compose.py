"""The compose file, as far as it can be judged without Docker."""

from typing import Any

import yaml

from tests.world import ROOT


def test_one_service_builds_the_image_that_the_others_run() -> None:
    """Built by each of them, it would be exported by all at once, and compose fails."""
    services: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yaml").read_text())[
        "services"
    ]
    ours = {name: s for name, s in services.items() if s["image"].startswith("ordervault")}
    assert len(ours) > 1
    assert len({service["image"] for service in ours.values()}) == 1
    (builder,) = [name for name, service in ours.items() if "build" in service]
    for name, service in ours.items():
        assert name == builder or builder in service["depends_on"], name
