"""Topics with settings of their own."""

import time

from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from ingest.kafka.admin import Admin
from ingest.kafka.client import configuration
from ingest.operate.init import topics
from tests.world import World


def new_source(world: World, **config: str) -> None:
    """Another source topic for this world, made with these settings.

    Changed on a topic that is there, they take effect a moment later.
    """
    name = f"{world.name}-source"
    client = AdminClient(configuration(world.settings))
    for future in client.create_topics([NewTopic(name, 3, config=config)]).values():
        future.result()
    world.environment["KAFKA_STG_SRC_TOPIC"] = name
    Admin(world.settings).create_topics(topics(world.settings))


def raise_limit(world: World, topic: str, size: int) -> None:
    """Let a topic take larger messages from now on, as an operator would."""
    configure(world, topic, "max.message.bytes", str(size))


def configure(world: World, topic: str, name: str, value: str) -> None:
    """Change a setting of a topic; return when the broker says so."""
    entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    client = AdminClient(configuration(world.settings))
    for future in client.incremental_alter_configs([resource]).values():
        future.result()
    deadline, said = time.monotonic() + 30, ""
    while said != value:
        assert time.monotonic() < deadline, f"{name} of {topic} is {said}"
        (future,) = client.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]).values()
        said = future.result()[name].value


def delete(world: World, topic: str) -> None:
    """Delete a topic; return when the broker does not know it any more."""
    client = AdminClient(configuration(world.settings))
    for future in client.delete_topics([topic]).values():
        future.result()
    deadline = time.monotonic() + 30
    while topic in client.list_topics(timeout=10).topics:
        assert time.monotonic() < deadline, f"{topic} does not go"
        time.sleep(0.05)


def make_anew(world: World, topic: str) -> None:
    """Delete a topic of ours, and make another one of the same name."""
    delete(world, topic)
    Admin(world.settings).create_topics(topics(world.settings))
