"""The queries of docs/how-to/queries.md run, and the views say what the vault says."""

import re

import pytest

from tests.convergence.harness import insert
from tests.convergence.simulated import simulated
from tests.dbt_project import DbtProject
from tests.world import DATABASE, ROOT, World, connect

QUERY = re.compile(r"```sql\n(.*?)```", re.DOTALL)
VIEWS = (
    "user_products",
    "user_categories",
    "current_orders",
    "current_users",
    "current_products",
    "current_restaurants",
    "order_history",
)
# The satellites of an order, with the columns of the view that they answer for.
SATELLITES = {
    "dds.s_order_details": "order_dt, final_status",
    "dds.s_order_cost": "cost, payment, bonus_payment, bonus_grant",
    "dds.s_order_status": "status",
}
DIFFERENT = """
select 1
from {satellite} as version
inner join dds.h_order as orders using (h_order_pk)
cross join lateral (
    select * from marts.order_history as spans
    where spans.order_id = orders.order_id
        and spans.start_dt < version.end_dt and spans.end_dt > version.start_dt
) as span
where row({columns}) is distinct from row({shown})
"""
GAPS = """
select *
from (
    select
        order_id,
        end_dt,
        lead(start_dt) over (partition by order_id order by start_dt) as next_dt
    from marts.order_history
) as spans
where end_dt != coalesce(next_dt, timestamp '4000-01-01')
"""


@pytest.fixture
def filled(world: World, dbt: DbtProject) -> World:
    insert(world.connection, list(simulated(200)))
    dbt.build(world)
    return world


def test_every_query_of_the_page_runs(filled: World) -> None:
    queries = QUERY.findall((ROOT / "docs/how-to/queries.md").read_text())
    assert len(queries) >= 7
    empty = [query for query in queries if not filled.rows(query.replace("%", "%%"))]
    # Nobody of the simulator's has been ordered from at the time that the page names.
    assert all("2024-03-05" in query or "having count" in query for query in empty), empty


def test_the_views_have_a_row_for_each_that_there_is(filled: World) -> None:
    counts = {view: filled.value(f"select count(*) from marts.{view}") for view in VIEWS}
    expected = {
        "current_orders": "dds.h_order",
        "current_users": "dds.h_user",
        "current_products": "dds.h_product",
        "current_restaurants": "dds.h_restaurant",
        "user_products": "cdm.user_product_counters",
        "user_categories": "cdm.user_category_counters",
    }
    for view, table in expected.items():
        assert counts[view] == filled.value(f"select count(*) from {table}"), view
    assert counts["order_history"] > counts["current_orders"]


def test_a_view_is_made_anew_only_if_its_sql_has_changed(filled: World, dbt: DbtProject) -> None:
    """Whoever reads it would be waited for."""
    oids = "select oid, relname from pg_class where relnamespace = 'marts'::regnamespace order by 2"
    before = filled.rows(oids)
    reader = connect(filled.environment, DATABASE)
    reader.autocommit = False
    filled.execute(f"alter database {DATABASE} set lock_timeout = '5s'")  # for the build
    with reader.cursor() as cursor:
        cursor.execute("select count(*) from marts.current_orders")
        dbt.build(filled)
    reader.close()
    assert filled.rows(oids) == before
    filled.execute("drop view marts.current_users cascade")
    filled.execute("create view marts.current_users as select 1 as other")
    dbt.build(filled)
    assert len(filled.rows(oids)) == len(before)


@pytest.mark.parametrize("satellite", SATELLITES)
def test_spans_of_orders_say_what_their_satellites_say(filled: World, satellite: str) -> None:
    names = SATELLITES[satellite].split(", ")
    query = DIFFERENT.format(
        satellite=satellite,
        columns=", ".join(f"version.{name}" for name in names),
        shown=", ".join(f"span.{name}" for name in names),
    )
    assert filled.rows(query) == []
    assert filled.rows(GAPS) == []
