"""Questions and orders to the cluster: its topics, how far they go, what they take."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    ConfigResource,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

from ingest.errors import OutageError, SettingsError, StopError, UnreachableError
from ingest.kafka.client import FORBIDDEN, REQUEST_TIMEOUT, classified, configuration, guarded
from ingest.settings import Settings

# How long the first answer may take, in seconds. Whoever is told to stop meanwhile waits for it.
CHECK_TIMEOUT = 5.0
# Room for the key, the headers and the record batch around a message's value, in bytes.
RECORD_OVERHEAD = 2_000
# Kafka's own default for max.message.bytes.
DEFAULT_TOPIC_LIMIT = 1_048_588


@dataclass(frozen=True)
class NewTopicSpec:
    """A topic as `ingest init` makes it."""

    name: str
    partitions: int
    config: dict[str, str]


class Admin:
    """The cluster as an administrator sees it. Every method raises OutageError or StopError."""

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
        """Ask for an answer.

        Raises UnreachableError for a wrong password or an unknown host.
        """
        try:
            self._client.list_topics(timeout=CHECK_TIMEOUT)
        except KafkaException as error:
            self._client.poll(0)  # has the client's own errors told, which say more
            for cause in self._errors:
                if cause.code() == KafkaError._RESOLVE:
                    raise UnreachableError("Kafka", f"KAFKA_HOST: {cause.str()}") from error
                if cause.code() == KafkaError._AUTHENTICATION:
                    what = f"it refuses KAFKA_USERNAME or KAFKA_PASSWORD: {cause.str()}"
                    raise UnreachableError("Kafka", what) from error
            raise classified(error.args[0]) from error

    def create_topics(self, wanted: Iterable[NewTopicSpec]) -> list[str]:
        """Make the topics that are missing; returns their names when a broker knows them."""
        with guarded():
            present = self._client.list_topics(timeout=REQUEST_TIMEOUT).topics
        replication = self._settings.kafka_topic_replication
        missing = [
            NewTopic(spec.name, spec.partitions, replication, config=spec.config)
            for spec in wanted
            if spec.name not in present
        ]
        made = []
        for name, future in (self._client.create_topics(missing) if missing else {}).items():
            try:
                future.result()
                made.append(name)
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise classified(error.args[0]) from error
        self._until_known(set(made))
        return made

    def _until_known(self, topics: set[str]) -> None:
        """Wait until brokers know topics that the controller has made, and that they lead them."""
        deadline = time.monotonic() + REQUEST_TIMEOUT
        for topic in topics:
            while True:
                try:
                    self.ends(topic, self.partitions(topic))
                    break
                except (OutageError, StopError):
                    if time.monotonic() > deadline:
                        raise
                time.sleep(0.1)

    def topic_id(self, topic: str) -> str:
        """Kafka's id of the topic: one that was made anew has another one."""
        with guarded():
            (future,) = self._client.describe_topics(
                TopicCollection([topic]), request_timeout=REQUEST_TIMEOUT
            ).values()
            return str(future.result().topic_id)

    def partitions(self, topic: str) -> list[int]:
        """The numbers of its partitions."""
        with guarded():
            found = self._client.list_topics(topic, REQUEST_TIMEOUT).topics[topic]
            if found.error:
                raise KafkaException(found.error)
            return sorted(found.partitions)

    def beginnings(self, topic: str, partitions: Iterable[int]) -> dict[int, int]:
        """The first offset of each partition."""
        earliest = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
        return self._offsets(topic, partitions, earliest)

    def ends(
        self, topic: str, partitions: Iterable[int], *, committed: bool = True
    ) -> dict[int, int]:
        """The offset after the last message of each partition.

        With `committed`, of those that can be read: open transactions hide what lies behind.
        """
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        return self._offsets(topic, partitions, latest, committed=committed)

    def _offsets(
        self, topic: str, partitions: Iterable[int], spec: OffsetSpec, *, committed: bool = True
    ) -> dict[int, int]:
        level = IsolationLevel.READ_COMMITTED if committed else IsolationLevel.READ_UNCOMMITTED
        wanted = {TopicPartition(topic, number): spec for number in partitions}
        if not wanted:
            return {}
        with guarded():
            found = self._client.list_offsets(
                wanted, isolation_level=level, request_timeout=REQUEST_TIMEOUT
            )
            return {place.partition: future.result().offset for place, future in found.items()}

    def group_offsets(self, group: str, topic: str) -> dict[int, int | None]:
        """The offset that the group has committed in each partition; None if none."""
        wanted = [TopicPartition(topic, number) for number in self.partitions(topic)]
        with guarded():
            (future,) = self._client.list_consumer_group_offsets(
                [ConsumerGroupTopicPartitions(group, wanted)], request_timeout=REQUEST_TIMEOUT
            ).values()
            found = future.result().topic_partitions
        return {p.partition: p.offset if p.offset >= 0 else None for p in found}

    def group_members(self, group: str) -> int:
        """How many members the group has."""
        with guarded():
            (future,) = self._client.describe_consumer_groups(
                [group], request_timeout=REQUEST_TIMEOUT
            ).values()
            return len(future.result().members)

    def value_limits(self, topics: Iterable[str]) -> dict[str, int]:
        """The largest value that each topic takes, in bytes.

        Raises StopError for a topic that is compacted: it would lose all but the last message of a
        key.
        """
        resources = [ConfigResource(ResourceType.TOPIC, topic) for topic in topics]
        limits = {}
        for resource, future in self._client.describe_configs(resources).items():
            limit = DEFAULT_TOPIC_LIMIT
            try:
                config = future.result()
                limit = int(config["max.message.bytes"].value)
                if "compact" in config["cleanup.policy"].value:
                    raise StopError(
                        f"the topic {resource.name} is compacted, and loses messages: set its"
                        " cleanup.policy to delete"
                    )
            except KafkaException as error:
                if error.args[0].code() not in FORBIDDEN:
                    raise classified(error.args[0]) from error
            limits[resource.name] = limit - RECORD_OVERHEAD
        return limits


def check(settings: Settings) -> None:
    """Ask for an answer. Raises OutageError, StopError, UnreachableError."""
    Admin(settings).check()
