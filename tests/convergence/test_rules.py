"""The rules in tests/dbt hold for any history, and each notices what breaks it."""

from collections.abc import Iterator

import pytest

from tests.convergence.comparison import assert_equals_model
from tests.convergence.handmade import event
from tests.convergence.harness import insert
from tests.convergence.model import Event
from tests.convergence.simulated import simulated
from tests.convergence.test_any_run_is_safe import NODES
from tests.convergence.test_convergence import generated
from tests.dbt_project import DbtProject, problems, statuses
from tests.world import DATABASE, World, connect, new_database

BUILT = "built_warehouse"
OPEN_END = "timestamp '4000-01-01'"

# What is done to a warehouse, and the rule (a test's name, or the kind of a generic one) it breaks.
FAULTS = (
    (f"update dds.s_order_cost set end_dt = {OPEN_END}", "is_timeline"),
    ("update dds.s_order_cost set end_dt = null", "is_timeline"),
    ("update dds.s_order_cost set end_dt = start_dt", "is_timeline"),
    (
        f"update dds.s_order_status set end_dt = end_dt - interval '1 s' where end_dt < {OPEN_END}",
        "is_timeline",
    ),
    ("update dds.s_order_status set status = 'OPEN'", "is_timeline"),
    (f"delete from dds.s_order_status where end_dt = {OPEN_END}", "is_timeline"),
    (
        f"update dds.s_order_product set end_dt = '4001-01-01' where end_dt = {OPEN_END}",
        "is_timeline",
    ),
    (
        "delete from dds.s_user_names where h_user_pk = (select h_user_pk from dds.h_user limit 1)",
        "is_timeline",
    ),
    ("update dds.h_user set h_user_pk = gen_random_uuid()", "is_hub_key"),
    ("update dds.l_order_user set hk_order_user_pk = gen_random_uuid()", "is_link_key"),
    ("update dds.s_order_user set start_dt = start_dt - interval '1 us'", "is_satellite_key"),
    ("delete from dds.h_product", "relationships"),
    (
        "delete from cdm.user_product_counters where order_cnt = 1",
        "assert_user_product_counters_equal_a_recount",
    ),
    (
        "update cdm.user_category_counters set order_cnt = order_cnt + 1",
        "assert_user_category_counters_equal_a_recount",
    ),
    (
        "delete from dds.b_closed_orders where ctid = (select min(ctid) from dds.b_closed_orders)",
        "assert_counts_reconcile",
    ),
    ("update dds.s_order_cost set payment = payment + 1", "assert_every_order_can_be_rebuilt"),
    ("update dds.s_order_product set quantity = 99", "assert_every_order_can_be_rebuilt"),
    ("update dds.s_user_names set userlogin = 'x'", "assert_every_name_can_be_rebuilt"),
    (
        "delete from dds.s_order_status where status = 'COOKING'",
        "assert_every_status_can_be_rebuilt",
    ),
)


@pytest.fixture(scope="module")
def built(servers: dict[str, str], dbt: DbtProject) -> Iterator[World]:
    """A world whose warehouse holds the simulator's orders, kept as the database BUILT."""
    world = World(servers)
    insert(world.connection, list(simulated(40)))
    dbt.build(world)
    world.connection.close()
    new_database(servers, BUILT, DATABASE)
    yield world
    world.close()


def test_every_rule_holds_for_the_simulators_orders(built: World, dbt: DbtProject) -> None:
    new_database(built.environment, DATABASE, BUILT)
    result = dbt.invoke(built, "test", "--select", "dds+")
    assert result.success, problems(result)
    assert len(statuses(result)) > 90


@pytest.mark.parametrize(("fault", "rule"), FAULTS, ids=[f"{r}: {f}"[:99] for f, r in FAULTS])
def test_each_rule_notices_what_breaks_it(
    built: World, dbt: DbtProject, fault: str, rule: str
) -> None:
    new_database(built.environment, DATABASE, BUILT)
    built.connection = connect(built.environment, DATABASE)
    built.execute("set session_replication_role = replica")
    built.execute(fault)
    assert rule in dbt.broken_rules(built).values()
    built.connection.close()


@pytest.mark.timeout(0)
def test_every_rule_holds_for_random_histories(world: World, dbt: DbtProject) -> None:
    for several in generated(60, batches=2):
        world.connection.close()
        world.new_database()
        apart = [history.renamed(number) for number, history in enumerate(several)]
        for batch in range(2):
            insert(world.connection, [e for history in apart for e in history.batches[batch]])
            dbt.build(world)
        assert not dbt.broken_rules(world)


def test_no_rule_is_broken_while_one_model_is_ahead_of_another(
    world: World, dbt: DbtProject
) -> None:
    """An order that was closed is opened, emptied and given away; then model by model is built."""
    insert(world.connection, [closed_order(1, "11:00:00"), closed_order(2, "11:00:00")])
    dbt.build(world)
    opened = {"statuses": [{"status": "OPEN", "dttm": "2024-03-01 14:00:00"}]}
    later = {"update_ts": "2024-03-01 14:00:00", "user": {"id": "user-2"}, "order_items": []}
    insert(world.connection, [event(1, **opened, **later), closed_order(3, "15:00:00")])
    for node in NODES:
        dbt.build(world, "--select", node)
        assert not dbt.broken_rules(world), node
    assert_equals_model(world)


def closed_order(number: int, time: str) -> Event:
    return event(
        number,
        update_ts=f"2024-03-01 {time}",
        statuses=[{"status": "CLOSED", "dttm": f"2024-03-01 {time}"}],
    )
