"""Questions and orders to the cluster: its topics, how far they go, what they take."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from confluent_kafka import (
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AclOperation,
    AdminClient,
    ConfigResource,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

from ingest.errors import OutageError, SettingsError, StopError
from ingest.kafka.client import FORBIDDEN, REQUEST_TIMEOUT, classified, configuration
from ingest.kafka.reached import meaning
from ingest.kafka.rights import TOPIC
from ingest.settings import Settings

# How long the first answer may take, in seconds. Whoever is told to stop meanwhile waits for it.
CHECK_TIMEOUT = 5.0
# Of a group that nobody has asked for since its broker came: it is found in a moment.
COORDINATOR_COMES = (
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
)
# Room for the key, the headers and the record batch around a message's value, in bytes.
RECORD_OVERHEAD = 2_000


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

        Raises UnreachableError, also for a wrong password, an unknown host, or TLS that fails.
        """
        with self._asked():
            self._client.list_topics(timeout=CHECK_TIMEOUT)

    @contextmanager
    def _asked(self, resource: str = "") -> Iterator[None]:
        """A block in which Kafka's errors become ours; the client's own errors say more of them."""
        try:
            yield
        except KafkaException as error:
            self._client.poll(0)  # has them told
            raise (
                meaning(self._settings, self._errors)
                or self._silence(error.args[0])
                or classified(error.args[0], resource)
            ) from error

    def _silence(self, error: KafkaError) -> OutageError | None:
        """What to look at where nobody answers."""
        if error.code() != KafkaError._TRANSPORT:
            return None
        where, said = self._settings.bootstrap_servers, error.str()
        return OutageError(
            "Kafka", f"no answer from {where}: see KAFKA_HOST and KAFKA_PORT if it is up ({said})"
        )

    def operations(self, kind: str, name: str) -> set[str]:
        """What we may do with a topic or a group, in the words of Kafka's documents."""
        deadline = time.monotonic() + CHECK_TIMEOUT
        with self._asked(f"{kind} {name}"):
            while True:
                try:
                    allowed = self._description(kind, name).authorized_operations
                    break
                except KafkaException as error:
                    code = error.args[0].code()
                    if code in FORBIDDEN:
                        return set()
                    if code not in COORDINATOR_COMES or time.monotonic() > deadline:
                        raise
                time.sleep(0.1)
        # Of brokers that do not tell them there are none: the first use will show.
        return {word.name.title().replace("_", "") for word in allowed or AclOperation}

    def _description(self, kind: str, name: str) -> Any:
        options: Any = {
            "include_authorized_operations": True,
            "request_timeout": REQUEST_TIMEOUT,
        }
        futures: Any = (
            self._client.describe_topics(TopicCollection([name]), **options)
            if kind == TOPIC
            else self._client.describe_consumer_groups([name], **options)
        )
        return futures[name].result()

    def create_topics(self, wanted: Iterable[NewTopicSpec]) -> list[str]:
        """Make the topics that are missing; returns their names when a broker knows them."""
        with self._asked():
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
                    raise classified(error.args[0], f"topic {name}") from error
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
        with self._asked(f"topic {topic}"):
            (future,) = self._client.describe_topics(
                TopicCollection([topic]), request_timeout=REQUEST_TIMEOUT
            ).values()
            return str(future.result().topic_id)

    def partitions(self, topic: str) -> list[int]:
        """The numbers of its partitions."""
        with self._asked(f"topic {topic}"):
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
        with self._asked(f"topic {topic}"):
            found = self._client.list_offsets(
                wanted, isolation_level=level, request_timeout=REQUEST_TIMEOUT
            )
            return {place.partition: future.result().offset for place, future in found.items()}

    def group_members(self, group: str) -> int:
        """How many members the group has."""
        with self._asked(f"group {group}"):
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
            with self._asked(f"topic {resource.name}"):
                config = future.result()
            if "compact" in config["cleanup.policy"].value:
                raise StopError(
                    f"the topic {resource.name} is compacted, and loses messages: set its"
                    " cleanup.policy to delete"
                )
            limits[resource.name] = int(config["max.message.bytes"].value) - RECORD_OVERHEAD
        return limits


def check(settings: Settings) -> None:
    """Ask for an answer. Raises OutageError, StopError, UnreachableError."""
    Admin(settings).check()
