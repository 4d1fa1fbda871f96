"""The servers of a test session, and each test's world on them."""

import os
from collections.abc import Iterator

import pytest

from sandbox.stack import Stack
from tests.dbt_project import DbtProject
from tests.faults import table
from tests.world import RESTAURANT, USER, World, prepare

# Workers run side by side, each with servers of its own; what dbt compiles must lie apart too.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ["DBT_TARGET_PATH"] = f"target/{worker}"


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Kafka, Postgres and Valkey, until the session ends. Fast, not durable."""
    with Stack(durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def servers(stack: Stack) -> dict[str, str]:
    """The settings that reach the servers, and a template of the prepared warehouse on them."""
    return prepare(stack.reached())


@pytest.fixture
def world(servers: dict[str, str]) -> Iterator[World]:
    """A fresh world; Redis knows one user and one restaurant with two dishes."""
    fresh = World(servers)
    fresh.know(USER, RESTAURANT)
    yield fresh
    fresh.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of faults, if there were any."""
    lines = [
        table.Line(*line)
        for report in terminalreporter.stats.get("", [])
        if report.when == "teardown"
        for name, found in report.user_properties
        if name == table.PROPERTY
        for line in found
    ]
    if lines:
        terminalreporter.section("faults")
        for line in table.table(lines):
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def dbt() -> DbtProject:
    """The project's dbt, parsed once."""
    return DbtProject()
