"""Have the consumer group and the warehouse read the same messages of the source?

Postgres commits first, so the warehouse is never behind the group, and ahead of it by one batch at
most. Whatever else is found comes from outside: a restore from a backup, a deleted group, an offset
that somebody moved. Going on would lose messages, or send them a second time.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ingest import deliveries
from ingest.deliveries import Delivery, Place
from ingest.errors import StopError
from ingest.kafka.reader import committed_offsets, read_all
from ingest.postgres import Postgres
from ingest.settings import Settings

SELECT_PROGRESS = """
select kafka_topic, kafka_partition, next_offset from stg.source_progress
"""


@dataclass
class Agreement:
    """The check, and what it needs for it."""

    settings: Settings
    postgres: Postgres
    beat: Callable[[], object] = lambda: None  # called while it reads, which may take long

    def check(self, committed: dict[Place, int | None]) -> None:
        """Raise StopError if the committed offsets do not fit what the warehouse has loaded."""
        group = self.settings.kafka_stg_consumer_group
        loaded = loaded_offsets(self.postgres)
        all_sent: dict[Place, int] | None = None
        committed_since: dict[Place, int | None] = {}
        for place, offset in committed.items():
            where, reached = f"{place[0]} [{place[1]}]", loaded.get(place, 0)
            if offset is not None and offset > reached:
                raise StopError(
                    f"the group {group} has read {where} up to offset {offset}, but the warehouse"
                    f" has loaded it up to {reached} only: it was restored from a backup, or it is"
                    " another one. Run `ingest recover`."
                )
            # One batch may be stored and not sent. Beyond that, the topics have to tell.
            is_doubtful = (
                offset is None or not loaded or reached - offset > self.settings.batch_size
            )
            if not is_doubtful:
                continue
            if all_sent is None:  # read anew each time: others send on what they read
                all_sent = sent_offsets(self.settings, self.beat)
                # Asked anew after that: if we are not in the group any more, it goes on without us.
                topics = sorted({topic for topic, _ in committed})
                # Of these only: others' may be in a transaction that nobody ends.
                committed_since = committed_offsets(self.settings, group, topics, only=committed)
            offset = committed_since.get(place)
            if all_sent.get(place, 0) <= (offset or 0):
                continue
            sent = f"messages up to offset {all_sent[place]} have been sent on already"
            if offset is None:
                raise StopError(
                    f"the group {group} has no offset in {where}, but {sent}: it was deleted, or"
                    " has expired. Run `ingest recover`."
                )
            raise StopError(
                f"the group {group} stands at offset {offset} of {where}, but {sent}: its offset"
                " was moved back, or the warehouse is another one. Run `ingest recover`."
            )


def loaded_offsets(postgres: Postgres) -> dict[Place, int]:
    """For each partition that the warehouse has loaded from: the next offset."""
    rows = postgres.query(SELECT_PROGRESS)
    return {(topic, partition): offset for topic, partition, offset in rows}


def sent_offsets(settings: Settings, beat: Callable[[], object] = lambda: None) -> dict[Place, int]:
    """For each partition that is read: the offset after the last message that was sent on."""
    reached: dict[Place, int] = {}
    for topic, place_of in (
        (settings.kafka_stg_dst_topic, source_of),
        (settings.dead_letter_topic, failed_of),
    ):
        for delivery in read_all(settings, topic):
            beat()
            name, partition, offset = place_of(delivery)
            reached[name, partition] = max(reached.get((name, partition), 0), offset + 1)
    return reached


def source_of(delivery: Delivery) -> tuple[str, int, int]:
    """Which delivery stored the event of a message of the onward topic: its headers say."""
    return _coordinates(
        delivery, deliveries.SOURCE_TOPIC, deliveries.SOURCE_PARTITION, deliveries.SOURCE_OFFSET
    )


def origin_of(delivery: Delivery) -> tuple[str, int, int]:
    """Where the message first came that a record of the dead letter topic copies."""
    return _coordinates(
        delivery, deliveries.ORIGIN_TOPIC, deliveries.ORIGIN_PARTITION, deliveries.ORIGIN_OFFSET
    )


def failed_of(delivery: Delivery) -> tuple[str, int, int]:
    """Which delivery failed that a record of the dead letter topic copies."""
    return _coordinates(
        delivery, deliveries.FAILED_TOPIC, deliveries.FAILED_PARTITION, deliveries.FAILED_OFFSET
    )


def _coordinates(
    delivery: Delivery, topic: str, partition: str, offset: str
) -> tuple[str, int, int]:
    headers = dict(delivery.headers)  # the others may hold any bytes
    try:
        values = [(headers[name] or b"").decode() for name in (topic, partition, offset)]
        return values[0], int(values[1]), int(values[2])
    except (KeyError, ValueError):
        where = f"{delivery.topic} [{delivery.partition}] at offset {delivery.offset}"
        raise StopError(
            f"{where}: not a message of ours, it lacks the header {topic}, {partition} or {offset}"
        ) from None
