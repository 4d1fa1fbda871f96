"""The jars of Apache Kafka, from Maven Central: pinned in `kafka.jars`, checked by SHA-256.

`jgo` fetches them into the user's Maven repository, where they stay for the next sandbox.
"""

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jgo
from jgo.maven import MavenContext

from sandbox.server import SandboxError

PINS = Path(__file__).with_name("kafka.jars")
# The server, its command line tools, and a logger that writes to standard error. The tools also
# name Kafka Connect, which nothing here uses.
ROOTS = (
    "org.apache.kafka:kafka_2.13:4.3.1",
    "org.apache.kafka:kafka-tools:4.3.1",
    "org.slf4j:slf4j-simple:1.7.36",
)


def classpath() -> str:
    """The class path of Kafka's server and tools.

    Raises SandboxError if a jar cannot be fetched or is not the one that was pinned.
    """
    pins = [line.split() for line in PINS.read_text().splitlines()]
    with ThreadPoolExecutor(8) as pool:
        jars = pool.map(lambda pin: fetch(*pin), pins)
    return ":".join(map(str, jars))


def fetch(coordinate: str, sha256: str) -> Path:
    """The file of one pinned jar, `group:artifact:version`, fetched if it is not there yet."""
    try:
        path = locate(coordinate)
    except Exception as error:  # jgo raises whatever its HTTP client does
        raise SandboxError(f"cannot fetch {coordinate} from Maven Central: {error}") from error
    if digest(path) != sha256:
        raise SandboxError(f"{path} is not the jar pinned in {PINS.name}: delete it and try again")
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
