"""A member of a consumer group, while others come and go."""

import time

from ingest.kafka.source import Source
from tests.world import World, encoded, order

# It takes five seconds; a partition that stays paused is never read.
LONGEST = 40.0


def test_a_partition_lost_during_an_outage_is_read_when_it_comes_back(world: World) -> None:
    """Kafka's client remembers that a partition is paused, also when another one has had it."""
    for partition in range(3):
        world.send(encoded(order(partition)), partition=partition)
    topics, group = [world.settings.kafka_stg_src_topic], world.settings.kafka_stg_consumer_group
    deadline = time.monotonic() + LONGEST
    with Source(world.settings, topics, group) as first:
        while not first.drained:
            first.poll(10)
        with Source(world.settings, topics, group) as second:
            while not second.poll(10).deliveries:
                first.wait(0.1)
                assert time.monotonic() < deadline, "the second one got no partition"
        first.rewind()
        read: set[int] = set()
        while read != {0, 1, 2}:
            read |= {delivery.partition for delivery in first.poll(10).deliveries}
            assert time.monotonic() < deadline, f"read only of {read}"
