"""The wheel alone: what is installed from it works in any folder, and where nothing is writable."""

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.world import CLOSED, DATABASE, ROOT, World, encoded, new_database, order

UV = shutil.which("uv") or str(ROOT / ".tools/bin/uv")
# A process like that of the image: everything is read-only but an empty /tmp, and the user, whom
# no file names, has no rights. $1 is what /tmp would hide.
CONTAINER = """
set -e
mount --bind "$1" /mnt
mount -t tmpfs tmpfs /tmp
mkdir -p "$1"
mount --bind /mnt "$1"
mount -o remount,ro,bind "$1"
mount -o remount,ro,bind /
cd /
shift
exec unshare --user --map-user=10001 --map-group=10001 "$@"
"""
NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")


@pytest.fixture(scope="module")
def installed() -> Iterator[Path]:
    """The virtual environment that the Dockerfile's first stage makes, far from the clone."""
    with TemporaryDirectory(prefix="ordervault-wheel-") as name:
        found = (str(Path(UV).parent), f"{sys.base_prefix}/bin", os.environ["PATH"])
        # UV_PYTHON would have it installed into that one's environment, which may be the clone's.
        inherited = {key: v for key, v in os.environ.items() if key != "UV_PYTHON"}
        environment = {
            **inherited,
            "PATH": ":".join(found),
            "UV_COMPILE_BYTECODE": "1",
            "VIRTUAL_ENV": f"{name}/.venv",
        }
        for instruction, arguments in first_stage():
            if instruction == "COPY":
                copy(Path(name), *arguments.split())
            elif instruction == "RUN" and "pip install --require-hashes" not in arguments:  # uv
                subprocess.run(["sh", "-c", arguments], cwd=name, env=environment, check=True)
        yield Path(name, ".venv")


def first_stage() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile up to its second FROM."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if line[:1] != "#"]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    instructions = [(*line.split(maxsplit=1), "")[:2] for line in joined if line]
    assert instructions[0][0] == "FROM"
    later = itertools.takewhile(lambda found: found[0] != "FROM", instructions[1:])
    return [(instruction, arguments) for instruction, arguments in later]


def copy(folder: Path, *names: str) -> None:
    *sources, target = names
    for source in sources:
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, folder / target)
        else:
            shutil.copy(ROOT / source, folder / target)


@pytest.fixture
def empty(world: World) -> World:
    """A world in which nothing has been prepared, and an order waits."""
    world.connection.close()
    new_database(world.environment, DATABASE)
    world.reconnect()
    world.send(*(encoded(message) for message in (order(1), order(1, statuses=CLOSED))))
    return world


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if "__pycache__" not in path.parts}


def run(*command: str, world: World, folder: Path, **variables: str) -> str:
    """What the command prints; fails with what it says if it does."""
    inherited = {name: v for name, v in os.environ.items() if not name.startswith("DBT_")}
    environment = {**inherited, **world.environment, **variables}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def assert_came_all_the_way(world: World) -> None:
    assert world.value("select count(*) from dds.h_order") == 1
    assert world.value("select count(*) from cdm.user_product_counters") > 0
    assert [message["object_id"] for message in world.closed()] == [1]


def test_an_installed_ingest_works_in_an_empty_folder(
    empty: World, installed: Path, tmp_path: Path
) -> None:
    before = files(installed)
    ingest = str(installed / "bin/ingest")
    applied = run(ingest, "init", world=empty, folder=tmp_path)
    assert "applied ddl/001_stg.sql" in applied
    for command in ("stg", "dds", "cdm"):
        run(ingest, command, "--once", world=empty, folder=tmp_path)
    assert_came_all_the_way(empty)
    assert not list(tmp_path.iterdir()), "it writes into the working folder"
    assert files(installed) == before, "it writes into the installation"


@pytest.mark.skipif(
    subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode != 0,
    reason="this machine allows no namespaces to anybody but root",
)
def test_it_works_as_in_the_image_where_only_tmp_is_writable(
    empty: World, installed: Path, tmp_path: Path
) -> None:
    project = installed / "project"
    image = {
        "DBT_PROJECT_DIR": str(project),
        "DBT_PROFILES_DIR": str(project),
        "DBT_TARGET_PATH": "/tmp/target",  # noqa: S108 (of the namespace)
        "DBT_LOG_PATH": "/tmp/logs",  # noqa: S108
    }
    inside = (*NAMESPACE, "sh", "-c", CONTAINER, "sh", str(installed.parent))

    def contained(name: str, *arguments: str) -> str:
        command = (*inside, str(installed / "bin" / name), *arguments)
        return run(*command, world=empty, folder=tmp_path, **image)

    with pytest.raises(AssertionError, match="Read-only file system"):
        contained("python", "-c", f"open({str(project / 'x')!r}, 'w')")
    contained("ingest", "init")
    for command in ("stg", "dds", "cdm"):
        contained("ingest", command, "--once")
    assert_came_all_the_way(empty)
    assert "ERROR=0" in contained("dbt", "build", "--select", "dds+")
