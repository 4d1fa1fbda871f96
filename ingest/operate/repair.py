"""`ingest repair`: have the models read events again, as if they came now.

For after a fix in a model or macro: every table makes the touched keys anew, which costs what they
cost when they first came, not a full refresh. Rows of keys that no event bears any more, because
the mistake was in a key, only a full refresh takes away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg2 import sql

from ingest.errors import StopError
from ingest.orders.values import EPOCH
from ingest.postgres import Postgres
from ingest.settings import Settings
from ingest.store import HOLD_POSITIONS

# How to find events. Only the ways that are asked for are gone: an order's is an index, a date's
# too, because event ids begin with the milliseconds of sent_dttm; the others read the whole table.
WAYS = {
    "orders": sql.SQL("object_id = any(%(orders)s)"),
    "since": sql.SQL("event_id >= %(since)s::uuid"),
    "users": sql.SQL("payload #>> '{payload,user,id}' = any(%(users)s)"),
    "restaurants": sql.SQL("payload #>> '{payload,restaurant,id}' = any(%(restaurants)s)"),
    "products": sql.SQL(
        "exists (select from jsonb_array_elements(payload #> '{payload,order_items}') as item"
        " where item ->> 'id' = any(%(products)s))"
    ),
}
SELECT_EVENTS = sql.SQL("select event_id, position from stg.order_events where {}")

# In one transaction: while it lasts, no model reads positions that were drawn after it began.
CHUNK = 10_000

INSERT_RELOADS = """
insert into stg.event_reloads (event_id)
select event_id
from stg.order_events
where event_id = any(%s::uuid[])
order by position
"""


@dataclass(frozen=True)
class Keys:
    """Which events: those of any of these keys, or sent since a time in UTC."""

    orders: Sequence[int] = ()
    users: Sequence[str] = ()
    restaurants: Sequence[str] = ()
    products: Sequence[str] = ()
    since: datetime | None = None


def run(settings: Settings, keys: Keys) -> int:
    """Give the events new positions; returns how many. Raises StopError, OutageError."""
    if keys == Keys():
        raise StopError("name what to repair: --order, --user, --restaurant, --product or --since")
    since = None
    if keys.since is not None:
        milliseconds = max(0, (keys.since - EPOCH) // (datetime.resolution * 1000))
        since = f"{milliseconds << 80:032x}"
    values = {
        "orders": list(keys.orders),
        "users": list(keys.users),
        "restaurants": list(keys.restaurants),
        "products": list(keys.products),
        "since": since,
    }
    ways = [SELECT_EVENTS.format(WAYS[name]) for name, value in values.items() if value]
    with Postgres(settings, "ingest repair", patient=True) as postgres:
        rows = postgres.query(sql.SQL(" union ").join(ways), **values)
        found = [event_id for event_id, _ in sorted(rows, key=lambda row: row[1])]
        for start in range(0, len(found), CHUNK):
            with postgres.transaction() as cursor:
                cursor.execute(HOLD_POSITIONS)
                cursor.execute(INSERT_RELOADS, (found[start : start + CHUNK],))
    return len(found)
