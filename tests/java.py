"""Kafka's own command line tools: a witness that shares no code with our client library."""

import json
import subprocess
from dataclasses import dataclass
from typing import Any

from sandbox.kafka import java
from tests.world import World

# In milliseconds. The first message takes longest: a loaded machine four seconds.
IDLE = 8000

CONSOLE_CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"


@dataclass(frozen=True)
class Read:
    """A message as the console consumer prints it."""

    partition: int
    offset: int
    headers: dict[str, str]
    key: str
    value: str

    @property
    def json(self) -> Any:
        return json.loads(self.value)


def console_consumer(world: World, topic: str) -> list[Read]:
    """Every committed message, by the Java client; it stops after IDLE without one."""
    done = tool(CONSOLE_CONSUMER, *reading(world, topic), "--timeout-ms", str(IDLE))
    return parsed(done.stdout)


def reading(world: World, topic: str) -> list[str]:
    """The arguments of a console consumer that prints what `parsed` takes."""
    return [
        *("--bootstrap-server", world.settings.bootstrap_servers, "--topic", topic),
        *("--from-beginning", "--isolation-level", "read_committed"),
        *("--formatter-property", "print.key=true"),
        *("--formatter-property", "print.partition=true"),
        *("--formatter-property", "print.offset=true"),
        *("--formatter-property", "print.headers=true"),
        *("--formatter-property", "headers.separator=;"),
    ]


def parsed(output: str) -> list[Read]:
    """The messages that a console consumer printed."""
    return [_read(line) for line in output.split("\n") if line]


def _read(line: str) -> Read:
    partition, offset, headers, key, value = line.split("\t", 4)
    pairs = (pair.split(":", 1) for pair in headers.split(";") if ":" in pair)
    return Read(
        int(partition.removeprefix("Partition:")),
        int(offset.removeprefix("Offset:")),
        dict(pairs),
        key,
        value,
    )


def tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a class of Kafka's jars."""
    return subprocess.run(
        [*java("-Dorg.slf4j.simpleLogger.defaultLogLevel=error"), name, *arguments],
        capture_output=True,
        encoding="utf-8",
        errors="replace",  # bad messages are in the topics too
        timeout=120,
        check=False,
    )
