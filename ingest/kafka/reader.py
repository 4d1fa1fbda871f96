"""Reads what is committed in a topic, without a group: all of it, or its last messages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from ingest.errors import OutageError
from ingest.kafka.admin import Admin
from ingest.kafka.client import ANSWER_TIMEOUT, REQUEST_TIMEOUT, configuration, guarded, within
from ingest.kafka.message import sent_at
from ingest.settings import Settings

# How far before the end to start looking; transaction markers and aborted records are there too.
FIRST_STEP = 16
CHUNK = 1000
# In kilobytes: what is fetched ahead of us.
FETCHED_AHEAD = 4096
# In milliseconds: after which a broker says that a partition ends here.
END_WAIT = 20
# In seconds: how long a look for messages takes that brings fewer than CHUNK.
LOOK = 0.05


def read_all(settings: Settings, admin: Admin, topic: str) -> Iterator[Message]:
    """Every committed message up to the present end; in order within a partition.

    Raises OutageError, or StopError if the topic is missing.
    """
    numbers = admin.partitions(topic)
    begin, ends = admin.beginnings(topic, numbers), admin.ends(topic, numbers)
    with _consumer(settings) as consumer:
        consumer.assign([TopicPartition(topic, number, begin[number]) for number in numbers])
        yield from _until(consumer, {n: end for n, end in ends.items() if end > begin[n]})


def last_messages(
    settings: Settings,
    admin: Admin,
    topic: str,
    is_ours: Callable[[Message], bool],
    longest: int,
) -> list[Message]:
    """For each partition that has messages the last one that is ours, else the last one.

    Among messages that are not ours it is looked for in the last `longest` offsets. Raises as
    `read_all`.
    """
    found: list[Message] = []
    numbers = admin.partitions(topic)
    begin, ends = admin.beginnings(topic, numbers), admin.ends(topic, numbers)
    with _consumer(settings) as consumer:
        for number in numbers:
            span = (begin[number], ends[number])
            last = _last(consumer, topic, number, span, is_ours, longest)
            if last is not None:
                found.append(last)
    return found


def first_times(
    settings: Settings,
    topic: str,
    spans: dict[int, tuple[int, int]],
    *,
    committed: bool = True,
) -> dict[int, float | None]:
    """When the first message between two offsets of each partition was sent, as a Unix time.

    None for one without a timestamp; left out are partitions that hold no message there, but
    aborted ones and markers. Without `committed` those of open transactions count too. Raises
    OutageError or StopError.
    """
    found: dict[int, float | None] = {}
    with _consumer(settings, committed=committed) as consumer:
        consumer.assign([TopicPartition(topic, n, begin) for n, (begin, _) in spans.items()])
        for message in _until(consumer, {n: end for n, (_, end) in spans.items()}, first=True):
            found[message.partition() or 0] = sent_at(message)
    return found


def is_open(admin: Admin, topic: str) -> bool:
    """Whether a transaction is open in the topic, so that what lies behind cannot be read."""
    numbers = admin.partitions(topic)
    return admin.ends(topic, numbers) != admin.ends(topic, numbers, committed=False)


@contextmanager
def _consumer(settings: Settings, *, committed: bool = True) -> Iterator[Consumer]:
    consumer = Consumer(
        {
            **configuration(settings),
            "group.id": "unused",  # required; nothing is ever committed here
            "isolation.level": "read_committed" if committed else "read_uncommitted",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "queued.max.messages.kbytes": FETCHED_AHEAD,
            "fetch.wait.max.ms": END_WAIT,
        }
    )
    try:
        with guarded():
            yield consumer
    finally:
        with suppress(TimeoutError):
            within(ANSWER_TIMEOUT, consumer.close)


def _last(
    consumer: Consumer,
    topic: str,
    number: int,
    span: tuple[int, int],
    is_ours: Callable[[Message], bool],
    longest: int,
) -> Message | None:
    """The last message of a partition that is ours, else the last one.

    From the end in ever longer steps: to the beginning, if all that comes was aborted.
    """
    begin, start = span
    first, step = max(begin, start - longest), FIRST_STEP
    other: Message | None = None
    while start > (begin if other is None else first):
        end, start = start, max(begin, start - step)
        consumer.assign([TopicPartition(topic, number, start)])
        ours = None
        for message in _until(consumer, {number: end}):
            if is_ours(message):
                ours = message
            else:
                other = message
        if ours is not None:
            return ours
        step *= 4
    return other


def _until(consumer: Consumer, ends: dict[int, int], *, first: bool = False) -> Iterator[Message]:
    """The messages before the partitions' ends: Kafka's own ends move while others write.

    With `first` only the first one of each partition.
    """
    unfinished = set(ends)
    idle = 0.0
    while unfinished:
        messages = consumer.consume(CHUNK, LOOK)
        idle = 0.0 if messages else idle + LOOK
        if idle > REQUEST_TIMEOUT:
            raise OutageError("Kafka", "a topic cannot be read to its end")
        for message in messages:
            error = message.error()
            if error and error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED:
                continue  # the client asks for a coordinator of its own accord; we need none
            if error and error.code() != KafkaError._PARTITION_EOF:
                raise KafkaException(error)
            number, offset = message.partition() or 0, message.offset() or 0
            if number not in unfinished:
                continue
            if error is None and offset < ends[number]:
                yield message
                if first:
                    unfinished.discard(number)
                    continue
            # The last offsets may belong to transaction markers, which nobody is given. A leader
            # that is new says too early that there is no more.
            if offset >= ends[number] - (0 if error else 1):
                unfinished.discard(number)
