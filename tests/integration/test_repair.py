"""After a fix in a macro: the touched keys are made anew from stg, and nothing else."""

import json

from tests.convergence.comparison import assert_equals_model, differences
from tests.convergence.harness import insert
from tests.convergence.model import warehouse
from tests.convergence.test_convergence import generated
from tests.dbt_project import DbtProject, problems
from tests.world import CLOSED, World, encoded, order

EARLIER = "2024-03-01 11:00:00"
EARLY, LATE = "2024-03-01 12:00:00", "2024-03-02 12:00:00"


def spoil(world: World) -> None:
    """What a wrong macro would have left behind, in every kind of table."""
    world.execute(
        """
        update staging.stg_orders set cost = cost + 1, username = 'wrong';
        update staging.stg_order_items set quantity = 99;
        delete from staging.stg_order_statuses where status = 'CLOSED';
        update dds.s_order_cost set cost = cost + 1;
        update dds.s_order_product set quantity = 99;
        update dds.s_user_names set username = 'wrong';
        delete from dds.s_order_status where status = 'CLOSED';
        update dds.s_order_status set end_dt = '4000-01-01';
        delete from dds.b_closed_order_products;
        delete from dds.b_closed_orders;
        delete from cdm.user_product_counters;
        delete from cdm.user_category_counters;
        """
    )


def messages() -> list[bytes]:
    statuses = [
        {"status": "OPEN", "dttm": EARLY},
        {"status": "CLOSED", "dttm": "2024-03-01 13:00:00"},
    ]
    return [
        encoded({**order(number, statuses=statuses, update_ts=time), "sent_dttm": time})
        for number in (1, 2, 3)
        for time in (EARLY, LATE)
    ]


def test_repaired_events_make_their_keys_anew(world: World, dbt: DbtProject) -> None:
    world.send(*messages())
    world.stg()
    dbt.build(world)
    spoil(world)
    assert "6 events" in world.ingest("repair", "--user", "user-1").stdout
    dbt.build(world)
    assert_equals_model(world)
    assert world.emit() == 3
    assert dbt.build(world) == 0


def test_events_whose_time_was_read_wrong_are_put_where_they_belong(
    world: World, dbt: DbtProject
) -> None:
    """What was made of them says the same at another time, which does not make it right.

    Other orders of the user say so too: before the true time, and after the wrong one.
    """

    def read_as(later: str) -> None:
        world.execute(
            "update stg.order_events set payload = jsonb_set(payload, '{payload,update_ts}',"
            " to_jsonb(((payload #>> '{payload,update_ts}')::timestamp + %s::interval)::text))"
            " where object_id = 1",
            later,
        )

    world.send(*messages())
    world.stg()
    read_as("-3 hours")
    dbt.build(world)
    read_as("3 hours 30 minutes")
    world.ingest("repair", "--order", "1")
    dbt.build(world)
    assert_equals_model(world)
    later = "2024-03-03 12:00:00"
    world.send(encoded({**order(1, update_ts=later, cost=7), "sent_dttm": later}))
    world.stg()
    dbt.build(world)
    assert_equals_model(world)


def test_a_category_that_was_wrong_is_mended_for_other_orders_too(
    world: World, dbt: DbtProject
) -> None:
    """Two orders show a product at one time, and the first one's category holds for both.

    Once it is mended both show the same, and the second one is not read again. A third order,
    before them, bears the rows of hub and link that the mistake has made: they stay.
    """

    def shows(number: int, category: str) -> None:
        world.execute(
            "update stg.order_events set payload = jsonb_set(payload,"
            " '{payload,order_items,0,category}', to_jsonb(%s::text)) where object_id = %s",
            *(category, number),
        )

    world.send(
        *(
            encoded({**order(number, statuses=CLOSED, update_ts=time), "sent_dttm": sent})
            for number, time, sent in ((3, EARLIER, EARLIER), (1, EARLY, LATE), (2, EARLY, EARLY))
        )
    )
    world.stg()
    shows(2, "Напитки")
    dbt.build(world)
    assert_equals_model(world)
    shows(1, "Напитки")
    world.ingest("repair", "--order", "1")
    dbt.build(world)
    assert_equals_model(world)


def test_a_state_that_was_sent_wrong_is_sent_again_by_a_full_refresh(
    world: World, dbt: DbtProject
) -> None:
    world.send(*messages())
    world.stg()
    dbt.build(world)
    assert world.emit() == 3
    world.execute("update dds.outbox set state_hash = md5('another')::uuid where order_id = 1")
    dbt.build(world, "--full-refresh")
    assert world.emit() == 1
    dbt.build(world, "--full-refresh")
    assert world.emit() == 0


def test_only_what_was_asked_for_is_read_again(world: World, dbt: DbtProject) -> None:
    world.send(*messages())
    world.stg()
    dbt.build(world)
    world.execute("update dds.s_order_cost set cost = 1")
    assert "2 events" in world.ingest("repair", "--order", "2").stdout
    dbt.build(world)
    costs = world.rows(
        "select order_id, cost::int as cost from dds.s_order_cost"
        " inner join dds.h_order using (h_order_pk) order by order_id"
    )
    assert [(row["order_id"], row["cost"]) for row in costs] == [(1, 1), (2, 120), (3, 1)]


def test_repair_since_a_date(world: World) -> None:
    world.send(*messages())
    world.stg()
    assert "3 events" in world.ingest("repair", "--since", LATE).stdout
    assert "0 events" in world.ingest("repair", "--since", "2024-03-03").stdout
    assert "6 events" in world.ingest("repair", "--product", "dish-1").stdout
    refused = world.ingest("repair", check=False)
    assert refused.returncode == 1
    assert "--order" in refused.stderr


def test_repair_before_the_first_build_and_a_full_refresh_after(
    world: World, dbt: DbtProject
) -> None:
    world.send(*messages())
    world.stg()
    world.ingest("repair", "--order", "1", "--order", "2")
    dbt.build(world)
    world.ingest("repair", "--order", "2")
    dbt.build(world)
    assert_equals_model(world)
    dbt.build(world, "--full-refresh")
    assert_equals_model(world)
    assert json.loads(world.rows("select message from dds.outbox limit 1")[0]["message"])


def test_random_histories_are_the_same_after_everything_was_read_again(
    world: World, dbt: DbtProject
) -> None:
    (several, *_) = generated(60, batches=1)
    apart = [history.renamed(number) for number, history in enumerate(several)]
    events = [event for history in apart for event in history.events]
    insert(world.connection, events)
    dbt.build(world)
    world.ingest("repair", "--since", "2000-01-01")
    dbt.build(world)
    assert not differences(world, warehouse(events))
    tested = dbt.invoke(world, "test", "--select", "dds+")
    assert tested.success, problems(tested)
