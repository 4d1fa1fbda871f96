"""`ingest init`: repeatable, one at a time, and loud about a file that was changed."""

import threading
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from ingest import ddl
from ingest.errors import StopError
from ingest.kafka import broker
from ingest.kafka.client import configuration
from ingest.postgres import Postgres
from tests.world import CLOSED, DATABASE, World, connect, encoded, order


def apply(world: World) -> list[str]:
    with Postgres(world.settings, "test") as postgres:
        return ddl.apply(postgres)


@pytest.fixture
def own_ddl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with a ddl of its own."""
    (tmp_path / "dbt_project.yml").touch()
    (tmp_path / "ddl").mkdir()
    monkeypatch.setenv("PROJECT_FOLDER", str(tmp_path))
    return tmp_path / "ddl"


def test_a_second_time_it_does_nothing(world: World) -> None:
    assert world.ingest("init").stdout == "ready\n"


def test_topics_that_were_made_are_known_when_it_returns(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker hears of them after the controller has answered, late if it is busy."""
    listed: list[set[str]] = []

    class Late(AdminClient):
        def list_topics(self, *arguments: Any, **named: Any) -> Any:
            found = super().list_topics(*arguments, **named)
            if len(listed) < 3:
                found.topics.pop(name, None)
            listed.append(set(found.topics))
            return found

    monkeypatch.setattr(broker, "AdminClient", Late)
    name = f"{world.name}-another"
    settings = world.settings.model_copy(update={"kafka_dds_dst_topic": name})
    made = broker.Broker(settings).create_topics()
    assert name in made
    assert name in listed[-1]
    assert len(listed) == 4


def test_several_at_once_apply_each_file_once(world: World, own_ddl: Path) -> None:
    for number in range(3):
        text = f"select pg_sleep(0.2); create table t{number} (x int)"
        (own_ddl / f"00{number}_t.sql").write_text(text)
    applied: list[str] = []
    threads = [threading.Thread(target=lambda: applied.extend(apply(world))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert applied == ["000_t.sql", "001_t.sql", "002_t.sql"]


def test_a_file_that_was_changed_after_it_was_applied_is_an_error(
    world: World, own_ddl: Path
) -> None:
    file = own_ddl / "100_x.sql"
    file.write_text("create table x (a int)")
    assert apply(world) == ["100_x.sql"]
    file.write_text("create table x (b int)")
    with pytest.raises(StopError, match=r"100_x\.sql was applied .* and has been changed"):
        apply(world)


def test_a_file_that_fails_leaves_nothing_behind(world: World, own_ddl: Path) -> None:
    (own_ddl / "100_a.sql").write_text("create table a (x int)")
    (own_ddl / "101_b.sql").write_text("create table b (x int); select 1 / 0")
    with pytest.raises(Exception, match="division by zero"):
        apply(world)
    assert world.value("select to_regclass('a')") is None


def test_a_user_who_may_not_create_roles_is_not_stopped_by_that(world: World) -> None:
    world.execute("drop schema stg cascade")
    world.execute("drop role if exists modest")
    world.execute("create role modest login")
    world.execute("grant create on database warehouse to modest")
    done = world.ingest("init", PG_WAREHOUSE_USER="modest")
    assert "applied ddl/001_stg.sql" in done.stdout
    assert "002_roles.sql left out" in done.stderr
    assert "002_roles" not in done.stdout
    world.execute("drop owned by modest cascade")
    world.execute("drop role modest")


def test_each_service_needs_no_more_than_its_role(world: World) -> None:
    """The whole way, each step by a user who has only the role of ddl/002_roles.sql."""
    for service in ("ingestor", "transformer", "emitter", "reader"):
        world.execute(f"drop role if exists test_{service}")
        world.execute(f"create role test_{service} login in role ordervault_{service}")
    world.send(encoded(order(1, statuses=CLOSED)), b"{")
    world.ingest("stg", "--once", PG_WAREHOUSE_USER="test_ingestor")
    transformer: Any = {
        "PG_WAREHOUSE_USER": "test_transformer",
        "PG_WAREHOUSE_ROLE": "ordervault_transformer",
    }
    world.ingest("repair", "--order", "1", PG_WAREHOUSE_USER="test_ingestor")
    world.ingest("cdm", "--once", check=False, **transformer)
    built = world.ingest("dds", "--once", check=False, **transformer)
    assert "built dds" in built.stderr, built.stderr
    world.ingest("cdm", "--once", **transformer)
    emitted = world.ingest("emit", PG_WAREHOUSE_USER="test_emitter")
    assert "nothing new" in emitted.stdout  # `ingest dds` has sent it already
    world.ingest("dead-letters", "replay", "--all", PG_WAREHOUSE_USER="test_ingestor")
    assert len(world.closed()) == 1

    reader = connect({**world.environment, "PG_WAREHOUSE_USER": "test_reader"}, DATABASE)
    with reader.cursor() as cursor:
        cursor.execute("select count(*) from cdm.user_product_counters")
        assert cursor.fetchone() == (1,)
        tables = world.rows(
            "select schemaname || '.' || tablename as name from pg_tables"
            " where schemaname in ('dds', 'cdm')"
        )
        for table in tables:
            cursor.execute(f"select count(*) from {table['name']}")
        with pytest.raises(Exception, match="permission denied"):
            cursor.execute("delete from cdm.user_product_counters")
        with pytest.raises(Exception, match="permission denied"):
            cursor.execute("select * from stg.order_events")
    reader.close()


def test_replays_have_one_partition_so_that_every_ingestor_gets_a_share_of_the_source(
    world: World,
) -> None:
    """A group counts the partitions of all topics alike; with 3 and 3, two members got 3 and 0."""
    client = AdminClient(configuration(world.settings))
    topics = client.list_topics(timeout=10).topics
    assert len(topics[world.settings.kafka_stg_src_topic].partitions) == 3
    assert len(topics[world.settings.retry_topic].partitions) == 1
