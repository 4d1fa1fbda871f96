"""All servers secured: the whole way, with the rights that the README lists and no others."""

import subprocess
import sys

from confluent_kafka.admin import AdminClient

from ingest.kafka.admin import Admin
from ingest.kafka.client import configuration
from ingest.kafka.rights import COMMANDS, TOPIC, Right, rights
from sandbox.stack import Stack
from tests.integration.secured import allow, as_user, user_of_kafka, user_of_postgres, user_of_redis
from tests.integration.token_provider import CLIENT, SECRET, TokenProvider
from tests.world import CLOSED, DATABASE, OURS, World, connect, encoded, order

OWNER = "owner_of_the_warehouse"
GRANTS = {"stg": "ingestor", "dds": "transformer", "cdm": "transformer", "emit": "emitter"}


def empty_database(world: World) -> dict[str, str]:
    """An empty database of its owner's, who may create roles and no more."""
    world.connection.close()
    connection = connect(world.environment, "postgres")
    with connection.cursor() as cursor:
        cursor.execute(f"drop database {DATABASE} with (force)")
        owner = user_of_postgres(world, OWNER, "createrole")
        cursor.execute(f"create database {DATABASE} owner {OWNER}")
        cursor.execute(f"comment on database {DATABASE} is '{OURS}'")
    connection.close()
    return owner


def test_the_documented_rights_are_enough_for_the_whole_way(guarded: World) -> None:
    owner = empty_database(guarded)
    kafka = {
        command: user_of_kafka(guarded, command, rights(guarded.settings, command))
        for command in COMMANDS
    }
    role = {"PG_WAREHOUSE_ROLE": "ordervault_transformer"}
    redis = user_of_redis(guarded, "stg", "~*", "+mget")
    init = as_user(guarded, owner, kafka["init"])
    assert "ready" in init.ingest("init").stdout
    guarded.connection = connect(guarded.environment, DATABASE)
    guarded.execute(f"grant ordervault_transformer to {OWNER}")
    users = {name: user_of_postgres(guarded, f"service_{name}") for name in GRANTS}
    for name, granted in GRANTS.items():
        guarded.execute(f"grant ordervault_{granted} to service_{name}")

    def run(name: str, *command: str) -> str:
        who = as_user(guarded, role, users.get(name, owner), kafka[name], redis)
        return who.ingest(*(command or (name, "--once"))).stdout

    guarded.send(encoded(order(1, statuses=CLOSED)), b"{", encoded(order(2)))
    assert "2 stored" in run("stg")
    run("dds")
    run("cdm")
    guarded.send(encoded(order(2, statuses=CLOSED, update_ts="2024-03-01 14:00:00")))
    run("stg")
    dbt = as_user(guarded, role, users["dds"])
    assert dbt.dbt("build", "--select", "dds+").returncode == 0
    assert "1 sent" in run("emit", "emit")
    assert {message["object_id"] for message in guarded.closed()} == {1, 2}
    assert len(guarded.onward()) == 3
    assert guarded.value("select sum(order_cnt) from cdm.user_product_counters") == 2

    monitor = user_of_postgres(guarded, "monitor")
    guarded.execute("grant ordervault_monitor to monitor")
    users["status"] = monitor
    for service in ("stg", "dds", "status"):
        checked = run(service, "check", service)
        assert checked.count(": ok\n") == checked.count("\n") > 3, checked
    status = run("status", "status")
    assert "all well" in status
    assert "authorization" not in status.lower()
    replay = as_user(guarded, users["stg"], kafka["dead-letters replay"], redis)
    replay.ingest("dead-letters", "replay", "--reason", "malformed_json")
    assert "lacks nothing" in run("recover", "recover")
    source = guarded.settings.kafka_stg_src_topic
    run("seek", "seek", source, "--to", "beginning")
    run("seek", "seek", guarded.settings.kafka_dds_dst_topic, "--to", "end")


def test_orders_are_simulated_for_them(guarded: World) -> None:
    source = Right(TOPIC, guarded.settings.kafka_stg_src_topic, ("Describe", "Write"))
    kafka = user_of_kafka(guarded, "simulator", [source])
    simulator = as_user(guarded, kafka, user_of_redis(guarded, "simulator", "~*", "+set"))

    def simulate(seen: World) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "sandbox", "simulate", "--orders", "2"],
            env=seen.process_environment,
            capture_output=True,
            text=True,
            check=False,
        )

    assert "messages sent" in simulate(simulator).stdout
    refused = simulate(as_user(simulator, user_of_redis(guarded, "simulator", "~*", "+get")))
    assert "sandbox: Redis did not take reference data" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_kafka_takes_plain_passwords(guarded: World) -> None:
    assert reaches_kafka(guarded, KAFKA_SASL_MECHANISM="PLAIN")


def test_kafka_takes_certificates(guarded: World, secured: Stack) -> None:
    assert secured.security is not None
    ours = str(
        secured.security.certificate("admin", "admin.example")
    )  # the key is in the same file
    certificate = {"KAFKA_CERTIFICATE_PATH": ours, "KAFKA_KEY_PATH": ours}
    port = secured.environment["KAFKA_CERTIFICATE_PORT"]
    nobody = {"KAFKA_USERNAME": "", "KAFKA_PASSWORD": ""}
    assert reaches_kafka(guarded, KAFKA_PORT=port, **certificate, **nobody)


def test_kafka_takes_tokens(guarded: World, secured: Stack, tokens: TokenProvider) -> None:
    assert secured.security is not None
    settings = guarded.settings
    allow(AdminClient(configuration(settings)), CLIENT, rights(settings, "status"))
    with tokens.serving(secured.security.server):
        assert reaches_kafka(
            guarded,
            KAFKA_SASL_MECHANISM="OAUTHBEARER",
            KAFKA_OAUTH_TOKEN_URL=tokens.url,
            KAFKA_USERNAME=CLIENT,
            KAFKA_PASSWORD=SECRET,
        )


def reaches_kafka(world: World, **changes: str) -> list[int]:
    """The source topic's partitions, which only a user of Kafka is told."""
    settings = as_user(world, changes).settings
    return Admin(settings).partitions(settings.kafka_stg_src_topic)
