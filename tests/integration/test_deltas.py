"""What an increment reads: what its window touches, and no history as a whole."""

import random
import string
import time
from collections import Counter

from tests.convergence.comparison import assert_equals_model
from tests.convergence.handmade import event
from tests.convergence.harness import insert
from tests.convergence.model import Event
from tests.convergence.simulated import simulated
from tests.dbt_project import NO_TESTS, DbtProject, messages, problems
from tests.world import CLOSED, DATABASE, World

# Tables of so many rows are histories; smaller ones the planner may well read in whole.
HISTORY = 1000
READ_IN_WHOLE = """
select schemaname || '.' || relname as name, n_live_tup as live, seq_tup_read as read
from pg_stat_user_tables
where schemaname in ('stg', 'staging', 'dds', 'cdm')
"""


def statistics(world: World) -> dict[str, tuple[int, int]]:
    """Of each table: how many rows it has, and how many were read by scans of the whole."""
    time.sleep(2)  # sessions tell what they did with a delay
    return {row["name"]: (row["live"], row["read"]) for row in world.rows(READ_IN_WHOLE)}


def test_no_history_is_read_as_a_whole(world: World, dbt: DbtProject) -> None:
    """Also not for late events, and not by the models that nothing in the window concerns."""
    events = list(simulated(1100))
    late = events[:: len(events) // 10]
    new = [*late, *(event for event in events[-20:] if event not in late)]
    insert(world.connection, [event for event in events if event not in new])
    dbt.build(world)
    world.execute("analyze")
    # Reading a small table in whole is cheap: weighed as the large ones that these stand for.
    world.execute(f"alter database {DATABASE} set random_page_cost = 0.01")
    before = statistics(world)
    histories = {name for name, (live, _) in before.items() if live > HISTORY}
    assert {"stg.order_events", "dds.h_order", "dds.s_order_details"} <= histories
    insert(world.connection, new)
    assert dbt.build(world) > 0
    after = statistics(world)
    scanned = {name: after[name][1] - before[name][1] for name in histories}
    read = {name: rows for name, rows in scanned.items() if rows}
    assert read == {}, read


def test_keys_that_nothing_was_seen_of_before_are_not_looked_for_in_all_events(
    world: World, dbt: DbtProject
) -> None:
    """Where so few others are known that any events would show one of them soon."""

    def of(number: int, key: str) -> Event:
        dish = {"id": f"dish-{number}", "name": "x", "price": 1, "quantity": 1}
        return event(number, restaurant={"id": key}, user={"id": key}, order_items=[dish])

    read = """
        select sum(idx_tup_read)::bigint from pg_stat_user_indexes
        where schemaname = 'staging' and relname in ('stg_orders', 'stg_order_items')
    """
    insert(world.connection, [of(number, "known") for number in range(2 * HISTORY)])
    dbt.build(world)
    world.execute("analyze")
    time.sleep(2)
    before = world.value(read)
    new = range(2 * HISTORY, 2 * HISTORY + 8)
    insert(world.connection, [of(number, f"new-{number}") for number in new])
    dbt.build(world)
    time.sleep(2)
    assert world.value(read) - before < HISTORY


def test_a_build_with_nothing_new_asks_one_question_of_each_node(
    world: World, dbt: DbtProject
) -> None:
    """And says so; the seed is loaded, and a view that has not changed is left alone."""
    insert(world.connection, list(simulated(20)))
    dbt.build(world)
    result = dbt.invoke(world, "build", "--select", "dds+", *NO_TESTS)
    said = Counter(messages(result))
    assert (said["NOTHING NEW"], said["UNCHANGED"], said["INSERT 5"]) == (28, 7, 1)


def test_names_are_of_any_length(world: World, dbt: DbtProject) -> None:
    """An index takes less than three kilobytes: that they compress helps nobody."""
    for at in ("12:00:00", "12:01:00"):
        name = "".join(random.Random(at).choices(string.ascii_letters, k=20_000))
        item = {"id": "dish-1", "name": name, "category": name, "price": 1, "quantity": 1}
        insert(
            world.connection,
            [
                event(
                    1,
                    update_ts=f"2024-03-01 {at}",
                    order_items=[item],
                    user={"id": "user-1", "name": name, "login": name},
                    statuses=CLOSED,
                )
            ],
        )
        dbt.build(world)
        assert world.value("select product_name from cdm.user_product_counters") == name


def test_an_empty_run_makes_what_is_missing_and_leaves_what_is_there(
    world: World, dbt: DbtProject
) -> None:
    """With --empty nothing is read: rows, watermarks and views stay as they are."""
    insert(world.connection, list(simulated(20)))
    assert dbt.build(world, "--empty") == 0
    assert world.value("select count(*) from dds.h_order") == 0
    assert world.value("select max(loaded_to) from stg.load_state") == 0
    dbt.build(world)
    assert_equals_model(world)
    before = world.rows("select * from marts.current_orders order by order_id")
    insert(world.connection, [event(1_000_000)])
    for command in ("run", "build"):
        result = dbt.invoke(world, command, "--empty")
        assert result.success, problems(result)
    assert world.rows("select * from marts.current_orders order by order_id") == before
    assert dbt.build(world) > 0
    assert_equals_model(world)
