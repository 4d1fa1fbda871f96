"""What one poll of a consumer brought: messages, and where partitions end or cannot be read."""

import logging
from dataclasses import dataclass, field

from confluent_kafka import KafkaError, Message

from ingest.kafka.client import classified
from ingest.kafka.message import place_of

log = logging.getLogger(__name__)

# Of a partition whose position the client has lost.
NO_POSITION = (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE)
# Of messages that nobody can decode: too large when they are, or damaged.
UNDECODABLE = (KafkaError._BAD_COMPRESSION, KafkaError._BAD_MSG)


@dataclass
class Fetched:
    """What one poll brought.

    `places` are the partitions and offsets of the messages. `ends` has for each partition the
    offset after the last message, or after what follows it that nobody is given: markers and
    aborted messages.
    """

    messages: list[Message] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)
    ends: dict[int, int] = field(default_factory=dict)
    exhausted: set[int] = field(default_factory=set)  # partitions that end here for now
    undecodable: dict[int, tuple[int, str]] = field(default_factory=dict)  # offset, what is wrong
    lost_position: bool = False  # of a partition, which somebody has to start again


def fetched_of(messages: list[Message]) -> Fetched:
    """Messages and the client's events among them. Raises OutageError or StopError."""
    fetched = Fetched()
    if not any([message.error() for message in messages]):
        fetched.messages, fetched.places = messages, list(map(place_of, messages))
        ends = dict(fetched.places)
        fetched.ends = {partition: offset + 1 for partition, offset in ends.items()}
        return fetched
    for message in messages:
        error = message.error()
        partition, offset = place_of(message)
        if error is None:
            fetched.messages.append(message)
            fetched.places.append((partition, offset))
            fetched.ends[partition] = offset + 1
        elif error.code() == KafkaError._PARTITION_EOF:
            fetched.ends[partition] = offset
            fetched.exhausted.add(partition)
        elif error.code() in NO_POSITION:
            log.info("%s [%d]: %s", message.topic(), partition, error.str())
            fetched.lost_position = True
        elif error.code() in UNDECODABLE:
            fetched.undecodable[partition] = (offset, error.str())
            fetched.lost_position = True
        else:
            raise classified(error)
    return fetched
