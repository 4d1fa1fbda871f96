"""Whatever arrives, in whatever order and batches: the rows that the model says, and no others."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.convergence.harness import Harness
from tests.convergence.histories import History, histories
from tests.dbt_project import DbtProject
from tests.world import World

# How many histories for each test, and how many of them share a database.
HISTORIES = int(os.environ.get("CONVERGENCE_HISTORIES", "60"))
TOGETHER = 60


@pytest.fixture(scope="module")
def harness(servers: dict[str, str], dbt: DbtProject) -> Iterator[Harness]:
    world = World(servers)
    yield Harness(world, dbt)
    world.close()


def generated(count: int, batches: int) -> Iterator[list[History]]:
    """Histories in lists of TOGETHER; the same ones each time, unless asked for more of them."""
    found: list[History] = []

    @settings(
        max_examples=count,
        phases=[Phase.generate],  # the harness finds and shrinks what fails, many at a time
        database=None,
        derandomize="CONVERGENCE_HISTORIES" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
    @given(histories(batches))
    def collect(history: History) -> None:
        found.append(history)

    collect()
    assert len(found) >= count
    return (found[start : start + TOGETHER] for start in range(0, len(found), TOGETHER))


@pytest.mark.timeout(0)
def test_increments_give_the_models_rows(harness: Harness) -> None:
    for several in generated(HISTORIES, batches=4):
        harness.check(several)


@pytest.mark.timeout(0)
def test_a_full_refresh_gives_the_models_rows(harness: Harness) -> None:
    for several in generated(HISTORIES // 2, batches=2):
        harness.check(several, "--full-refresh")
