"""Servers that want TLS and passwords, started for the tests that ask for them."""

from collections.abc import Iterator

import pytest

from sandbox.stack import Stack
from tests.integration.token_provider import TokenProvider
from tests.world import RESTAURANT, USER, World, prepare


@pytest.fixture(scope="session")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> TokenProvider:
    return TokenProvider(tmp_path_factory.mktemp("tokens"))


@pytest.fixture(scope="session")
def secured(tokens: TokenProvider) -> Iterator[Stack]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("JAVA_TOOL_OPTIONS", tokens.java_options)
        with Stack(durable=False, secure=True, kafka_settings=tokens.broker()) as running:
            patched.undo()
            prepare(running.environment)
            yield running


@pytest.fixture
def guarded(secured: Stack) -> Iterator[World]:
    """The administrator's world on secured servers."""
    fresh = World(secured.environment)
    fresh.know(USER, RESTAURANT)
    yield fresh
    fresh.close()
