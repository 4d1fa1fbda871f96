"""Topics with settings of their own."""

from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from ingest.kafka.broker import Broker
from ingest.kafka.client import configuration
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
    Broker(world.settings).create_topics()


def raise_limit(world: World, topic: str, size: int) -> None:
    """Let a topic take larger messages from now on, as an operator would."""
    entry = ConfigEntry("max.message.bytes", str(size), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    client = AdminClient(configuration(world.settings))
    for future in client.incremental_alter_configs([resource]).values():
        future.result()
