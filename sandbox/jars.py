"""What comes from Maven Central: the jars of Apache Kafka, pinned in `kafka.jars`, and programs.

Each is checked by its SHA-256. `jgo` fetches them into the user's Maven repository, where they stay
for the next sandbox. It does not expect others to do the same at the same time, as two workers of a
first test run do.
"""

import fcntl
import hashlib
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import jgo
from jgo.maven import MavenContext

from sandbox.server import SandboxError

PINS = Path(__file__).with_name("kafka.jars")
# The server, its command line tools, and a logger that writes to standard error. The tools also
# name Kafka Connect, which nothing here uses. Not 4.3.0 to 4.4.0: they lose parts of transactions
# that were committed (KAFKA-20734).
ROOTS = (
    "org.apache.kafka:kafka_2.13:4.2.2",
    "org.apache.kafka:kafka-tools:4.2.2",
    "org.slf4j:slf4j-simple:1.7.36",
)


@cache
def classpath(pins: Path = PINS) -> str:
    """The class path of Kafka's server and tools, from a file of pins, one a line.

    Raises SandboxError if a jar cannot be fetched or is not the one that was pinned.
    """
    lines = [line.split() for line in pins.read_text().splitlines()]
    return ":".join(map(str, fetch([(coordinate, sha256) for coordinate, sha256 in lines])))


def fetch(pins: Sequence[tuple[str, str]]) -> list[Path]:
    """The files of pinned jars, fetched if they are not there yet.

    A pin is a coordinate, `group:artifact:version`, and a SHA-256 in hexadecimal. Raises as
    `classpath`.
    """
    with _alone(), ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda pin: _fetch(*pin), pins))


def unpacked(coordinate: str, sha256: str) -> Path:
    """The folder of what a pinned jar holds as a `.txz`, unpacked once for all sandboxes.

    Raises as `classpath`.
    """
    (jar,) = fetch([(coordinate, sha256)])
    folder = jar.with_suffix("")
    with _alone():
        if not folder.exists():
            with TemporaryDirectory(dir=jar.parent) as begun, zipfile.ZipFile(jar) as content:
                (archive,) = (name for name in content.namelist() if name.endswith(".txz"))
                with content.open(archive) as packed, tarfile.open(fileobj=packed) as files:
                    # Python before 3.11.4 knows no filters, and warns of none.
                    only_data = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
                    whole = Path(begun) / "whole"  # of a jar whose hash is the pinned one
                    files.extractall(whole, **only_data)  # type: ignore[arg-type]  # noqa: S202
                shutil.move(Path(begun) / "whole", folder)
    return folder


@contextmanager
def _alone() -> Iterator[None]:
    """A block that one process at a time is in."""
    folder = MavenContext().repo_cache
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".ordervault.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(coordinate: str, sha256: str) -> Path:
    try:
        path = locate(coordinate)
        if digest(path) != sha256:  # a download that was cut off?
            path.unlink()
            path = locate(coordinate)
    except Exception as error:  # jgo raises whatever its HTTP client does
        raise SandboxError(f"cannot fetch {coordinate} from Maven Central: {error!r}") from error
    if digest(path) != sha256:
        raise SandboxError(f"{path} is not the jar pinned for {coordinate}")
    return path


def locate(coordinate: str) -> Path:
    """The local file of a jar, fetched if it is not there yet."""
    group, artifact, version = coordinate.split(":")
    component = MavenContext().project(group, artifact).at_version(version)
    return Path(component.artifact().resolve())


def digest(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def pin() -> None:
    """Write `kafka.jars` anew after a change of ROOTS: `python -m sandbox.jars`."""
    server, tools, logger = ROOTS
    wanted = {str(artifact).replace(":jar:", ":") for artifact in jgo.resolve(server)}
    wanted |= {tools, logger}
    lines = [f"{coordinate} {digest(locate(coordinate))}" for coordinate in sorted(wanted)]
    PINS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    pin()
    sys.stdout.write(f"{PINS.name}: {len(PINS.read_text().splitlines())} jars\n")
