"""dbt in a child process that can be killed: forked from a server that has parsed the project.

Imported once by the fork server, so that a child begins to build within a hundredth of a second.
"""

import multiprocessing
import os
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from unittest.mock import patch

from tests.dbt_project import QUIET, DbtProject, problems

PROJECT = DbtProject()
if multiprocessing.current_process().name != "MainProcess" or os.environ.get("DBT_FORK_SERVER"):
    PROJECT.parse()


def start(environment: Mapping[str, str], *arguments: str, json: bool = False) -> BaseProcess:
    """A dbt command on its way; its exit code is 0 if it succeeded, 1 if not."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    # Whoever is killed leaves dbt's semaphores behind; the tracker would say so for each.
    quiet = "ignore::UserWarning:multiprocessing.resource_tracker"
    child = context.Process(target=_run, args=(dict(environment), arguments, json))
    # The first child's environment is the fork server's, too.
    with patch.dict(os.environ, {**environment, "DBT_FORK_SERVER": "1", "PYTHONWARNINGS": quiet}):
        child.start()
    return child


def _run(environment: dict[str, str], arguments: tuple[str, ...], json: bool) -> None:
    os.environ |= environment
    options = [word for word in QUIET if not (json and word == "--no-write-json")]
    result = PROJECT.command(arguments, options)
    if not result.success and environment.get("SHOW_DBT_PROBLEMS"):
        print(arguments, problems(result))
    os._exit(0 if result.success else 1)
