"""Questions and orders to the cluster: is it there, which topics has it, how much do they take."""

import time
from collections.abc import Iterable

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from ingest.deliveries import Place
from ingest.errors import OutageError, SettingsError, StopError, UnreachableError
from ingest.kafka.client import FORBIDDEN, REQUEST_TIMEOUT, classified, configuration, guarded
from ingest.settings import Settings

# How long the first answer may take, in seconds.
CHECK_TIMEOUT = 10.0
# Room for the key, the headers and the record batch around a message's value, in bytes.
RECORD_OVERHEAD = 2_000
# Kafka's own default for max.message.bytes.
DEFAULT_TOPIC_LIMIT = 1_048_588
# Of a cluster that has just started, or a broker that has just left.
COORDINATOR_MOVES = (
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
)
GROUP_IN_USE = (KafkaError.NON_EMPTY_GROUP, KafkaError.UNKNOWN_MEMBER_ID)


class Broker:
    """The cluster as an administrator sees it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._errors: list[KafkaError] = []
        try:
            self._client = AdminClient(
                {**configuration(settings), "error_cb": self._errors.append}  # type: ignore[dict-item]
            )
        except KafkaException as error:  # a certificate, say, that is none
            raise SettingsError(f"Kafka's client: {error.args[0].str()}") from error

    def check(self) -> None:
        """Ask for an answer; at the start, a refusal is an error of the settings, not an outage.

        Raises UnreachableError for a wrong password or an unknown host.
        """
        try:
            self._client.list_topics(timeout=CHECK_TIMEOUT)
        except KafkaException as error:
            self._client.poll(0)  # has the client's own errors told, which say more
            for cause in self._errors:
                if cause.code() == KafkaError._RESOLVE:
                    raise UnreachableError(f"KAFKA_HOST is unknown: {cause.str()}") from error
                if cause.code() == KafkaError._AUTHENTICATION:
                    raise UnreachableError(
                        f"Kafka refuses KAFKA_USERNAME or KAFKA_PASSWORD: {cause.str()}"
                    ) from error
            raise classified(error.args[0]) from error

    def create_topics(self) -> list[str]:
        """Make the topics that are missing; returns their names."""
        settings = self._settings
        with guarded():
            present = self._client.list_topics(timeout=REQUEST_TIMEOUT).topics
        partitions, limit = settings.kafka_topic_partitions, settings.max_message_bytes
        wanted = {
            settings.kafka_stg_src_topic: (partitions, {}),
            # One partition: a group shares out the partitions of all its topics together, and with
            # as many as the source has, one ingestor may get the source and another the retries.
            settings.retry_topic: (1, {"max.message.bytes": str(2 * limit)}),
            settings.dead_letter_topic: (
                partitions,
                {"max.message.bytes": str(2 * limit), "retention.ms": "-1"},
            ),
            settings.kafka_stg_dst_topic: (
                partitions,
                {"max.message.bytes": str(2 * limit), "retention.ms": "-1"},
            ),
            # For ever, like those of stg: `ingest recover` takes from them what a backup lacks.
            settings.kafka_dds_dst_topic: (partitions, {"retention.ms": "-1"}),
            settings.progress_topic: (1, {"cleanup.policy": "compact"}),
        }
        missing = [
            NewTopic(
                name,
                num_partitions=count,
                replication_factor=settings.kafka_topic_replication,
                config=config,
            )
            for name, (count, config) in wanted.items()
            if name not in present
        ]
        if not missing:
            return []
        made = []
        for name, future in self._client.create_topics(missing).items():
            try:
                future.result()
                made.append(name)
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise classified(error.args[0]) from error
        self._until_known({topic.topic for topic in missing})
        return made

    def _until_known(self, topics: set[str]) -> None:
        """Wait until a broker knows topics that the controller has made.

        Who starts before that is told that there are none.
        """
        deadline = time.monotonic() + REQUEST_TIMEOUT
        with guarded():
            while not topics <= self._client.list_topics(timeout=REQUEST_TIMEOUT).topics.keys():
                if time.monotonic() > deadline:
                    raise OutageError("Kafka", "topics that were made do not appear")
                time.sleep(0.1)

    def set_group_offsets(self, group: str, offsets: dict[Place, int]) -> None:
        """Set the committed offsets of a group that has no member.

        Raises StopError if it has one.
        """
        if not offsets:
            return
        places = [TopicPartition(*place, offset) for place, offset in offsets.items()]
        deadline = time.monotonic() + REQUEST_TIMEOUT
        while True:
            try:
                self._alter_group_offsets(ConsumerGroupTopicPartitions(group, places))
            except KafkaException as error:
                code = error.args[0].code()
                if code in GROUP_IN_USE:
                    raise StopError(
                        f"the group {group} has members: stop them all first"
                    ) from error
                if code not in COORDINATOR_MOVES or time.monotonic() > deadline:
                    raise classified(error.args[0]) from error
                time.sleep(0.1)
            else:
                return

    def _alter_group_offsets(self, request: ConsumerGroupTopicPartitions) -> None:
        for future in self._client.alter_consumer_group_offsets([request]).values():
            for place in future.result().topic_partitions:
                if place.error:
                    raise KafkaException(place.error)

    def value_limits(self, topics: Iterable[str]) -> dict[str, int]:
        """The largest value that each topic takes, in bytes."""
        resources = [ConfigResource(ResourceType.TOPIC, topic) for topic in topics]
        limits = {}
        for resource, future in self._client.describe_configs(resources).items():
            try:
                entry = future.result()["max.message.bytes"]
                limit = int(entry.value)
            except KafkaException as error:
                if error.args[0].code() not in FORBIDDEN:
                    raise classified(error.args[0]) from error
                limit = DEFAULT_TOPIC_LIMIT
            limits[resource.name] = limit - RECORD_OVERHEAD
        return limits
