"""What each hop says of itself while orders go from the source to the marts."""

import json
import os
import time
from unittest.mock import patch

import pytest

from ingest.kafka.admin import Admin
from ingest.operate import counts
from ingest.operate.hop import Hop
from ingest.operate.hops import hops
from ingest.operate.models import models
from ingest.postgres import Postgres
from tests.dbt_project import DbtProject
from tests.integration.running import next_offsets
from tests.world import CLOSED, World, encoded, order, orders

NAMES = ["produce", "load", "publish", "dead-letters", "dds", "outbox", "cdm", "emit"]


def look(world: World) -> dict[str, Hop]:
    found = hops(world.settings)
    assert [hop.name for hop in found] == NAMES
    return {hop.name: hop for hop in found}


def behind(world: World) -> dict[str, int]:
    return {name: hop.behind for name, hop in look(world).items() if hop.behind}


def aged(world: World, table: str, column: str, seconds: int) -> None:
    """Date rows back, as if they were older."""
    world.execute(f"update {table} set {column} = {column} - make_interval(secs => {seconds})")


def test_what_waits_is_behind_at_its_hop_and_moves_on_with_it(
    world: World, dbt: DbtProject
) -> None:
    assert behind(world) == {}
    assert {hop.moved_at for hop in look(world).values()} == {None}
    world.send(*(encoded(order(n, statuses=CLOSED)) for n in (1, 2, 3)), b"{", partition=1)
    assert behind(world) == {"load": 4}
    world.stg()
    assert behind(world) == {"dds": 3, "outbox": 3, "cdm": 3}
    dbt.build(world, "--select", "dds")
    assert behind(world) == {"cdm": 3, "emit": 3}
    dbt.build(world, "--select", "cdm")
    assert world.emit() == 3
    assert behind(world) == {}
    found = look(world)
    rows = {name: found[name].rows for name in ("load", "publish", "dead-letters", "emit", "cdm")}
    assert rows == {"load": 3, "publish": 3, "dead-letters": 1, "emit": 3, "cdm": 2}
    vault = {part.name: part.rows for part in found["dds"].parts}
    assert list(vault) == ["staging", "hubs", "links", "satellites", "bridges"]
    assert vault["hubs"] == 3 + 1 + 1 + 1 + 1
    assert found["produce"].moved_at is None
    assert None not in {hop.moved_at for name, hop in found.items() if name != "produce"}


def test_the_age_of_the_oldest_counts_and_how_long_nothing_has_moved(
    world: World, dbt: DbtProject
) -> None:
    world.send(*orders(range(3)), partition=0)
    world.stg()
    aged(world, "stg.order_events", "loaded_at", 1000)
    found = look(world)["dds"]
    assert 1000 <= found.still_seconds <= found.behind_seconds < 1100  # never built
    dbt.build(world)
    aged(world, "stg.load_state", "updated_at", 300)
    world.send(encoded(order(9)), partition=0)
    world.stg()
    aged(world, "stg.order_events", "loaded_at", 500)
    found = look(world)["dds"]
    assert 500 <= found.behind_seconds < 600
    assert 300 <= found.still_seconds < 400


def test_a_partition_stands_still_whatever_the_others_do(world: World) -> None:
    world.send(*orders(range(3)), partition=0)
    world.send(*orders(range(3, 6)), partition=1)
    world.stg()
    aged(world, "stg.source_progress", "updated_at", 300)
    world.execute("update stg.source_progress set next_offset = 1 where kafka_partition = 1")
    first, second, _ = look(world)["load"].parts
    assert (first.behind, first.behind_seconds, first.still_seconds) == (0, 0, 0)
    assert second.behind == 2
    assert 0 < second.still_seconds == second.behind_seconds < 60  # as old as the message


def test_an_open_transaction_is_the_producers_and_what_was_aborted_waits_for_nobody(
    world: World,
) -> None:
    producer = world.begun()
    topic = world.settings.kafka_stg_src_topic
    producer.produce(topic, encoded(order(1)), partition=0)
    producer.flush(10)
    world.send(encoded(order(2)), partition=0)  # hidden too
    found = look(world)
    assert found["produce"].behind == 2
    assert 0 < found["produce"].still_seconds < 60
    assert found["load"].behind == 0
    producer.abort_transaction()
    found = look(world)
    assert found["produce"].behind == 0
    assert found["load"].behind > 0
    world.stg()
    assert next_offsets(world)[0] == Admin(world.settings).ends(topic, [0])[0]
    producer.begin_transaction()
    producer.produce(topic, encoded(order(3)), partition=0)
    producer.flush(10)
    producer.abort_transaction()
    assert look(world)["load"].behind == 0


def test_a_table_that_is_gone_and_another_target_count_as_what_they_are(
    world: World, dbt: DbtProject
) -> None:
    world.send(encoded(order(1, statuses=CLOSED)))
    world.stg()
    dbt.build(world)
    world.emit()
    world.execute(
        "insert into stg.load_state (relation, updated_at) values ('dev_dds.h_user', '2020-01-01')"
    )
    assert behind(world) == {}
    world.execute("drop table dds.s_user_names cascade")
    assert behind(world) == {"dds": 1}
    parts = {part.name: part.late for part in look(world)["dds"].parts}
    assert parts["satellites"] == ("dds.s_user_names",)
    assert parts["hubs"] == ()


def test_the_models_are_those_of_the_project(world: World, dbt: DbtProject) -> None:
    with patch.dict(os.environ, world.environment):
        result = dbt.command(
            ["list", "--select", "dds+", "--resource-type", "model", "--resource-type", "snapshot",
             "--output", "json", "--output-keys", "schema", "name", "config"],
            ("--quiet",),
        )  # fmt: skip

    nodes = [json.loads(line) for line in result.result]  # type: ignore[union-attr]
    stateful = {
        f"{node['schema']}.{node['name']}"
        for node in nodes
        if node["config"]["materialized"] in ("incremental", "snapshot")
    }
    with Postgres(world.settings, "test") as postgres:
        assert {model.relation for model in models(postgres)} == stateful


DOUBLE = """
insert into stg.order_events
select
    nextval('stg.positions'), gen_random_uuid(), object_id, object_type, sent_dttm, payload,
    kafka_topic, kafka_partition, kafka_offset, loaded_at
from stg.order_events
"""


def test_a_large_table_is_estimated_and_a_small_one_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.send(*orders(range(500)))
    world.stg()
    with Postgres(world.settings, "test") as postgres:

        def estimate() -> int:
            world.execute("select pg_stat_force_next_flush()")
            time.sleep(0.2)
            names = ["stg.order_events", "stg.dead_letters", "dds.not_there"]
            number, *others = counts.count_rows(postgres, names).values()
            assert others == [0, 0]
            return number

        assert estimate() == 500
        monkeypatch.setattr(counts, "LARGEST_COUNTED", 0)
        for _ in range(3):
            world.execute(DOUBLE)
        estimate()
        world.execute("analyze stg.order_events")
        assert estimate() == 4000
        world.execute(DOUBLE)
        assert 7500 < estimate() < 8500
        world.execute("select pg_stat_reset()")  # as after a crash
        assert 7000 < estimate() < 9000
