"""dbt in this process: parsed once, then built as often as asked."""

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dbt.artifacts.schemas.results import NodeStatus
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from ingest.errors import OutageError, StopError
from ingest.project import is_for_reading_only, project_folder
from ingest.settings import Settings

log = logging.getLogger(__name__)

FAILED = (NodeStatus.Error, NodeStatus.Fail, NodeStatus.RuntimeErr)
# Tests are for CI and for `dbt test`, not for every round: the tables' constraints hold anyway.
NOT_BUILT = ("test", "unit_test", "exposure")
# What no event changes.
UNCHANGING = ("--exclude", "resource_type:seed", "config.materialized:view")


@dataclass(frozen=True)
class Built:
    """What a build did."""

    models: int
    rows: int
    seconds: float

    def __str__(self) -> str:
        """For a person."""
        return f"{self.models} models, {self.rows:,} rows changed, {self.seconds:.1f} s"


class Dbt:
    """The project's dbt, with the settings of `ingest`."""

    def __init__(self, settings: Settings) -> None:
        self._folder: Path = project_folder()
        if is_for_reading_only(self._folder):
            self._written = TemporaryDirectory(prefix="ordervault-dbt-")
            os.environ.setdefault("DBT_TARGET_PATH", f"{self._written.name}/target")
            os.environ.setdefault("DBT_LOG_PATH", f"{self._written.name}/logs")
        self._on_node: Callable[[], object] = lambda: None
        os.environ.update(settings.environment())

    def build(
        self, *select: str, again: bool = False, on_node: Callable[[], object] = lambda: None
    ) -> Built:
        """Build the selected models; `on_node` is called as each is done.

        `again`: seeds and views are left out, which the build before has made. Raises OutageError
        with dbt's own words if one fails.
        """
        self._on_node = on_node
        began = time.monotonic()
        unchanging = UNCHANGING if again else ()
        nodes = self._run("build", "--select", *select, *_exclusions(), *unchanging)
        written = [node for node in nodes if node.node.resource_type != "seed"]
        affected = [int(node.adapter_response.get("rows_affected", 0)) for node in written]
        rows = sum(count for count in affected if count > 0)  # -1 of a view
        return Built(len(nodes), rows, time.monotonic() - began)

    def test(self) -> int:
        """Run the tests of vault and marts; returns how many passed. Raises OutageError."""
        return len(self._run("test", "--select", "dds+"))

    def _run(self, command: str, *arguments: str) -> list[Any]:
        """The nodes that ran. Raises OutageError with dbt's own words if one failed."""
        # A copy, because a build leaves its compiled state in the manifest: the next one would
        # look for ephemeral models that nobody put into its statements.
        runner = dbtRunner(manifest=self._manifest.deepcopy(), callbacks=[self._told])
        result = runner.invoke([command, *self._options(), *arguments])
        nodes = _nodes(result)
        failed = [node for node in nodes if node.status in FAILED]
        if failed or not result.success:
            words = [f"{node.node.name}: {str(node.message).strip()}" for node in failed]
            raise OutageError("dbt", "\n".join(words) or result.exception)
        return nodes

    @cached_property
    def _manifest(self) -> Manifest:
        """The parsed project. Raises StopError if it cannot be parsed."""
        result = dbtRunner().invoke(["parse", *self._options()])
        if not isinstance(result.result, Manifest):
            raise StopError(f"dbt cannot read the project: {result.exception}")
        return result.result

    def _told(self, event: Any) -> None:
        if event.info.name == "NodeFinished":
            self._on_node()

    def _options(self) -> list[str]:
        folder = str(self._folder)
        quiet = ["--log-level", "none", "--log-level-file", "none", "--no-write-json"]
        # Asked for at first and not as they are needed: dbt fills its cache table by table, and a
        # second thread would take those that are not in it yet for missing.
        return ["--project-dir", folder, "--profiles-dir", folder, "--cache-selected-only", *quiet]


def _exclusions() -> list[str]:
    return [word for kind in NOT_BUILT for word in ("--exclude-resource-type", kind)]


def _nodes(result: dbtRunnerResult) -> list[Any]:
    """The results of the nodes that ran, hooks and skipped ones aside."""
    if not isinstance(result.result, RunExecutionResult):
        return []
    skipped = (NodeStatus.Skipped, NodeStatus.NoOp)
    found = [node for node in result.result if node.status not in skipped]
    return [node for node in found if node.node.resource_type != "operation"]
