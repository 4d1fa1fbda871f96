"""dbt as a user runs it, in this process and parsed once, against a test's world."""

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from tests.world import ROOT, World

QUIET = ("--log-level", "none", "--log-level-file", "none", "--no-write-json")
DISTRIBUTED_PROJECT = ("--vars", "distributed: true")
NO_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")


class DbtFailed(AssertionError):  # noqa: N818 (it is a failed assertion)
    """dbt did not succeed; the message is dbt's."""


class DbtProject:
    """The project, with one parsed manifest for all worlds: their databases have one name.

    `options` are dbt's own, for parsing and for every command; `folder` has another version of it.
    """

    def __init__(self, *options: str, folder: Path = ROOT) -> None:
        self._options = options
        self._compiled: dict[str, tuple[str, str]] = {}
        self._folders = ["--project-dir", str(folder), "--profiles-dir", str(folder)]

    @cached_property
    def _manifest(self) -> Manifest:
        result = dbtRunner().invoke(["parse", *self._folders, *QUIET, *self._options])
        assert isinstance(result.result, Manifest), result.exception
        return result.result

    def parse(self) -> None:
        """Read the project now, not with the first command."""
        assert self._manifest

    def parsed(self, world: World) -> Manifest:
        """The project as it was read: to be looked at, not to be changed."""
        with patch.dict(os.environ, world.environment):
            return self._manifest

    def write_state(self, folder: Path) -> None:
        """Write what `--state` reads."""
        self._manifest.writable_manifest().write(str(folder / "manifest.json"))

    def command(self, arguments: Sequence[str], options: Sequence[str]) -> dbtRunnerResult:
        """Any dbt command, in the present environment."""
        runner = dbtRunner(manifest=self._manifest.deepcopy())
        return runner.invoke(
            [arguments[0], *self._folders, *options, *self._options, *arguments[1:]]
        )

    def invoke(self, world: World, *arguments: str) -> dbtRunnerResult:
        """Any dbt command; the result may be a failure."""
        with patch.dict(os.environ, world.environment):
            return self.command(arguments, QUIET)

    def build(self, world: World, *arguments: str) -> int:
        """`dbt build --select dds+` without tests; returns how many rows changed.

        Raises DbtFailed.
        """
        selection = () if {"--select", "-s"} & set(arguments) else ("--select", "dds+")
        result = self.invoke(world, "build", *selection, *NO_TESTS, *arguments)
        if not result.success:
            raise DbtFailed("\n".join(problems(result)))
        return sum(
            max(0, node.adapter_response.get("rows_affected", 0))  # -1 of a view that was made
            for node in _nodes(result)
            if node.node.resource_type in ("model", "snapshot")
        )

    def broken_rules(self, world: World) -> dict[str, str]:
        """The tests of vault and marts that find something: name and kind.

        Their statements are asked as dbt has compiled them: its tests take ten times as long.
        """
        return {
            name: kind
            for name, (kind, statement) in self._rules(world).items()
            if world.value(f"select count(*) from ({statement}) as wrong")
        }

    def _rules(self, world: World) -> dict[str, tuple[str, str]]:
        """Of each test its kind and what it asks, compiled once: all worlds have the same names."""
        if not self._compiled:
            result = self.invoke(world, "compile", "--select", "dds+,resource_type:test")
            assert result.success, problems(result)
            for test in (found.node for found in _nodes(result)):
                metadata = getattr(test, "test_metadata", None)
                kind = metadata.name if metadata else test.name
                self._compiled[test.name] = (kind, test.compiled_code)
        return self._compiled


def problems(result: dbtRunnerResult) -> list[str]:
    """What failed, in dbt's words."""
    failed = [node for node in _nodes(result) if node.status in ("error", "fail", "runtime error")]
    found = [f"{node.node.name}: {node.message}" for node in failed]
    return found or [str(result.exception)]


def statuses(result: dbtRunnerResult) -> dict[str, str]:
    """The status of each node by name."""
    return {node.node.name: str(node.status) for node in _nodes(result)}


def messages(result: dbtRunnerResult) -> list[str]:
    """What dbt says of each node: how many rows, or why there was nothing to do."""
    return [str(node.message) for node in _nodes(result)]


def _nodes(result: dbtRunnerResult) -> list[Any]:
    return list(getattr(result.result, "results", []))
