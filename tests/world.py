"""One test's world: a fresh database, topics and groups of its own, on the session's servers."""

import itertools
import json
import os
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Event as Flag
from typing import Any

import psycopg2
import pytest
import redis
from confluent_kafka import KafkaError, Producer
from psycopg2.extras import RealDictCursor, register_uuid

from ingest.kafka.admin import Admin
from ingest.kafka.client import configuration
from ingest.kafka.message import Received
from ingest.kafka.reader import is_open, read_all
from ingest.operate import ddl
from ingest.operate.init import topics
from ingest.postgres import Postgres
from ingest.services import run_emit, run_stg
from ingest.settings import Settings

ROOT = Path(__file__).parent.parent
DATABASE = "ordervault_test"
TEMPLATE = "ordervault_test_template"
# Stands in for Citus; and whether all tests are to run with it.
STAND_IN = ROOT / "tests" / "distributed.sql"
DISTRIBUTED = bool(os.environ.get("ORDERVAULT_TEST_DISTRIBUTED"))
# What tells a database of the tests from one that somebody needs.
OURS = "made by the tests of Ordervault"
# What a command may take, in seconds.
LONGEST = 300

register_uuid()  # type: ignore[no-untyped-call]

_numbers = itertools.count(1)


def connect(environment: Mapping[str, str], database: str) -> Any:
    """A connection of the test's own, in autocommit."""
    connection = psycopg2.connect(
        host=environment["PG_WAREHOUSE_HOST"],
        port=environment["PG_WAREHOUSE_PORT"],
        user=environment["PG_WAREHOUSE_USER"],
        password=environment.get("PG_WAREHOUSE_PASSWORD") or None,
        dbname=database,
        application_name="test",
    )
    connection.autocommit = True
    return connection


def new_database(environment: Mapping[str, str], name: str, template: str = "template0") -> None:
    """Make the database anew, whoever is connected to it; refuse if it is not the tests' own."""
    connection = connect(environment, "postgres")
    with connection.cursor() as cursor:
        cursor.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = %s",
            (name,),
        )
        if cursor.fetchone() not in (None, (OURS,)):
            pytest.exit(f"the database {name} is not one that tests have made: drop it yourself", 2)
        cursor.execute(f"drop database if exists {name} with (force)")
        cursor.execute(f"create database {name} template {template}")
        cursor.execute(f"comment on database {name} is '{OURS}'")
    connection.close()


def prepare(environment: dict[str, str]) -> dict[str, str]:
    """Make the template of a prepared warehouse on the servers; returns what reaches them."""
    new_database(environment, TEMPLATE)
    apply_ddl(environment, TEMPLATE, distributed=DISTRIBUTED)
    return environment


def apply_ddl(environment: Mapping[str, str], database: str, *, distributed: bool) -> None:
    """What `ingest init` does to a database, `distributed` to one that seems to have Citus."""
    if distributed:
        connection = connect(environment, database)
        with connection.cursor() as cursor:
            cursor.execute(STAND_IN.read_text())
        connection.close()
    values: dict[str, Any] = {name.lower(): value for name, value in environment.items()}
    settings = Settings(**{**values, "pg_warehouse_dbname": database})
    with Postgres(settings, "test", prepared=False) as postgres:
        ddl.apply(postgres)


