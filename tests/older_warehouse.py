"""A dump of a warehouse that an older version has made: `python -m tests.older_warehouse COMMIT`.

That version's own `ingest` and dbt project load and build it, half of a story at a time, on servers
of the sandbox. The dump is what tests/integration/test_upgrade.py upgrades.
"""

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from itertools import islice
from pathlib import Path

from ingest.settings import read_settings
from sandbox.clients import client_binary
from sandbox.feed import feed
from sandbox.simulator import FIRST_ORDER, Reference, Sent, Shares, simulate
from sandbox.stack import Stack
from tests.world import ROOT

DUMP = ROOT / "tests" / "data" / "older_warehouse.sql"
ORDERS = 10
SHARES = Shares(late=0.1, repeated=0.05, sent_again=0.05, bad=0.05)
# Steps of the story that the older version loads, in two builds; the present one loads the others.
HALVES = (0.35, 0.7)


def story() -> list[Reference | Sent]:
    """What happens, before the upgrade and after it."""
    return list(simulate(ORDERS, seed=5, shares=SHARES, first=FIRST_ORDER))


def split() -> tuple[list[Reference | Sent], ...]:
    """The story in three parts: two builds of the older version, and what comes later."""
    steps = story()
    first, second = (int(len(steps) * share) for share in HALVES)
    return steps[:first], steps[first:second], steps[second:]


def make(commit: str, folder: Path) -> None:
    """Write the dump, with the project of that commit in `folder`."""
    done = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    with Stack() as stack:
        os.environ |= stack.environment
        environment = {**os.environ, "PROJECT_FOLDER": str(folder)}

        def older(*command: str) -> None:
            program = [sys.executable, "-m", "ingest", *command]
            subprocess.run(program, cwd=folder, env=environment, check=True)

        older("init")
        for part in islice(split(), 2):
            feed(part, read_settings())
            for service in ("stg", "dds", "cdm"):
                older(service, "--once")
        dumped = subprocess.run(
            [
                str(client_binary("pg_dump")),
                *("--no-owner", "--no-privileges", "--no-comments", "--restrict-key=ordervault"),
                *("--host", stack.environment["PG_WAREHOUSE_HOST"]),
                *("--port", stack.environment["PG_WAREHOUSE_PORT"]),
                *("--username", stack.environment["PG_WAREHOUSE_USER"]),
                stack.environment["PG_WAREHOUSE_DBNAME"],
            ],
            capture_output=True,
            check=True,
        )
    DUMP.parent.mkdir(exist_ok=True)
    DUMP.write_bytes(dumped.stdout)


if __name__ == "__main__":
    (wanted,) = sys.argv[1:]
    with tempfile.TemporaryDirectory() as made:
        make(wanted, Path(made))
