"""Batches as a loader hands them to `ingest.store`, made by hand."""

from collections import Counter
from collections.abc import Iterable

from ingest.dead_letters import Rejected
from ingest.kafka.admin import Admin
from ingest.kafka.message import Received
from ingest.orders.decode import decode
from ingest.orders.events import event
from ingest.reasons import Reason
from ingest.store import Batch, Source
from tests.world import World, encoded, order


def ready(world: World) -> Source:
    """What a loader knows of its topic when it has begun: the server is compared then."""
    assert world.stg() == Counter()
    settings = world.settings
    topic = settings.kafka_stg_src_topic
    gates = [settings.kafka_stg_dst_topic, settings.dead_letter_topic]
    return Source(topic, Admin(settings).topic_id(topic), gates)


def batch_of(
    world: World,
    numbers: Iterable[int],
    began: int,
    *,
    partition: int = 0,
    bad: tuple[int, ...] = (),
) -> Batch:
    """Orders by their numbers, at the offsets from `began` on; those in `bad` are dead letters."""
    topic, source = world.settings.kafka_stg_src_topic.encode(), Received()
    events, rejected, offset = [], [], began
    for number in numbers:
        raw = encoded(order(number))
        if number in bad:
            rejected.append(Rejected(partition, offset, Reason.UNKNOWN_USER, "user-1", None))
        else:
            where = (topic, partition, offset)
            events.append((source, event(raw, decode(raw, world.settings.limits), raw, where)))
        offset += 1
    return Batch({partition: began}, {partition: offset}, events, rejected, [])