class World:
    """What a test sees and does. All names of topics and groups are its own."""

    def __init__(self, servers: Mapping[str, str], **overrides: str) -> None:
        self.name = f"t{os.getpid()}-{next(_numbers)}-{uuid.uuid4().hex[:6]}"
        self.environment = {
            **servers,
            "PG_WAREHOUSE_DBNAME": DATABASE,
            "KAFKA_SESSION_TIMEOUT_MS": "3000",
            "KAFKA_STG_CONSUMER_GROUP": f"{self.name}-stg",
            "KAFKA_DDS_CONSUMER_GROUP": f"{self.name}-dds",
            "KAFKA_CDM_CONSUMER_GROUP": f"{self.name}-cdm",
            "KAFKA_STG_SRC_TOPIC": f"{self.name}-orders",
            "KAFKA_STG_DST_TOPIC": f"{self.name}-stg",
            "KAFKA_DDS_SRC_TOPIC": f"{self.name}-stg",
            "KAFKA_DDS_DST_TOPIC": f"{self.name}-dds",
            "KAFKA_CDM_SRC_TOPIC": f"{self.name}-dds",
            "STG_TRANSACTIONAL_ID": f"{self.name}-stg",
            "DDS_TRANSACTIONAL_ID": f"{self.name}-dds",
            "KAFKA_TOPIC_PARTITIONS": "3",
            "MAX_OUTAGE_SECONDS": "30",
            **({"PG_WAREHOUSE_DISTRIBUTED": "true"} if DISTRIBUTED else {}),
            **overrides,
        }
        self.new_database()
        self.redis = redis.Redis(
            servers["REDIS_HOST"],
            int(servers["REDIS_PORT"]),
            username=servers.get("REDIS_USERNAME"),
            password=servers.get("REDIS_PASSWORD"),
            ssl=servers.get("REDIS_TLS") == "true",
            ssl_ca_certs=servers.get("CERTIFICATE_PATH"),
        )
        Admin(self.settings).create_topics(topics(self.settings))

    def new_database(self) -> None:
        """An empty, prepared warehouse instead of the one there was."""
        new_database(self.environment, DATABASE, TEMPLATE)
        self.connection = connect(self.environment, DATABASE)

    def reconnect(self) -> None:
        """Connect to the warehouse again, after its server went away."""
        self.connection.close()
        self.connection = connect(self.environment, DATABASE)

    def close(self) -> None:
        self.connection.close()
        self.redis.close()

    @property
    def settings(self) -> Settings:
        values: Any = {name.lower(): value for name, value in self.environment.items()}
        return Settings(**values)

    @property
    def servers(self) -> str:
        """Kafka's, for its own tools."""
        return self.settings.bootstrap_servers

    @property
    def process_environment(self) -> dict[str, str]:
        """What a process is started with that is to see this world."""
        return {**os.environ, **self.environment}

    # --- doing ---

    def send(
        self, *values: bytes | None, key: bytes | None = b"k", partition: int | None = None
    ) -> None:
        """Send raw values to the source topic, in order."""
        producer = Producer({**configuration(self.settings), "message.max.bytes": 4_000_000})
        errors: list[KafkaError] = []
        for value in values:
            producer.produce(
                self.settings.kafka_stg_src_topic,
                value,
                key,
                partition=-1 if partition is None else partition,
                on_delivery=lambda error, _: errors.append(error) if error else None,
            )
        assert producer.flush(30) == 0
        assert not errors, errors[0]

    def begun(self) -> Producer:
        """Somebody else, in a transaction that has begun and that nobody ends but the caller."""
        name = f"{self.name}-other"
        lasting = {"transaction.timeout.ms": 600_000}
        other = Producer({**configuration(self.settings), "transactional.id": name, **lasting})
        other.init_transactions()
        other.begin_transaction()
        return other

    def know(self, *documents: Mapping[str, Any]) -> None:
        """Put reference documents into Redis under their `_id`."""
        for document in documents:
            self.redis.set(document["_id"], json.dumps(document))

    def stg(self, **overrides: Any) -> Counter[str]:
        """`ingest stg --once` in this process."""
        settings = self.settings.model_copy(update=overrides)
        return run_stg(settings, once=True, stop=Flag())

    def emit(self) -> int:
        """`ingest emit` in this process."""
        return run_emit(self.settings, follow=False, stop=Flag())

    def ingest(
        self, *arguments: str, check: bool = True, **overrides: str
    ) -> subprocess.CompletedProcess[str]:
        """The command line, as a user runs it."""
        from tests import children  # it imports this module

        environment = {**self.process_environment, **overrides}
        done = children.ingest(environment, *arguments, seconds=LONGEST)
        assert not check or done.returncode == 0, f"{arguments}\n{done.stdout}{done.stderr}"
        return done

    def dbt(self, *arguments: str, **overrides: str) -> subprocess.CompletedProcess[str]:
        """dbt's own command line likewise."""
        done = subprocess.run(
            [str(ROOT / ".venv/bin/dbt"), *arguments],
            cwd=ROOT,
            env={**self.process_environment, **overrides},
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    # --- seeing ---

    def execute(self, statement: str, *values: Any) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values or None)

    def rows(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        """The rows as dictionaries."""
        with self.connection.cursor(cursor_factory=RealDictCursor) as cursor:
            cursor.execute(statement, values or None)
            return [dict(row) for row in cursor.fetchall()]

    def value(self, statement: str, *values: Any) -> Any:
        """The one value of the one row."""
        ((value,),) = [tuple(row.values()) for row in self.rows(statement, *values)]
        return value

    def topic(self, name: str) -> list[Received]:
        """Every committed message of a topic. Kafka answers a commit before it can be read."""
        admin, deadline = Admin(self.settings), time.monotonic() + 10
        while is_open(admin, name) and time.monotonic() < deadline:
            time.sleep(0.05)
        return list(read_all(self.settings, admin, name))

    def onward(self) -> list[dict[str, Any]]:
        """The payloads that went on from stg."""
        return [_json(message) for message in self.topic(self.settings.kafka_stg_dst_topic)]

    def closed(self) -> list[dict[str, Any]]:
        """The messages that went on from dds."""
        return [_json(message) for message in self.topic(self.settings.kafka_dds_dst_topic)]

    def dead_letters(self) -> list[dict[str, Any]]:
        return self.rows("select * from stg.dead_letters order by position")


def _json(message: Received) -> Any:
    return json.loads(message.value() or b"null")


# --- documents ------------------------------------------------------------------------------------

USER = {"_id": "user-1", "name": "Анна Ковалёва", "login": "anna"}
RESTAURANT = {
    "_id": "rest-1",
    "name": "Вкус Индии",
    "menu": [
        {"_id": "dish-1", "name": "Борщ", "price": 120, "category": "Супы"},
        {"_id": "dish-2", "name": "Плов", "price": 250.5, "category": "Горячее"},
    ],
}

# The statuses of an order that is closed.
CLOSED = [{"status": "CLOSED", "dttm": "2024-03-01 13:00:00"}]


def order(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A good message of the source topic; `changes` are put into its payload."""
    payload = {
        "restaurant": {"id": "rest-1"},
        "date": "2024-03-01 12:00:00",
        "user": {"id": "user-1"},
        "order_items": [{"id": "dish-1", "name": "Борщ", "price": 120, "quantity": 1}],
        "bonus_payment": 0,
        "cost": 120,
        "payment": 120,
        "bonus_grant": 1,
        "statuses": [{"status": "OPEN", "dttm": "2024-03-01 12:00:00"}],
        "final_status": "OPEN",
        "update_ts": "2024-03-01 12:00:00",
        **changes,
    }
    return {
        "object_id": number,
        "object_type": "order",
        "sent_dttm": "2024-03-01 12:00:01",
        "payload": payload,
    }


def encoded(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def orders(numbers: Sequence[int]) -> Iterator[bytes]:
    """Good messages of different orders."""
    for number in numbers:
        yield encoded(order(number))
