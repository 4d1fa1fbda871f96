"""The transactional producer when another one has taken its transactional.id."""

from collections.abc import Iterator

import pytest

from ingest.errors import StopError
from ingest.kafka.producer import Record, TransactionalProducer
from ingest.kafka.source import Source
from tests.world import World, encoded, order


def test_a_producer_that_is_fenced_off_in_a_transaction_can_be_opened_again(world: World) -> None:
    """Closing it fails too: it cannot end a transaction that is not its own any more."""
    world.send(encoded(order(1)))
    record = Record(world.settings.kafka_stg_dst_topic, b"k", b"{}", [])
    source_topic = world.settings.kafka_stg_src_topic

    def until_taken_over() -> Iterator[Record]:
        yield record
        second.open()

    with (
        Source(world.settings, [source_topic], world.name) as source,
        TransactionalProducer(world.settings, world.name) as first,
        TransactionalProducer(world.settings, world.name) as second,
    ):
        first.send([record])
        while not (batch := source.poll(1)).deliveries:
            pass
        with pytest.raises(StopError, match="fenced this one off"):
            first.send(until_taken_over(), batch.offsets, batch.group)  # type: ignore[arg-type]
        first.reopen()
        first.send([record], batch.offsets, batch.group)
    assert len(world.topic(world.settings.kafka_stg_dst_topic)) == 2
