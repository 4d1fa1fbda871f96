"""The demo, the bench and the tests reach no servers but their own, whatever names others.

And what the demo shows, for which it is run once.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import redis
from confluent_kafka.admin import AdminClient

from sandbox.demo import REPORT
from tests.world import ROOT, connect

# Somebody's warehouse, on servers that answer.
OTHERS = "somebodys_warehouse"
# They only start and see an event through: each is tested elsewhere.
COMMANDS = {
    "demo": ("-m", "sandbox", "demo", "--orders", "300"),
    "bench": ("-m", "bench", "--quick", "--scale", "0.005", "--only", "hops"),
    "test": ("-m", "pytest", f"{ROOT}/tests/integration/test_bad_envelopes.py", "-k", "year_55000"),
}


@pytest.fixture
def others(servers: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """What names servers that run, with a database of somebody's, and how somebody reaches them."""
    administrator = connect(servers, "postgres")
    with administrator.cursor() as cursor:
        cursor.execute(f"create database {OTHERS}")
        yield {**servers, "PG_WAREHOUSE_DBNAME": OTHERS, "PG_WAREHOUSE_ROLE": "somebody"}
        cursor.execute(f"drop database {OTHERS} with (force)")
    administrator.close()


@pytest.mark.parametrize("command", COMMANDS)
def test_servers_that_others_name_are_not_reached(
    servers: Mapping[str, str], others: dict[str, str], tmp_path: Path, command: str
) -> None:
    """By `.env`, by variables and by secrets: each names them, and each is enough."""
    REPORT.unlink(missing_ok=True)
    (tmp_path / "secrets").mkdir()
    for name, value in others.items():
        (tmp_path / "secrets" / name.lower()).write_text(value)
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in others.items()))
    before = visits(servers)
    done = subprocess.run(
        [sys.executable, *COMMANDS[command]],
        cwd=tmp_path,
        env={
            **{name: value for name, value in os.environ.items() if "DOTENV" not in name},
            **others,
            "SECRETS_FOLDER": str(tmp_path / "secrets"),
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert visits(servers) == before
    assert others["KAFKA_PORT"] not in done.stdout
    assert "Kafka 127.0.0.1:" in done.stdout  # where it was instead
    if command == "demo":
        assert_promise_was_kept(done.stdout)


def assert_promise_was_kept(shown: str) -> None:
    said = dict(re.findall(r"^ +(sent|stored|lost|doubled|vault) +(\S+)", shown, re.M))
    assert said.pop("vault") == "unchanged"
    assert len(re.findall(r"killed at [\d,]+, and gone on", shown)) == 2
    figures = {name: int(figure.replace(",", "")) for name, figure in said.items()}
    assert (figures["lost"], figures["doubled"]) == (0, 0)
    assert figures["sent"] > 2 * figures["stored"] > 2000
    assert str(REPORT) in shown
    text = " ".join(REPORT.read_text().split())
    assert f"{figures['stored']:,} events stored, nothing waits" in text


def visits(servers: Mapping[str, str]) -> tuple[int, list[str], int]:
    """What visitors leave: sessions of the database, topics that are no test's, keys in Redis."""
    with connect(servers, "postgres").cursor() as cursor:
        cursor.execute("select pg_stat_force_next_flush()")
        cursor.execute("select sessions from pg_stat_database where datname = %s", (OTHERS,))
        ((sessions,),) = cursor.fetchall()
    admin = AdminClient({"bootstrap.servers": f"{servers['KAFKA_HOST']}:{servers['KAFKA_PORT']}"})
    topics = [name for name in admin.list_topics(timeout=10).topics if not name.startswith("t")]
    with redis.Redis(servers["REDIS_HOST"], int(servers["REDIS_PORT"])) as client:
        return sessions, sorted(topics), client.dbsize()


def test_a_database_that_is_not_the_tests_own_is_refused(others: dict[str, str]) -> None:
    """Even where somebody lets the tests use named servers."""
    statement = f"from tests.world import new_database; new_database({others!r}, {OTHERS!r})"
    done = subprocess.run(
        [sys.executable, "-c", statement], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "is not one that tests have made" in done.stdout + done.stderr
    assert connect(others, OTHERS).closed == 0
