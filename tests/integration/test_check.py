"""`ingest check`: what it asks, and what it says of each thing that is wrong."""

import json
from typing import Any

from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from ingest.kafka.client import configuration
from ingest.kafka.rights import DESCRIBE_CONFIGS, Right, rights
from sandbox.server import free_port
from tests.integration.secured import as_user, user_of_kafka, user_of_postgres
from tests.world import USER, World, encoded, order


def checked(world: World, *services: str, code: int) -> dict[str, str]:
    """The answer to each question; all of the world's names are left out."""
    done = world.ingest("check", *services, "--json", check=False)
    assert done.returncode == code, done.stdout + done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(row["ok"] == row["answer"].startswith("ok") for row in rows)
    return {row["check"].replace(world.name, ""): row["answer"] for row in rows}


def test_all_is_well_where_all_is_well(world: World) -> None:
    answers = checked(world, code=0)
    assert {what.split(":")[0] for what in answers} == {"Kafka", "Postgres", "Redis"}
    assert answers.pop("Redis: has what the newest orders name").startswith("ok, as far as is")
    assert set(answers.values()) == {"ok"}
    world.send(b"{", encoded(order(1)))
    assert checked(world, "stg", code=0)["Redis: has what the newest orders name"] == "ok"


def test_keys_of_another_shape_are_named(world: World) -> None:
    world.send(encoded(order(1)))
    world.redis.rename("user-1", "user:user-1")
    what = "Redis: has what the newest orders name"
    try:
        answer = checked(world, "stg", code=1)[what]
        assert "user-1 is not in Redis: keys must be the bare ids" in answer
        world.redis.set("user-1", "no JSON")
        assert "values JSON" in checked(world, "stg", code=1)[what]
    finally:
        world.know(USER)


def test_a_topic_that_takes_too_little_is_named(world: World) -> None:
    topic = world.settings.kafka_stg_dst_topic
    entry: Any = ConfigEntry(
        "max.message.bytes", "1000000", incremental_operation=AlterConfigOpType.SET
    )
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    admin = AdminClient(configuration(world.settings))
    admin.incremental_alter_configs([resource])[resource].result()
    answers = checked(world, "stg", code=1)
    wrong = {what: answer for what, answer in answers.items() if not answer.startswith("ok")}
    assert list(wrong) == ["Kafka: the topic -stg takes 2097152 bytes"]
    assert "it takes 1000000: raise its max.message.bytes" in wrong.popitem()[1]


def test_a_server_that_is_away_is_named_and_the_others_are_asked(world: World) -> None:
    away = as_user(world, {"PG_WAREHOUSE_PORT": str(free_port())})
    answers = checked(away, "stg", code=1)
    wrong = {what: answer for what, answer in answers.items() if not answer.startswith("ok")}
    assert [what.split(" (")[0] for what in wrong] == ["Postgres: connection"]
    assert "Connection refused" in wrong.popitem()[1]
    assert "Redis: has what the newest orders name" in answers


def test_each_right_that_is_missing_is_named(guarded: World) -> None:
    settings = guarded.settings
    needed = [right for right in rights(settings, "emit") if "progress" not in right.name]
    less = [
        Right(r.kind, r.name, tuple(word for word in r.operations if word != DESCRIBE_CONFIGS))
        for r in needed
        if not r.kind.startswith("transactional")
    ]
    kafka = user_of_kafka(guarded, "limited", less)
    limited = as_user(guarded, kafka, user_of_postgres(guarded, "limited"))
    guarded.execute("grant usage on schema stg to limited")
    guarded.execute("grant select on stg.publications to limited")
    answers = checked(limited, "emit", code=1)
    wrong = [what.split(" (")[0] for what, answer in answers.items() if answer != "ok"]
    assert wrong == [
        "Kafka: Read and Write and DescribeConfigs on the topic -dds",
        "Kafka: Read and Write on the topic -dds.progress",
        "Kafka: Write on the transactional ids that begin with -dds",
        "Postgres: insert on stg.publications",
        "Postgres: update on stg.publications",
    ]
    described = next(answer for what, answer in answers.items() if what.endswith("topic -dds"))
    assert described.startswith("grant limited DescribeConfigs on the topic ")
    guarded.execute("drop owned by limited")
