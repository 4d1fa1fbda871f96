"""What each command must be allowed to do in Kafka: the ACLs that its user needs."""

from dataclasses import dataclass

from ingest.settings import Settings

# Read and Write imply Describe.
READ, WRITE, CREATE = "Read", "Write", "Create"
DESCRIBE, DESCRIBE_CONFIGS = "Describe", "DescribeConfigs"
TOPIC, GROUP, TRANSACTIONAL_ID = "topic", "group", "transactional ids that begin with"

COMMANDS = ("stg", "dds", "cdm", "emit", "init", "status", "dead-letters replay", "recover", "seek")


@dataclass(frozen=True)
class Right:
    """Operations on one resource, as Kafka calls them."""

    kind: str
    name: str
    operations: tuple[str, ...]

    def __str__(self) -> str:
        """For a person."""
        return f"{' and '.join(self.operations)} on the {self.kind} {self.name}"


def rights(settings: Settings, command: str) -> list[Right]:
    """The rights that a command needs, each resource once."""
    source, onward = settings.kafka_stg_src_topic, settings.kafka_stg_dst_topic
    letters, closed = settings.dead_letter_topic, settings.kafka_dds_dst_topic
    if command == "stg":
        return [
            Right(TOPIC, source, (READ, DESCRIBE_CONFIGS)),
            Right(GROUP, settings.kafka_stg_consumer_group, (READ,)),
            *_published(onward, letters),
            Right(TOPIC, closed, (DESCRIBE, DESCRIBE_CONFIGS)),
            Right(TRANSACTIONAL_ID, settings.stg_transactional_id, (WRITE,)),
        ]
    if command == "emit":
        own_id = Right(TRANSACTIONAL_ID, settings.dds_transactional_id, (WRITE,))
        return [*_published(closed), own_id]
    if command == "dds":
        woken = _woken(settings.kafka_dds_src_topic, settings.kafka_dds_consumer_group)
        return [*woken, *rights(settings, "emit")]
    if command == "cdm":
        return _woken(settings.kafka_cdm_src_topic, settings.kafka_cdm_consumer_group)
    if command == "dead-letters replay":
        names = (source, onward, letters, closed)
        return [Right(TOPIC, name, (DESCRIBE_CONFIGS,)) for name in names]
    if command in ("recover", "seek"):
        of_emit = rights(settings, "emit")
        sent = {right.name for right in of_emit}
        return [*(r for r in rights(settings, "stg") if r.name not in sent), *of_emit]
    return _seen(settings) if command == "status" else _made(settings)


def _published(*topics: str) -> list[Right]:
    return [
        *(Right(TOPIC, topic, (READ, WRITE, DESCRIBE_CONFIGS)) for topic in topics),
        *(Right(TOPIC, f"{topic}.progress", (READ, WRITE)) for topic in topics),
    ]


def _woken(topic: str, group: str) -> list[Right]:
    return [Right(TOPIC, topic, (READ,)), Right(GROUP, group, (READ,))]


def _own_topics(settings: Settings) -> list[str]:
    return [settings.kafka_stg_dst_topic, settings.dead_letter_topic, settings.kafka_dds_dst_topic]


def _seen(settings: Settings) -> list[Right]:
    own = _own_topics(settings)
    read = [settings.kafka_stg_src_topic, *(f"{topic}.progress" for topic in own)]
    return [
        *(Right(TOPIC, topic, (READ,)) for topic in read),
        *(Right(TOPIC, topic, (DESCRIBE,)) for topic in own),
    ]


def _made(settings: Settings) -> list[Right]:
    own = _own_topics(settings)
    topics = [settings.kafka_stg_src_topic, *own, *(f"{topic}.progress" for topic in own)]
    return [Right(TOPIC, topic, (CREATE, DESCRIBE, DESCRIBE_CONFIGS)) for topic in topics]
