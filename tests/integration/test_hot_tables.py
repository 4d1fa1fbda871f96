"""The small tables that every batch and build updates stay small, without a vacuum."""

import pytest

from tests.world import World

# Rows as a busy warehouse has, and what changes in them.
TABLES = {
    "stg.source_progress": (
        "insert into stg.source_progress select 't', g, 'x', 0 from generate_series(1, 12) as g",
        "next_offset = next_offset + 1, duplicates = duplicates + 1, skipped = skipped + 1,"
        " updated_at = clock_timestamp()",
    ),
    "stg.publications": (
        "insert into stg.publications (topic) values ('a'), ('b'), ('c')",
        "promised = promised + 1, compared_with = clock_timestamp()",
    ),
    "stg.load_state": (
        "insert into stg.load_state (relation) select 'dds.' || g from generate_series(1, 40) as g",
        "loaded_to = loaded_to + 1, window_from = loaded_to, window_to = window_to + 1,"
        " updated_at = clock_timestamp()",
    ),
}
SELECT_STATE = """
select n_tup_upd as updates, n_tup_hot_upd as hot, pg_relation_size(relid) / 8192 as pages
from pg_stat_user_tables
where relid = %s::regclass
"""
UPDATES = 200


@pytest.mark.parametrize("table", TABLES)
def test_a_row_takes_the_place_of_an_older_one_of_its_own(world: World, table: str) -> None:
    """By HOT, whose condition is that no column that changes is in an index."""
    rows, changes = TABLES[table]
    world.execute(f"alter table {table} set (autovacuum_enabled = off)")
    world.execute(rows)
    for _ in range(UPDATES):
        world.execute(f"update {table} set {changes}")
    world.execute("select pg_stat_force_next_flush()")
    state = world.rows(SELECT_STATE, table)[0]
    assert state["updates"] >= UPDATES
    assert state["hot"] / state["updates"] > 0.95
    assert state["pages"] <= 4
