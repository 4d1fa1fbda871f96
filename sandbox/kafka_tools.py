"""Kafka's own command line tools: a witness that shares no code with our client library."""

import json
import re
import subprocess
import time
import uuid
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any

from sandbox.kafka import java
from sandbox.server import SandboxError

# In seconds; a transaction may have to time out first.
LONGEST_READ = 300

GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
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
        """The value."""
        return json.loads(self.value)


def console_consumer(servers: str, *topics: str) -> list[Read]:
    """Every committed message, by the Java client, up to the end that Kafka's group tool sees.

    `servers` is `host:port`, separated by commas. A time without messages would not tell the end: a
    machine may be that slow. Raises SandboxError if the end is not reached.
    """
    group = f"console-{uuid.uuid4().hex}"
    arguments = [
        *reading(servers, *topics),
        *("--group", group, "--command-property", "auto.commit.interval.ms=200"),
    ]
    with TemporaryFile() as output:
        process = subprocess.Popen(
            [*java("-Xmx128m"), CONSOLE_CONSUMER, *arguments],
            stdout=output,
            stderr=subprocess.DEVNULL,
        )
        try:
            deadline = time.monotonic() + LONGEST_READ
            lags: dict[tuple[str, int], int | None] = {}
            while {name for name, _ in lags} != set(topics) or set(lags.values()) != {0}:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SandboxError(f"{topics} are not read to the end: {lags}")
                lags = group_lags(servers, group)
        finally:
            process.terminate()
            process.wait()
        output.seek(0)
        return parsed(output.read().decode("utf-8", "replace"))


def group_lags(servers: str, group: str) -> dict[tuple[str, int], int | None]:
    """The lag of each partition; None where the group has no offset."""
    done = tool(GROUPS, "--bootstrap-server", servers, "--describe", "--group", group)
    lags: dict[tuple[str, int], int | None] = {}
    for line in done.stdout.splitlines():
        words = line.split()
        if words and words[0] == group:
            lags[words[1], int(words[2])] = None if words[5] == "-" else int(words[5])
    return lags


def reading(servers: str, *topics: str) -> list[str]:
    """The arguments of a console consumer that prints what `parsed` takes."""
    return [
        *("--bootstrap-server", servers),
        *("--include", "|".join(map(re.escape, topics))),
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
