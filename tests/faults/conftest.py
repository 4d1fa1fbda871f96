"""Servers that may be killed: the fault tests have a stack of their own, with durable settings."""

import shutil
from collections.abc import Generator, Iterator
from dataclasses import astuple
from pathlib import Path

import pytest

from sandbox.kafka import Detour
from sandbox.server import free_port
from sandbox.stack import Stack
from tests.faults import table
from tests.faults.bench import world_under_fire
from tests.world import World, prepare


@pytest.fixture(scope="session")
def detour() -> Detour:
    """The way to Kafka through a proxy, if a test has one there."""
    return Detour(free_port(), free_port())


@pytest.fixture(scope="session")
def own_stack(detour: Detour) -> Iterator[Stack]:
    """Durable, because what a killed server had promised must be there when it comes back."""
    with Stack(durable=True, detour=detour) as running:
        yield running


@pytest.fixture(scope="session")
def own_servers(own_stack: Stack) -> dict[str, str]:
    return prepare(own_stack.environment)


@pytest.fixture
def own_world(own_stack: Stack, own_servers: dict[str, str]) -> Iterator[World]:
    for server in own_stack.servers.values():
        if not server.lives():  # a test has failed
            server.restart()
    with world_under_fire(own_servers) as fresh:
        yield fresh


@pytest.fixture(autouse=True)
def told(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Put the test's lines into its report, which finds its way from a worker to the summary."""
    table.LINES.clear()
    yield
    request.node.user_properties.append((table.PROPERTY, [astuple(line) for line in table.LINES]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what the servers logged beside what the processes did, if the test failed."""
    report = yield
    if call.when == "call" and call.excinfo:
        stacks = [fixture for fixture in item.funcargs.values() if isinstance(fixture, Stack)]
        for stack in stacks:
            for server in stack.servers.values():
                shutil.copy(server.log, str(item.funcargs["tmp_path"]))
    return report
