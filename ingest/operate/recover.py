"""`ingest recover`: what the warehouse has lost and its topics still have, put back.

After a fail-over or a restored backup the warehouse is older than the topics, which are copies of
its tables. What was published above the promise is put back with the positions that it had, and so
is published once. What was stored since moves behind it. The models read all of it again. Where
reading of the source goes on stays: what is read again are repeats. Safe to repeat.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Event as Flag

from psycopg2.extensions import cursor as Cursor  # noqa: N812

from ingest.errors import StopError
from ingest.health import Loop
from ingest.kafka.admin import Admin
from ingest.kafka.message import Received
from ingest.kafka.reader import read_all
from ingest.operate.put_back import put_back_events, put_back_letters, put_back_outbox
from ingest.postgres import END_FROZEN_WRITERS, Postgres
from ingest.publication import position_of, read_progress
from ingest.publications import all_publications
from ingest.publish import SELECT_PROMISED, Publisher
from ingest.retry import Retry
from ingest.settings import Settings
from ingest.store import HOLD_POSITIONS

log = logging.getLogger(__name__)

# Nobody writes events or dead letters until a publisher has compared this server again.
CLOSE_GATE = "update stg.publications set compared_with = null"
COUNT_WRITERS = """
select count(*)
from pg_locks
where
    locktype = 'advisory'
    and objsubid = 1
    and database = (select oid from pg_database where datname = current_database())
"""

SET_SEQUENCE = """
select setval('stg.positions', greatest(%s, (select last_value from stg.positions)))
"""

SET_PUBLISHED = """
update stg.publications
set promised = greatest(promised, %s), table_id = coalesce(%s, table_id)
where topic = %s
"""

# In the order of `all_publications`.
PUT_BACK = (put_back_events, put_back_letters, put_back_outbox)


def run(settings: Settings) -> Iterator[str]:
    """Put back what is missing; yields a line for each table. Raises StopError, OutageError."""
    Retry(settings, Flag(), Loop(), settings.max_outage_seconds).until_up("Kafka", "Postgres")
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres(settings, "ingest recover", patient=True))
        publishers = [
            stack.enter_context(Publisher(settings, publication, postgres))
            for publication in all_publications(settings)
        ]
        for publisher in publishers:
            publication = publisher.publication
            if not postgres.value(publication.exists):
                continue
            if not publisher.take_over(compare=False):
                raise StopError(f"somebody publishes {publication.topic}: stop all services first")
        if Admin(settings).group_members(settings.kafka_stg_consumer_group):
            raise StopError(
                f"the consumer group {settings.kafka_stg_consumer_group} has members: stop all"
                " services first. Of one that was killed Kafka takes a moment to forget."
            )
        postgres.query(CLOSE_GATE)
        _wait_for_writers(postgres)
        with postgres.transaction() as cursor:
            cursor.execute(HOLD_POSITIONS)
            for publisher, put_back in zip(publishers, PUT_BACK, strict=True):
                yield _recovered(settings, cursor, publisher, put_back)


def _wait_for_writers(postgres: Postgres) -> None:
    while postgres.value(COUNT_WRITERS):
        postgres.query(END_FROZEN_WRITERS)
        time.sleep(0.1)


def _recovered(
    settings: Settings,
    cursor: Cursor,
    publisher: Publisher,
    put_back: Callable[[Cursor, Iterator[Received], int], int],
) -> str:
    publication = publisher.publication
    admin = Admin(settings)
    progress = read_progress(settings, admin, publication)
    if publisher.position < 0:
        missing = " Build it, and run this again." if progress else ""
        return f"{publication.table} does not exist.{missing}"
    cursor.execute(SELECT_PROMISED, (publication.topic,))
    ((promised,),) = cursor.fetchall()
    is_same = progress is None or progress.table in (None, publisher.table)
    if progress is None or (progress.position <= promised and is_same):
        return f"{publication.table} lacks nothing of {publication.topic}"
    if not is_same:
        promised = 0
    cursor.execute(SET_SEQUENCE, (progress.position,))
    skipped, reached = 0, progress.position

    def published() -> Iterator[Received]:
        nonlocal skipped, reached
        for message in read_all(settings, admin, publication.topic):
            position = position_of(message)
            skipped += position < 0
            reached = max(reached, position)
            if position > promised:
                yield message

    count = put_back(cursor, published(), promised)
    if skipped:
        log.warning("skipped %d messages of %s that are not ours", skipped, publication.topic)
    table_id = str(progress.table) if progress.table else None
    cursor.execute(SET_PUBLISHED, (reached, table_id, publication.topic))
    return f"{count:,} rows of {publication.table} put back, published behind position {promised}"
