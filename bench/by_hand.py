"""The first load without dbt: `by_hand.sql`, and whether it gives the rows that dbt's tables have.

What a first load costs at least, by one connection, where dbt has four; with nothing kept for the
next load, which would have to read all events again. Its rows are a second word on what is right.
"""

from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("by_hand.sql")
SCHEMA = "by_hand"
# The tables of vault and marts, and their columns: without the seed, an id by chance, a wall clock.
TABLES = """
select table_schema, table_name, string_agg(column_name, ', ' order by ordinal_position)
from information_schema.columns
where
    table_schema in ('dds', 'cdm')
    and table_name != 'order_statuses'
    and (table_name, column_name) not in (('outbox', 'outbox_id'), ('outbox', 'created_at'))
group by table_schema, table_name
order by table_schema, table_name
"""
# Rows of one table that the other lacks, counted as often as they are there.
DIFFERENCES = """
select count(*)
from (
    (select {columns} from {ours} except all select {columns} from {other})
    union all
    (select {columns} from {other} except all select {columns} from {ours})
) as differences
"""


def load_by_hand(connection: Any) -> None:
    """Make the tables from stg.order_events and the seed in a schema of their own, and commit."""
    with connection.cursor() as cursor:
        cursor.execute(SCRIPT.read_text())
    connection.commit()


def drop(connection: Any) -> None:
    """All that `load_by_hand` has made goes."""
    with connection.cursor() as cursor:
        cursor.execute(f"drop schema {SCHEMA} cascade")
    connection.commit()


def differences(connection: Any) -> dict[str, int]:
    """Of each table that dbt has made, how many rows differ from those by hand, if any do."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for schema, table, columns in cursor.fetchall():
            tables = {"ours": f"{schema}.{table}", "other": f"{SCHEMA}.{table}"}
            cursor.execute(DIFFERENCES.format(columns=columns, **tables))
            ((count,),) = cursor.fetchall()
            if count:
                found[table] = count
    return found
