"""`ingest init`: repeatable, one at a time, and loud about a file that was changed."""

import threading
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    ConfigResource,
    ResourceType,
)

from ingest.errors import StopError
from ingest.kafka import admin as admin_module
from ingest.kafka.admin import Admin
from ingest.kafka.client import configuration
from ingest.operate import ddl, init
from ingest.postgres import Postgres
from tests.dbt_project import DbtFailed, DbtProject
from tests.topics import configure
from tests.world import CLOSED, DATABASE, World, connect, encoded, order


def apply(world: World) -> list[str]:
    with Postgres(world.settings, "test", prepared=False) as postgres:
        return ddl.apply(postgres, back=True)  # a ddl of its own may be smaller


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
    name = f"{world.name}-another"
    asked: list[float] = []

    class Late(AdminClient):
        def list_topics(self, topic: str | None = None, timeout: float = -1) -> Any:
            if topic != name:
                return super().list_topics(topic, timeout)
            asked.append(timeout)
            found = super().list_topics(name if len(asked) > 3 else f"{name}-missing", timeout)
            found.topics = {name: next(iter(found.topics.values()))}
            return found

    monkeypatch.setattr(admin_module, "AdminClient", Late)
    settings = world.settings.model_copy(update={"kafka_dds_dst_topic": name})
    made = Admin(settings).create_topics(init.topics(settings))
    assert made == [name, f"{name}.progress"]
    assert len(asked) == 4


def test_what_is_published_is_kept_for_ever_and_positions_are_compacted(world: World) -> None:
    """`ingest recover` takes from the topics what a backup lacks."""
    settings = world.settings
    client = AdminClient(configuration(settings))
    copies = (
        settings.kafka_stg_dst_topic,
        settings.dead_letter_topic,
        settings.kafka_dds_dst_topic,
    )

    def config(topic: str) -> dict[str, str]:
        (future,) = client.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]).values()
        return {name: entry.value for name, entry in future.result().items()}

    found = client.list_topics(timeout=10).topics
    for topic in copies:
        assert config(topic)["retention.ms"] == "-1"
        assert config(topic)["cleanup.policy"] == "delete"
        assert config(f"{topic}.progress")["cleanup.policy"] == "compact"
        assert len(found[topic].partitions) == settings.kafka_topic_partitions
        assert len(found[f"{topic}.progress"].partitions) == 1


@pytest.mark.parametrize(
    "which",
    ["kafka_stg_src_topic", "kafka_stg_dst_topic", "dead_letter_topic", "kafka_dds_dst_topic"],
)
def test_a_topic_that_is_compacted_is_refused(world: World, which: str) -> None:
    """It would keep the last message of each key only."""
    topic = getattr(world.settings, which)
    world.send(encoded(order(1)))
    configure(world, topic, "cleanup.policy", "compact,delete")
    for command in (("init",), ("stg", "--once")):
        refused = world.ingest(*command, check=False)
        assert refused.returncode == 1
        assert f"the topic {topic} is compacted" in refused.stderr
    assert world.value("select count(*) from stg.order_events") == 0
    configure(world, topic, "cleanup.policy", "delete")
    assert world.ingest("init").stdout == "ready\n"
    assert world.stg()["stored"] == 1


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


def test_what_comes_afterwards_finds_everything_committed(world: World, own_ddl: Path) -> None:
    note = "insert into notes (at) select pg_current_xact_id()"
    (own_ddl / "100_a.sql").write_text(f"-- each time, afterwards\n{note}")
    (own_ddl / "101_b.sql").write_text(
        "create table notes (number int generated always as identity, at xid8)"
    )
    (own_ddl / "102_c.sql").write_text(f"-- each time\n{note}")
    assert apply(world) == ["101_b.sql"]
    assert apply(world) == []
    first, second, *_ = (
        row["at"] for row in world.rows("select at::text from notes order by number")
    )
    assert int(first) < int(second)
    assert world.value("select count(*) from notes") == 4


