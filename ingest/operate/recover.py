"""`ingest recover`: what the warehouse has lost and its topics still have, put back.

After a fail-over or a restored backup the warehouse is older than the topics, which are copies of
its tables. What was published above the promise is put back with the positions that it had, and so
is published once. What was stored since moves behind it. The models read all of it again. Where
reading of the source goes on stays: what is read again are repeats. Safe to repeat.
"""

import io
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Event as Flag

from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import execute_values

from ingest import dead_letters
from ingest.errors import StopError
from ingest.health import Loop
from ingest.kafka.admin import Admin
from ingest.kafka.message import Received
from ingest.kafka.reader import read_all
from ingest.orders import events, outbox
from ingest.postgres import END_FROZEN_WRITERS, Postgres
from ingest.publication import position_of, read_progress
from ingest.publications import all_publications
from ingest.publish import SELECT_PROMISED, Publisher
from ingest.retry import Retry
from ingest.settings import Settings
from ingest.store import HOLD_POSITIONS

log = logging.getLogger(__name__)

# Rows, and bytes of them, that are handed to the server at once.
MOST_ROWS = 10_000
MOST_BYTES = 8_000_000

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

# Events: all above the promise make room for the positions of what was published.
PUT_BACK_EVENTS = f"""
create temporary table published on commit drop as
select distinct on (event_id) * from read_events order by event_id, position desc;

update stg.order_events as stored
set position = moved.position
from (
    select event_id, nextval('stg.positions') as position
    from (
        select event_id from stg.order_events where position > %(promised)s order by position
    ) as o
) as moved
where stored.event_id = moved.event_id;

update stg.order_events as stored
set
    position = published.position,
    payload = published.payload,
    kafka_topic = published.kafka_topic,
    kafka_partition = published.kafka_partition,
    kafka_offset = published.kafka_offset,
    loaded_at = published.loaded_at
from published
where stored.event_id = published.event_id;

insert into stg.order_events ({events.RESTORED_COLUMNS})
select {events.RESTORED_COLUMNS} from published
on conflict (event_id) do nothing;

insert into stg.event_reloads (event_id)
select event_id from stg.order_events where position > %(promised)s order by position;
"""
COUNT_EVENTS = "select count(*) from published"

LETTER_COLUMNS = (
    "position, kafka_topic, topic_id, kafka_partition, kafka_offset, kafka_timestamp,"
    " message_key, message_value, message_headers, object_id,"
    " first_reason, first_detail, reason, detail, first_seen_at, next_attempt_at"
)
# Dead letters: likewise. What was done with one that was stored again since stays done.
MOVE_LETTERS = """
update stg.dead_letters as stored
set position = moved.position
from (
    select old, nextval('stg.positions') as position
    from (
        select position as old from stg.dead_letters where position > %s order by position
    ) as o
) as moved
where stored.position = moved.old
"""
PUT_BACK_LETTERS = f"""
insert into stg.dead_letters ({LETTER_COLUMNS}) values %s
on conflict on constraint dead_letters_message_key do update set position = excluded.position
"""

# dbt appends to the outbox under this lock: see macros/window.sql.
LOCK_OUTBOX = "select 1 from stg.load_state where relation = 'dds.outbox' for update"
# The outbox: rows that dbt has appended since may say what is out of date. They go, and an event of
# each order is read again: the next build decides whether there is something to send.
PUT_BACK_OUTBOX = f"""
create temporary table published_states on commit drop as
select distinct on (position) * from read_states order by position, created_at desc;

create temporary table touched_orders on commit drop as
select order_id from dds.outbox where position > %(promised)s
union
select order_id from published_states;

delete from dds.outbox where position > %(promised)s;

insert into dds.outbox ({outbox.RESTORED_COLUMNS})
select {outbox.RESTORED_COLUMNS} from published_states;

insert into stg.event_reloads (event_id)
select last.event_id
from touched_orders
cross join lateral (
    select stored.event_id
    from stg.order_events as stored
    where stored.object_id = touched_orders.order_id
    order by stored.position desc
    limit 1
) as last;
"""
COUNT_STATES = "select count(*) from published_states"

SET_PUBLISHED = """
update stg.publications
set promised = greatest(promised, %s), table_id = coalesce(%s, table_id)
where topic = %s
"""

Line = Callable[[Received], bytes | None]


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
            for publisher, put_back in zip(
                publishers, (_put_back_events, _put_back_letters, _put_back_outbox), strict=True
            ):
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


def _put_back_events(cursor: Cursor, published: Iterator[Received], promised: int) -> int:
    cursor.execute("create temporary table read_events (like stg.order_events) on commit drop")
    _copy(cursor, f"read_events ({events.RESTORED_COLUMNS})", published, events.restored_line)
    cursor.execute(PUT_BACK_EVENTS, {"promised": promised})
    return _count(cursor, COUNT_EVENTS)


def _put_back_letters(cursor: Cursor, published: Iterator[Received], promised: int) -> int:
    cursor.execute(MOVE_LETTERS, (promised,))
    rows = {}
    for message in published:
        if row := dead_letters.row_of(message):
            rows[row["position"]] = tuple(row[name] for name in LETTER_COLUMNS.split(", "))
    execute_values(cursor, PUT_BACK_LETTERS, list(rows.values()), page_size=100)
    return len(rows)


def _put_back_outbox(cursor: Cursor, published: Iterator[Received], promised: int) -> int:
    cursor.execute(LOCK_OUTBOX)
    cursor.execute("create temporary table read_states (like dds.outbox) on commit drop")
    _copy(cursor, f"read_states ({outbox.RESTORED_COLUMNS})", published, outbox.restored_line)
    cursor.execute(PUT_BACK_OUTBOX, {"promised": promised})
    return _count(cursor, COUNT_STATES)


def _copy(cursor: Cursor, table: str, published: Iterator[Received], line_of: Line) -> None:
    """Copy the rows of the messages into a table, some at a time."""
    lines: list[bytes] = []
    size = 0
    for message in published:
        if line := line_of(message):
            lines.append(line)
            size += len(line)
        if len(lines) >= MOST_ROWS or size >= MOST_BYTES:
            cursor.copy_expert(f"copy {table} from stdin", io.BytesIO(b"".join(lines)))
            lines, size = [], 0
    cursor.copy_expert(f"copy {table} from stdin", io.BytesIO(b"".join(lines)))


def _count(cursor: Cursor, statement: str) -> int:
    cursor.execute(statement)
    ((count,),) = cursor.fetchall()
    return int(count)
