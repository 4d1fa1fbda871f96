"""`dbt` and `ingest` in child processes, forked from a server that has imported and parsed all.

The fork server has no threads and no connections, so a child begins as a new process would, but
within a hundredth of a second: tests call these commands some three hundred times.
"""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from unittest.mock import patch

from ingest import build, cli, services  # noqa: F401 (imported once, for all children)
from tests.dbt_project import QUIET, DbtProject, problems
from tests.world import DATABASE, ROOT

PROJECT = DbtProject()
if os.environ.get("TESTS_FORK_SERVER"):
    # As in every world: what the environment says is taken out when the tests are imported.
    with patch.dict(os.environ, {"PG_WAREHOUSE_DBNAME": DATABASE}):
        PROJECT.parse()


def dbt(environment: Mapping[str, str], *arguments: str, json: bool = False) -> BaseProcess:
    """A dbt command on its way, to be killed; its exit code is 0 if it succeeded, 1 if not."""
    return _start(environment, _dbt, arguments, json)


def ingest(
    environment: Mapping[str, str], *arguments: str, seconds: float
) -> subprocess.CompletedProcess[str]:
    """The command line of `ingest` in this environment; ended after so many seconds."""
    # dbt's parser does not bear a fork, and failpoints are set when they are imported.
    if {"dds", "cdm"} & {*arguments[:1]} or "INGEST_KILL_AT" in environment:
        return subprocess.run(
            [str(ROOT / ".venv/bin/ingest"), *arguments],
            cwd=ROOT,
            env=dict(environment),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    with TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        child = _start(environment, _ingest, arguments, str(out), str(err))
        child.join(seconds)
        if child.exitcode is None:
            child.kill()
            said = (out.read_text(), err.read_text())
            raise subprocess.TimeoutExpired(["ingest", *arguments], seconds, *said)
        return subprocess.CompletedProcess(
            ["ingest", *arguments], child.exitcode, out.read_text(), err.read_text()
        )


def _start(
    environment: Mapping[str, str], work: Callable[..., None], *arguments: object
) -> BaseProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    # Whoever is killed leaves dbt's semaphores behind; the tracker would say so for each.
    quiet = "ignore::UserWarning:multiprocessing.resource_tracker"
    child = context.Process(target=_work, args=(dict(environment), work, *arguments))
    # The first child's environment is the fork server's, too.
    with patch.dict(os.environ, {**environment, "TESTS_FORK_SERVER": "1", "PYTHONWARNINGS": quiet}):
        child.start()
    return child


def _work(environment: dict[str, str], work: Callable[..., None], *arguments: object) -> None:
    os.environ |= environment
    work(*arguments)


def _dbt(arguments: tuple[str, ...], json: bool) -> None:
    options = [word for word in QUIET if not (json and word == "--no-write-json")]
    result = PROJECT.command(arguments, options)
    if not result.success and os.environ.get("SHOW_DBT_PROBLEMS"):
        print(arguments, problems(result), flush=True)
    os._exit(0 if result.success else 1)


def _ingest(arguments: tuple[str, ...], out: str, err: str) -> None:
    for number, name in ((1, out), (2, err)):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600), number)
    os.chdir(ROOT)
    sys.argv = ["ingest", *arguments]
    sys.modules["__main__"] = ModuleType("__main__")  # else its usage would name the fork server
    cli.main()