COMMANDS = (
    "stg --once",
    "dds",
    "dds --once",
    "cdm",
    "emit",
    "status",
    "report --output report.html",
    "repair --order 1",
    "recover",
    "dead-letters list",
    "dead-letters replay --all",
)


def leave_version(world: World, version: str) -> None:
    world.execute(f"create or replace function stg.ddl_version() returns text return '{version}'")


@pytest.mark.parametrize("command", [*COMMANDS, "seek ORDERS --to beginning"])
def test_a_database_of_another_version_is_refused(world: World, command: str) -> None:
    words = command.replace("ORDERS", world.settings.kafka_stg_src_topic).split()
    for version, said in (
        ("4 of-before", "prepared by an older version, or by another one. Run `ingest init` first"),
        ("99 of-later", "this ingest is older than the database: it brings "),
    ):
        leave_version(world, version)
        refused = world.ingest(*words, check=False)
        assert (refused.returncode, refused.stdout) == (2, ""), refused.stderr
        assert said in refused.stderr
        assert "unexpected" not in refused.stderr


def test_dbt_by_hand_refuses_a_database_of_another_version(world: World, dbt: DbtProject) -> None:
    for version, said in (
        ("4 of-before", "prepared by an older version: run `ingest init` first"),
        ("99 of-later", "older than the database: install the version that prepared it"),
        (None, "not prepared: run `ingest init` first"),
    ):
        if version is None:
            world.execute("drop function stg.ddl_version()")
        else:
            leave_version(world, version)
        with pytest.raises(DbtFailed, match=said):
            dbt.build(world)
    assert world.ingest("init").stdout == "ready\n"
    dbt.build(world)


def test_init_prepares_an_older_database_and_refuses_a_newer_one(world: World) -> None:
    what = "Postgres: prepared by `ingest init` of this version: "
    for version in (None, "4 of-before"):
        if version is None:
            world.execute("drop function stg.ddl_version()")
        else:
            leave_version(world, version)
        checked = world.ingest("check", "emit", check=False)
        assert checked.returncode == 1
        assert f"{what}the database " in checked.stdout
        assert world.ingest("init").stdout == "ready\n"
        assert f"{what}ok\n" in world.ingest("check", "emit").stdout
    leave_version(world, "99 of-later")
    refused = world.ingest("init", check=False)
    assert refused.returncode == 2
    assert "`ingest init --back`" in refused.stderr
    assert world.ingest("init", "--back").stdout == "ready\n"
    assert "nothing new" in world.ingest("stg", "--once").stdout


def test_a_user_who_may_not_create_roles_is_not_stopped_by_that(world: World) -> None:
    world.execute("drop schema stg cascade")
    world.execute("drop role if exists modest")
    world.execute("create role modest login")
    world.execute(f"grant create on database {DATABASE} to modest")
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
    world.ingest("dds", "--once", **transformer)
    assert len(world.closed()) == 1
    world.ingest("cdm", "--once", **transformer)
    emitted = world.ingest("emit", PG_WAREHOUSE_USER="test_emitter")
    assert "nothing new" in emitted.stdout
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


def test_a_role_that_was_made_later_gets_its_rights_with_the_next_init(
    world: World, dbt: DbtProject
) -> None:
    """Also to what dbt has made by then."""
    world.send(encoded(order(1, statuses=CLOSED)))
    world.stg()
    dbt.build(world)
    roles = ("ingestor", "transformer", "emitter", "reader")
    for name in roles:
        world.execute(f"drop owned by ordervault_{name}")
    world.ingest("init")
    may = "select has_table_privilege('ordervault_' || %s, %s, 'select')"
    assert [
        world.value(may, name, table)
        for name, table in zip(
            roles,
            ("stg.order_events", "stg.load_state", "dds.outbox", "cdm.user_product_counters"),
            strict=True,
        )
    ] == [True] * 4
    assert not world.value(may, "emitter", "dds.h_order")
