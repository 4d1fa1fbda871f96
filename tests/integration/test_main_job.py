"""The whole way of an event on real servers, and a model that agrees with every row."""

import json
from collections import Counter
from decimal import Decimal

import pytest

from ingest.orders.enrich import MAX_CATEGORY_LENGTH
from sandbox.feed import feed
from sandbox.kafka_tools import console_consumer
from sandbox.simulator import Shares, simulate
from tests.convergence.comparison import assert_equals_model, stored_events
from tests.convergence.model import final_messages
from tests.dbt_project import DbtProject
from tests.world import CLOSED, RESTAURANT, World, encoded, order

NASTY = Shares(late=0.1, repeated=0.1, sent_again=0.05, bad=0.03)


def load(world: World, dbt: DbtProject, orders: int, rounds: int) -> int:
    """Simulate and load in so many rounds; returns how many messages were sent."""
    steps = list(simulate(orders, seed=7, shares=NASTY))
    size = len(steps) // rounds + 1
    sent = 0
    for start in range(0, len(steps), size):
        sent += feed(steps[start : start + size], world.settings)
        world.stg(batch_size=100)
        dbt.build(world)
        world.emit()
    return sent


@pytest.mark.parametrize("rounds", [1, 6])
def test_every_row_and_message_agrees_with_the_model(
    world: World, dbt: DbtProject, rounds: int
) -> None:
    sent = load(world, dbt, 150, rounds)
    assert_equals_model(world)

    progress = world.rows("select sum(duplicates) d, sum(skipped) s from stg.source_progress")[0]
    stored = world.value("select count(*) from stg.order_events")
    assert sent == stored + len(world.dead_letters()) + progress["d"] + progress["s"]

    last = {message["object_id"]: message for message in world.closed()}
    expected = final_messages(stored_events(world))
    closed = {order: last[order]["payload"] for order in expected}
    assert closed == {order: message["payload"] for order, message in expected.items()}


def test_topics_read_by_another_client_carry_what_is_stored(world: World, dbt: DbtProject) -> None:
    load(world, dbt, 40, 2)
    onward = console_consumer(world.servers, world.settings.kafka_stg_dst_topic)
    stored = {
        str(row["event_id"]): row["payload"]
        for row in world.rows("select event_id, payload::text from stg.order_events")
    }
    assert Counter(read.headers["event_id"] for read in onward) == Counter(stored.keys())
    for read in onward:
        as_sent = json.loads(read.value, parse_float=Decimal)
        assert as_sent == json.loads(stored[read.headers["event_id"]], parse_float=Decimal)
        assert read.key == str(as_sent["object_id"])

    closed = console_consumer(world.servers, world.settings.kafka_dds_dst_topic)
    outbox = world.rows("select position, order_id, message from dds.outbox order by position")
    by_position = sorted(closed, key=lambda read: int(read.headers["position"]))
    assert [(read.key, read.value) for read in by_position] == [
        (str(row["order_id"]), row["message"]) for row in outbox
    ]


def test_a_build_with_nothing_new_changes_no_row(world: World, dbt: DbtProject) -> None:
    load(world, dbt, 30, 1)
    tables = world.rows(
        "select schemaname || '.' || tablename as name from pg_tables"
        " where schemaname in ('staging', 'dds', 'cdm')"
    )

    def versions() -> dict[str, str]:
        return {
            table["name"]: world.value(
                f"select md5(string_agg(ctid::text || xmin::text, ',' order by ctid))"
                f" from {table['name']}"
            )
            for table in tables
        }

    before = versions()
    assert len(before) == 29
    assert dbt.build(world) == 0
    assert world.stg()["stored"] == 0
    assert world.emit() == 0
    assert versions() == before


def test_a_full_refresh_gives_the_same_rows_and_sends_nothing(
    world: World, dbt: DbtProject
) -> None:
    load(world, dbt, 60, 3)
    before = len(world.closed())
    dbt.build(world, "--full-refresh")
    assert_equals_model(world)
    assert world.emit() == 0
    assert len(world.closed()) == before


def test_the_largest_order_comes_through_to_the_last_topic(world: World, dbt: DbtProject) -> None:
    """As many products as there may be, with ids and categories as long as they may be."""
    limits, letter = world.settings.limits, "ы"
    ids = [f"{number:0>4}".ljust(limits.id_length, letter) for number in range(limits.items)]
    category = letter * MAX_CATEGORY_LENGTH
    menu = [{"_id": each, "name": "x", "price": 1, "category": category} for each in ids]
    world.know({**RESTAURANT, "menu": menu})
    items = [{"id": each, "name": "x", "price": 1, "quantity": 1} for each in ids]
    world.send(encoded(order(1, order_items=items, statuses=CLOSED)))
    assert world.stg()["stored"] == 1
    dbt.build(world)
    assert world.emit() == 1
    (message,) = world.closed()
    assert message["payload"]["products"] == [
        {"product_id": each, "category_name": category} for each in ids
    ]


def test_the_batch_users_commands_work_from_an_empty_database(world: World) -> None:
    feed(simulate(20, seed=3), world.settings)
    world.execute("drop schema stg cascade")
    assert "ready" in world.ingest("init").stdout
    assert "stored" in world.ingest("stg", "--once").stdout
    world.ingest("dds", "--once")
    world.ingest("cdm", "--once")
    assert "nothing new" in world.ingest("emit").stdout
    assert_equals_model(world)
    assert world.closed()
