"""How many rows tables have, and how many messages became none; for status, /metrics and report."""

from collections.abc import Iterable
from typing import Any

from psycopg2 import sql

from ingest.postgres import Postgres

# Rows that wait are counted one by one up to so many; beyond, positions are, which have gaps.
LONGEST_COUNT = 100_000
# A larger table is not counted, in bytes: some tenths of a second for all of them together.
LARGEST_COUNTED = 64_000_000

# What the server has counted, which a crash takes back to 0; or as the planner does, rows in a page
# when the table was analysed, and pages by now.
SELECT_SIZES = """
select
    wanted.name,
    pg_relation_size(found.oid) as bytes,
    greatest(
        pg_stat_get_live_tuples(found.oid),
        found.reltuples / nullif(found.relpages, 0)
        * pg_relation_size(found.oid) / current_setting('block_size')::integer
    ) as estimate,
    has_table_privilege(found.oid, 'select') as is_readable
from unnest(%s::text[]) as wanted (name)
inner join pg_class as found
    on to_regclass(wanted.name) = found.oid
"""
COUNT = "select {name}, count(*) from {table}"


def count_rows(postgres: Postgres, names: Iterable[str]) -> dict[str, int]:
    """The rows of each table, `schema.name`; 0 of one that is not there.

    Exact below LARGEST_COUNTED bytes, of tables that we may read. Raises OutageError or StopError.
    """
    rows = dict.fromkeys(names, 0)
    counted = []
    for name, size, estimate, is_readable in postgres.query(SELECT_SIZES, list(rows)):
        if is_readable and (size <= LARGEST_COUNTED or estimate <= 0):
            counted.append(name)
        else:
            rows[name] = max(0, round(estimate))
    statements = [
        sql.SQL(COUNT).format(name=sql.Literal(name), table=sql.Identifier(*name.split(".")))
        for name in counted
    ]
    if statements:
        rows |= dict(postgres.query(sql.SQL(" union all ").join(statements)))
    return rows


OPEN_LETTERS = """
select
    reason,
    count(*) as dead_letters,
    count(distinct object_id) as orders,
    min(first_seen_at) as oldest,
    max(attempts) as attempts
from stg.dead_letters
where resolved_at is null
group by reason
order by count(*) desc, reason
"""
LEFT_OUT = """
select
    coalesce(sum(duplicates), 0)::bigint as duplicates,
    coalesce(sum(skipped), 0)::bigint as skipped
from stg.source_progress
where kafka_topic = %s
"""


def open_letters(postgres: Postgres) -> list[dict[str, Any]]:
    """The open dead letters by reason, the most first. Raises OutageError or StopError."""
    return postgres.rows(OPEN_LETTERS)


def left_out(postgres: Postgres, topic: str) -> dict[str, int]:
    """Messages of the source that are repeats (`duplicates`) or no orders (`skipped`).

    Raises OutageError or StopError.
    """
    return postgres.rows(LEFT_OUT, topic)[0]
