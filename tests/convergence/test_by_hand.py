"""SQL by hand, without the macros: a second word on what a first load must give."""

from dataclasses import replace

from bench import by_hand
from tests.convergence.harness import insert
from tests.convergence.simulated import simulated
from tests.convergence.test_convergence import generated
from tests.dbt_project import DbtProject
from tests.world import DATABASE, World, connect


def test_a_first_load_gives_the_rows_of_sql_by_hand(world: World, dbt: DbtProject) -> None:
    """Of random histories on few keys, loaded from two topics, and of the simulator's orders."""
    (several,) = generated(60, batches=1)
    for number, history in enumerate(several):
        events = history.renamed(number).events
        insert(world.connection, [replace(e, load_src=f"t{e.event_id.int % 2}") for e in events])
    insert(world.connection, list(simulated(100)))
    dbt.build(world)

    connection = connect(world.environment, DATABASE)
    by_hand.load_by_hand(connection)
    assert by_hand.differences(connection) == {}
    connection.rollback()
    world.execute("update dds.s_order_product set quantity = 99 where quantity = 2")
    assert by_hand.differences(connection).keys() == {"s_order_product"}
    connection.close()
