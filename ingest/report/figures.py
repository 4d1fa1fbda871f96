"""What the page counts: events over time, orders by status, who and what leads, dead letters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ingest.operate.counts import open_letters
from ingest.postgres import Postgres
from ingest.reasons import Reason

# So many of the last events are looked at: there is no index by time, and needs to be none.
LATEST_EVENTS = 100_000
# What one column of the chart may stand for; the first that needs no more than so many columns.
WIDTHS = tuple(
    timedelta(seconds=seconds)
    for seconds in (1, 2, 5, 10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 86_400)
)
MOST_COLUMNS = 72
LONGEST_LIST = 7

IS_BUILT = "select to_regclass('marts.user_products') is not null"

SELECT_SPAN = f"""
select min(loaded_at), max(loaded_at), count(*)
from (
    select loaded_at from stg.order_events order by position desc limit {LATEST_EVENTS}
) as latest
"""
SELECT_LOADED = f"""
select extract(epoch from loaded_at - %(begin)s)::bigint / %(width)s as number, count(*)
from (
    select loaded_at from stg.order_events order by position desc limit {LATEST_EVENTS}
) as latest
group by number
"""
SELECT_STATUSES = """
select life.status as name, count(current.status) as count
from dds.order_statuses as life
left join dds.s_order_status as current
    on life.status = current.status and current.end_dt = '4000-01-01'
group by life.status, life.step
order by life.step
"""
SELECT_USERS = """
select users.user_name as name, users.user_id as note, closed.count
from (
    select h_user_pk, count(*) as count
    from dds.b_closed_orders
    group by h_user_pk
    order by count(*) desc, h_user_pk
    limit %(rows)s
) as closed
inner join dds.h_user as hub using (h_user_pk)
inner join marts.current_users as users on hub.user_id = users.user_id
order by closed.count desc, users.user_id
"""
SELECT_PRODUCTS = """
select product_name as name, product_id as note, sum(order_cnt)::bigint as count
from marts.user_products
group by product_id, product_name
order by sum(order_cnt) desc, product_id
limit %(rows)s
"""
SELECT_CATEGORIES = """
select category_name as name, null as note, sum(order_cnt)::bigint as count
from marts.user_categories
group by category_name
order by sum(order_cnt) desc, category_name
limit %(rows)s
"""
SELECT_RESOLVED = """
select reason, count(*) from stg.dead_letters where resolved_at is not null group by reason
"""


@dataclass(frozen=True)
class Loaded:
    """Events by the time at which they were loaded; no column is left out."""

    columns: list[tuple[datetime, int]]
    width: timedelta
    events: int


@dataclass(frozen=True)
class Row:
    """A line of a list: what, how many, and that as a share of the longest line."""

    name: str
    count: int
    share: float
    note: str = ""


def loaded(postgres: Postgres) -> Loaded:
    """The latest events, in columns of a handy width."""
    ((first, last, events),) = postgres.query(SELECT_SPAN)
    if not events:
        return Loaded([], WIDTHS[0], 0)
    needed = (last - first) / MOST_COLUMNS
    width = next((width for width in WIDTHS if width >= needed), needed)
    seconds = max(1, round(width.total_seconds()))
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    counts = dict(postgres.query(SELECT_LOADED, begin=midnight, width=seconds))
    columns = [
        (midnight + timedelta(seconds=seconds * number), counts.get(number, 0))
        for number in range(min(counts), max(counts) + 1)
    ]
    return Loaded(columns, timedelta(seconds=seconds), events)


def lists(postgres: Postgres) -> dict[str, list[Row]]:
    """Orders by status, and what leads, by name; empty where dbt has built nothing."""
    if not postgres.value(IS_BUILT):
        return {}
    return {
        "statuses": _rows(postgres.rows(SELECT_STATUSES)),
        "users": _rows(postgres.rows(SELECT_USERS, rows=LONGEST_LIST)),
        "products": _rows(postgres.rows(SELECT_PRODUCTS, rows=LONGEST_LIST)),
        "categories": _rows(postgres.rows(SELECT_CATEGORIES, rows=LONGEST_LIST)),
    }


def dead_letters(postgres: Postgres) -> list[Row]:
    """Open ones by reason; those of which all are resolved follow. The note says what it means."""
    known = {reason.value: reason.meaning for reason in Reason}
    waiting = {row["reason"]: row["dead_letters"] for row in open_letters(postgres)}
    resolved = dict(postgres.query(SELECT_RESOLVED))
    return _rows(
        {
            "name": reason,
            "count": waiting.get(reason, 0),
            "note": known.get(reason, "")
            + (f" {resolved[reason]:,} more are resolved." if reason in resolved else ""),
        }
        for reason in [*waiting, *sorted(resolved.keys() - waiting.keys())]
    )


def _rows(found: Any) -> list[Row]:
    rows: list[Mapping[str, Any]] = list(found)
    most = max((row["count"] for row in rows), default=0) or 1
    return [
        Row(row["name"], row["count"], row["count"] / most, row.get("note") or "") for row in rows
    ]
