"""`ingest repair`: have the models read events again, as if they came now.

For after a fix in a model or macro: every table makes the touched keys anew, which costs what the
events cost when they first came, not a full refresh.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.errors import StopError
from ingest.messages import EPOCH
from ingest.postgres import Postgres
from ingest.settings import Settings
from ingest.store import HOLD_POSITIONS

# Event ids begin with the milliseconds of sent_dttm, so a date is a range of the primary key.
INSERT_RELOADS = """
insert into stg.event_reloads (event_id)
select event_id
from stg.order_events
where
    object_id = any(%(orders)s)
    or payload #>> '{payload,user,id}' = any(%(users)s)
    or payload #>> '{payload,restaurant,id}' = any(%(restaurants)s)
    or event_id >= %(since)s::uuid
    or (
        cardinality(%(products)s::text[]) > 0
        and exists (
            select from jsonb_array_elements(payload #> '{payload,order_items}') as item
            where item ->> 'id' = any(%(products)s)
        )
    )
order by event_no
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
        milliseconds = (keys.since - EPOCH) // (datetime.resolution * 1000)
        since = f"{milliseconds << 80:032x}"
    values = {
        "orders": list(keys.orders),
        "users": list(keys.users),
        "restaurants": list(keys.restaurants),
        "products": list(keys.products),
        "since": since,
    }
    with Postgres(settings, "ingest repair") as postgres, postgres.transaction() as cursor:
        cursor.execute(HOLD_POSITIONS)
        cursor.execute(INSERT_RELOADS, values)
        return cursor.rowcount
