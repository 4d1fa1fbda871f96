"""Rows of each table, from the messages that are their copies: what `ingest recover` puts back."""

import io
from collections.abc import Callable, Iterator

from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import execute_values

from ingest import dead_letters
from ingest.kafka.message import Received
from ingest.orders import events, outbox

# Rows, and bytes of them, that are handed to the server at once.
MOST_ROWS = 10_000
MOST_BYTES = 8_000_000

# Events: all above the promise make room for the positions of what was published.
PUT_BACK_EVENTS = f"""
create temporary table published on commit drop as
select distinct on (event_id) * from read_events order by event_id, position desc;

create temporary table unpublished on commit drop as
select event_id, position from stg.order_events where position > %(promised)s;

-- Of a table that is only here: Citus would draw on its workers.
create temporary table moved on commit drop as
select event_id, nextval('stg.positions') as position
from (select event_id from unpublished order by position) as o;

update stg.order_events as stored
set position = moved.position
from moved
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

create temporary table last_events on commit drop as
select distinct on (stored.object_id) stored.event_id
from touched_orders
inner join stg.order_events as stored on touched_orders.order_id = stored.object_id
where stored.object_type = 'order'
order by stored.object_id, stored.position desc;

insert into stg.event_reloads (event_id) select event_id from last_events;
"""
COUNT_STATES = "select count(*) from published_states"

Line = Callable[[Received], bytes | None]


def put_back_events(cursor: Cursor, published: Iterator[Received], promised: int) -> int:
    """Into stg.order_events what was published behind `promised`; returns how many rows."""
    cursor.execute("create temporary table read_events (like stg.order_events) on commit drop")
    _copy(cursor, f"read_events ({events.RESTORED_COLUMNS})", published, events.restored_line)
    cursor.execute(PUT_BACK_EVENTS, {"promised": promised})
    return _count(cursor, COUNT_EVENTS)


def put_back_letters(cursor: Cursor, published: Iterator[Received], promised: int) -> int:
    """Into stg.dead_letters what was published behind `promised`; returns how many rows."""
    cursor.execute(MOVE_LETTERS, (promised,))
    rows = {}
    for message in published:
        if row := dead_letters.row_of(message):
            rows[row["position"]] = tuple(row[name] for name in LETTER_COLUMNS.split(", "))
    execute_values(cursor, PUT_BACK_LETTERS, list(rows.values()), page_size=100)
    return len(rows)


def put_back_outbox(cursor: Cursor, published: Iterator[Received], promised: int) -> int:
    """Into dds.outbox what was published behind `promised`; returns how many rows."""
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
