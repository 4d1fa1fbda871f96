"""What happens at the edges of a window of events, each held open until the test says go on."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests import children
from tests.convergence.comparison import assert_equals_model, stored_events
from tests.convergence.handmade import event
from tests.convergence.harness import insert
from tests.convergence.model import Event, hash_key
from tests.dbt_project import NO_TESTS, DbtFailed, DbtProject
from tests.world import DATABASE, World, connect

BUILD = ("build", "--select", "dds+", *NO_TESTS)
GATE = 42
LONGEST_WAIT = 60


@contextmanager
def gate(world: World, table: str) -> Iterator[None]:
    """Inside the block, whoever writes to the table waits, with what it wrote, until the end."""
    world.execute(
        "create function public.wait_at_gate() returns trigger language plpgsql as"
        f" $$ begin perform pg_advisory_xact_lock_shared({GATE}); return null; end $$"
    )
    world.execute(
        f"create trigger gate after insert or update on {table}"
        " for each statement execute function public.wait_at_gate()"
    )
    world.execute(f"select pg_advisory_lock({GATE})")
    yield
    world.execute(f"select pg_advisory_unlock({GATE})")


def wait(world: World, until: Callable[[], bool]) -> None:
    """Until the condition holds. Fails if that takes a minute."""
    last = time.monotonic() + LONGEST_WAIT
    while not until():
        assert time.monotonic() < last, world.rows("select query, wait_event from pg_stat_activity")
        time.sleep(0.02)


def waiting(world: World, kind: str) -> int:
    """How many sessions of dbt wait for a lock of this kind."""
    return int(
        world.value(
            "select count(distinct pid) from pg_stat_activity where application_name = 'dbt'"
            " and wait_event_type = 'Lock' and wait_event = %s",
            kind,
        )
    )


def test_an_event_that_arrives_while_a_model_is_built_is_read_by_the_next_build(
    world: World, dbt: DbtProject
) -> None:
    insert(world.connection, [event(1)])
    dbt.build(world)
    insert(world.connection, [event(2)])
    with gate(world, "stg.load_state"):
        running = children.dbt(world.environment, *BUILD)
        wait(world, lambda: waiting(world, "advisory") > 0)
        insert(world.connection, [event(3)])
    running.join(LONGEST_WAIT)
    assert running.exitcode == 0
    dbt.build(world)
    assert len(assert_equals_model(world)["h_order"]) == 3


def test_an_event_that_commits_after_a_later_one_is_not_lost(world: World, dbt: DbtProject) -> None:
    """Nobody waits for it: the window ends before it."""
    insert(world.connection, [event(1)])
    dbt.build(world)
    slow = connect(world.environment, DATABASE)
    slow.autocommit = False
    with slow.cursor() as cursor:
        cursor.execute("select stg.hold_positions()")
    insert(slow, [event(2)])
    insert(world.connection, [event(3)])
    dbt.build(world)
    slow.commit()
    slow.close()
    dbt.build(world)
    assert len(assert_equals_model(world)["h_order"]) == 3


def test_a_model_that_cannot_move_its_watermark_keeps_no_rows(
    world: World, dbt: DbtProject
) -> None:
    insert(world.connection, [event(1)])
    dbt.build(world)
    insert(world.connection, [event(2)])
    world.execute(
        "create function public.fail() returns trigger language plpgsql"
        " as $$ begin raise exception 'broken on purpose'; end $$"
    )
    world.execute(
        "create trigger broken before update of loaded_to on stg.load_state"
        " for each row execute function public.fail()"
    )
    assert not dbt.invoke(world, *BUILD).success
    world.execute("drop trigger broken on stg.load_state")
    assert world.value("select count(*) from staging.stg_orders") == 1
    dbt.build(world)
    assert_equals_model(world)


def test_a_killed_build_leaves_nothing_behind(world: World, dbt: DbtProject) -> None:
    insert(world.connection, [event(1)])
    dbt.build(world)
    insert(world.connection, [event(2)])
    with gate(world, "dds.s_order_cost"):
        running = children.dbt(world.environment, *BUILD)
        wait(world, lambda: waiting(world, "advisory") > 0)
        running.kill()
        running.join()
    dbt.build(world)
    assert_equals_model(world)


def test_a_second_dbt_waits_for_the_first_and_finds_nothing_left(
    world: World, dbt: DbtProject
) -> None:
    insert(world.connection, [event(1)])
    dbt.build(world)
    insert(world.connection, [event(2)])
    with gate(world, "staging.stg_orders"):
        first = children.dbt(world.environment, *BUILD)
        wait(world, lambda: waiting(world, "advisory") > 0)
        second = children.dbt(world.environment, *BUILD)
        wait(world, lambda: waiting(world, "transactionid") > 0)
    for running in (first, second):
        running.join(LONGEST_WAIT)
        assert running.exitcode == 0
    assert_equals_model(world)
    assert len(stored_events(world)) == 2


def test_a_view_in_a_models_place_stops_it(world: World, dbt: DbtProject) -> None:
    """dbt would put a table there that holds the new events only."""
    insert(world.connection, [event(1)])
    dbt.build(world)
    insert(world.connection, [event(2)])
    for table in ("h_user", "s_order_cost", "outbox"):
        world.execute(f"alter table dds.{table} rename to kept")
        world.execute(f"create view dds.{table} as table dds.kept")
        with pytest.raises(DbtFailed, match="exists as a view"):
            dbt.build(world, "--select", table)
        world.execute(f"drop view dds.{table}")
        world.execute(f"alter table dds.kept rename to {table}")
    dbt.build(world)
    assert_equals_model(world)


def test_a_product_whose_name_was_ahead_of_the_mart_has_one_name_in_the_end(
    world: World, dbt: DbtProject
) -> None:
    def ordered(number: int, user: str, time: str, *products: str, name: str = "A") -> Event:
        return event(
            number,
            user={"id": user},
            update_ts=f"2024-03-01 {time}",
            statuses=[{"status": "CLOSED", "dttm": "2024-03-01 12:00:00"}],
            order_items=[
                {"id": product, "name": name, "price": 1, "quantity": 1, "category": "Супы"}
                for product in products
            ],
        )

    first, second = sorted(("anna", "boris"), key=hash_key)
    orders = [ordered(1, first, "12:00", "p"), ordered(2, first, "12:00", "p", "q")]
    insert(world.connection, [*orders, ordered(3, second, "12:00", "p")])
    dbt.build(world)
    # An event that does not show p any more has the first user's row of p written again, in a run
    # for which p's new name is ahead of the window.
    insert(world.connection, [ordered(2, first, "13:00", "q")])
    dbt.build(world, "--select", "dds")
    insert(world.connection, [ordered(4, "clara", "14:00", "p", name="B")])
    dbt.build(world, "--select", "stg_order_items", "h_product", "s_product_names")
    dbt.build(world, "--select", "cdm")
    # However the rows lie on the disk.
    world.execute("cluster cdm.user_product_counters using user_product_counters_pkey")
    dbt.build(world)
    assert_equals_model(world)


def test_an_order_has_the_category_that_another_orders_event_decides(
    world: World, dbt: DbtProject
) -> None:
    """Of two events that show a product at one time, the one that was sent later decides."""
    for number, category in ((1, "Супы"), (2, "Soups")):
        dish = {"id": "dish", "name": "x", "price": 1, "quantity": 1, "category": category}
        closed = [{"status": "CLOSED", "dttm": "2024-03-01 11:00:00"}]
        at_once = {"update_ts": "2024-03-01 11:00:00", "statuses": closed}
        insert(world.connection, [event(number, order_items=[dish], **at_once)])
        dbt.build(world)
        assert_equals_model(world)
    names = world.rows("select distinct category_name from cdm.user_category_counters")
    assert names == [{"category_name": "Soups"}]
