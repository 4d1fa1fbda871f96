"""`ingest seek`: where reading a topic, or publishing into it, goes on."""

from collections.abc import Iterator

from ingest.errors import SettingsError, StopError
from ingest.kafka.admin import Admin
from ingest.postgres import Postgres
from ingest.publication import Publication
from ingest.publications import all_publications
from ingest.publish import PROMISE, Publisher
from ingest.settings import Settings
from ingest.store import without_conflict

# Another id of the topic too: this says that the new topic is the one to read.
SET_PROGRESS = """
insert into stg.source_progress (kafka_topic, kafka_partition, topic_id, next_offset)
values (%s, %s, %s, %s)
on conflict (kafka_topic, kafka_partition) do update
set
    topic_id = excluded.topic_id,
    next_offset = excluded.next_offset,
    updated_at = now() at time zone 'UTC'
"""


def run(settings: Settings, topic: str, partition: int | None, to: str) -> Iterator[str]:
    """Move it; yields a line for each partition. Raises StopError or OutageError."""
    if topic == settings.kafka_stg_src_topic:
        yield from _seek_source(settings, partition, to)
        return
    for publication in all_publications(settings):
        if publication.topic == topic:
            if partition is not None:
                raise SettingsError(f"--partition: {topic} has one position for all of them")
            yield _seek_publication(settings, publication, to)
            return
    known = [settings.kafka_stg_src_topic, *(p.topic for p in all_publications(settings))]
    raise SettingsError(f"{topic} is none of our topics: {', '.join(known)}")


def _seek_source(settings: Settings, partition: int | None, to: str) -> Iterator[str]:
    """What is read again are repeats, and change nothing. A running `ingest stg` notices."""
    topic, admin = settings.kafka_stg_src_topic, Admin(settings)
    numbers = admin.partitions(topic)
    if partition is not None and partition not in numbers:
        raise SettingsError(f"--partition: {topic} has the partitions {numbers}")
    wanted = numbers if partition is None else [partition]
    topic_id = admin.topic_id(topic)
    lowest, highest = admin.beginnings(topic, wanted), admin.ends(topic, wanted, committed=False)
    moved = {}
    for number in wanted:
        offset = {"beginning": lowest[number], "end": highest[number]}.get(to, _number(to))
        if not lowest[number] <= offset <= highest[number]:
            raise SettingsError(
                f"--to: {topic} [{number}] has the offsets {lowest[number]} to {highest[number]}"
            )
        moved[number] = offset
    with Postgres(settings, "ingest seek") as postgres:

        def move() -> None:
            with postgres.transaction() as cursor:
                for number, offset in sorted(moved.items()):
                    cursor.execute(SET_PROGRESS, (topic, number, topic_id, offset))

        without_conflict(postgres, move)
    for number, offset in sorted(moved.items()):
        yield f"{topic} [{number}] is read from offset {offset}"


def _seek_publication(settings: Settings, publication: Publication, to: str) -> str:
    """Rows above the position are published, whatever was; rows below it never again."""
    with (
        Postgres(settings, "ingest seek") as postgres,
        Publisher(settings, publication, postgres) as publisher,
    ):
        if not postgres.value(publication.exists):
            raise StopError(f"there is no {publication.table} yet")
        if not publisher.take_over(compare=False):
            raise StopError(f"somebody publishes {publication.topic}: stop it first")
        end = postgres.value(publication.cut)
        position = {"beginning": 0, "end": end}.get(to, _number(to))
        if not 0 <= position <= end:
            raise SettingsError(f"--to: the positions of {publication.table} go from 0 to {end}")
        postgres.query(PROMISE, position, publication.topic)
        publisher.send_position(position)
    return f"{publication.topic} is published from position {position} of {publication.table} on"


def _number(to: str) -> int:
    return int(to) if to.isascii() and to.isdigit() else -1
