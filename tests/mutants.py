"""Faults planted on purpose, each in a copy of the project, and the test that notices each.

A test that no fault can make fail proves nothing. Each mutant is a textual patch that must match
exactly once, so that a change of the code breaks the list loudly instead of planting nothing.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.world import ROOT

FAILED = re.compile(r"^(?:FAILED|ERROR) \S*?::(.+?)(?: - (.*))?$", re.MULTILINE)
# pytest's exit code if tests ran and some failed; others mean that it could not run them.
TESTS_FAILED = 1


@dataclass(frozen=True)
class Patch:
    """One replacement in one file; `old` must be there exactly once."""

    file: str
    old: str
    new: str

    def apply(self, folder: Path) -> None:
        """Change the file. Raises ValueError if `old` is not there exactly once."""
        path = folder / self.file
        text = path.read_text()
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file} has {text.count(self.old)} times: {self.old!r}")
        path.write_text(text.replace(self.old, self.new))


@dataclass(frozen=True)
class Mutant:
    """A fault in plain words, how it is planted, and the tests (pytest ids) that must notice it."""

    name: str
    patches: Sequence[Patch]
    tests: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What the tests said."""

    noticed: bool
    by: str
    seconds: float


def main(mutants: Sequence[Mutant], names: Sequence[str] = (), seconds_each: float = 600) -> int:
    """Plant each mutant (whose name contains one of `names`) and print a table of what noticed it.

    First all their tests run on the project as it is, and must pass. Returns the exit code: 1 if a
    mutant went unnoticed, 2 if there is none of these names.
    """
    chosen = [m for m in mutants if not names or any(name in m.name for name in names)]
    if not chosen:
        print("No mutant has such a name.")
        return 2
    tests = sorted({test for mutant in chosen for test in mutant.tests})
    environment = {k: v for mutant in chosen for k, v in mutant.environment.items()}
    width = max(len(mutant.name) for mutant in chosen)
    sound = run(Mutant("", (), tests, environment), seconds_each * len(tests))
    print(f"{'nothing planted':{width}}  {sound.seconds:5.0f} s  {sound.by}", flush=True)
    if sound.by != NO_TEST:
        print("The tests must pass on the project as it is, or the rest means nothing.")
        return 1
    unnoticed = 0
    for mutant in chosen:
        outcome = run(mutant, seconds_each)
        unnoticed += not outcome.noticed
        verdict = "noticed by" if outcome.noticed else "UNNOTICED:"
        line = f"{mutant.name:{width}}  {outcome.seconds:5.0f} s  {verdict} {outcome.by}"
        print(line, flush=True)
    return 1 if unnoticed else 0


NO_TEST = "no test fails"


def run(mutant: Mutant, seconds: float) -> Outcome:
    """Plant one mutant in a copy of the project and run its tests there."""
    with copy_of_project() as folder:
        for patch in mutant.patches:
            patch.apply(folder)
        options = ("-q", "-x", "--no-header", "--tb=no", "-p", "no:cacheprovider")
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *options, *mutant.tests],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200", **mutant.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()  # the servers that it started end with it
            process.communicate()
            return Outcome(False, f"undecided after {seconds:.0f} s", seconds)
        took = time.monotonic() - began
    if process.returncode == TESTS_FAILED and (found := FAILED.search(output)):
        return Outcome(True, ": ".join(filter(None, found.groups())), took)
    if process.returncode == 0:
        return Outcome(False, NO_TEST, took)
    return Outcome(False, f"pytest could not run: {output[-2000:]}", took)


@contextmanager
def copy_of_project() -> Iterator[Path]:
    """The project's files, changes that are not committed included, with the same .venv."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    with tempfile.TemporaryDirectory(prefix="ordervault-copy-") as name:
        folder = Path(name)
        for file in filter(None, listed.stdout.split("\0")):
            if (ROOT / file).is_file():
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / file, folder / file)
        (folder / ".venv").symlink_to(ROOT / ".venv")
        yield folder
