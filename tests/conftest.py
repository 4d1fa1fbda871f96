"""The servers of a test session, and each test's world on them."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.isolation import addresses
from sandbox.stack import Stack
from tests import NAMED_SERVERS
from tests.dbt_project import DbtProject
from tests.faults import table
from tests.world import RESTAURANT, USER, World, prepare

# Workers run side by side, each with servers of its own; what dbt compiles must lie apart too.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ["DBT_TARGET_PATH"] = f"target/{worker}"


# Where the tests' own servers are, for the summary.
SERVERS = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Iterator[dict[str, str]]:
    """The settings that reach the servers, and a template of the prepared warehouse on them.

    Kafka, Postgres and Valkey, fast and not durable, until the session ends; or those that
    ORDERVAULT_TEST_SERVERS=1 lets us use. Postgres is in a time zone that no code can mistake for
    UTC, so that a forgotten conversion shows.
    """
    if NAMED_SERVERS is not None:
        yield prepare(NAMED_SERVERS)
        return
    with Stack(durable=False, time_zone="Asia/Kathmandu") as running:
        where = addresses(running.environment)
        pytestconfig.stash[SERVERS] = where
        if hasattr(pytestconfig, "workeroutput"):  # a worker's summary is its parent's
            pytestconfig.workeroutput["servers"] = where
        yield prepare(running.environment)


def pytest_report_header() -> str:
    if NAMED_SERVERS is None:
        return "servers: the tests' own, on loopback"
    return f"servers: named, as ORDERVAULT_TEST_SERVERS=1 allows: {addresses(NAMED_SERVERS)}"


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Keep what a worker tells when it ends."""
    where = getattr(node, "workeroutput", {}).get("servers", "none")
    node.config.stash[SERVERS] = f"{node.config.stash.get(SERVERS, '')}; {where}".lstrip("; ")


@pytest.fixture
def world(servers: dict[str, str]) -> Iterator[World]:
    """A fresh world; Redis knows one user and one restaurant with two dishes."""
    fresh = World(servers)
    fresh.know(USER, RESTAURANT)
    yield fresh
    fresh.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print where the servers were, and the table of faults, if there were any."""
    if where := terminalreporter.config.stash.get(SERVERS, ""):
        terminalreporter.write_line(f"the tests' own servers were: {where}")
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
