"""What real services export while orders go through them."""

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client.parser import text_string_to_metric_families

from tests.dbt_project import DbtProject
from tests.integration.running import until
from tests.world import CLOSED, ROOT, World, encoded, order, orders

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


class Serving:
    """A service that serves, and what it says."""

    def __init__(self, port: int) -> None:
        self.port = port

    def samples(self) -> Samples:
        url = f"http://127.0.0.1:{self.port}/metrics"
        with urllib.request.urlopen(url, timeout=10) as answer:
            text = answer.read().decode()
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float | None:
        try:
            return self.samples().get((f"ordervault_{name}", frozenset(labels.items())))
        except OSError:  # it does not listen yet
            return None

    def until(self, expected: float, name: str, **labels: str) -> None:
        until(lambda: self.value(name, **labels) == expected, f"{name} {labels} = {expected}")


@contextmanager
def serving(world: World, *command: str, **variables: str) -> Iterator[Serving]:
    """A service as a user runs it, until the block ends; it ends in order and says nothing odd."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    environment = {**os.environ, **world.environment, "HEALTH_PORT": str(port), **variables}
    running = subprocess.Popen(
        [ROOT / ".venv/bin/ingest", *command],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Serving(port)
        running.terminate()
        _, said = running.communicate(timeout=30)
        assert running.returncode == 0, said
        assert "Traceback" not in said
    finally:
        running.kill()
        running.wait()


def test_the_loader_counts_what_it_does_and_shows_every_hop(world: World) -> None:
    raw = encoded(order(1))
    world.send(raw, raw, b"{", *orders(range(5, 15)), partition=0)
    with serving(world, "stg") as stg:
        stg.until(11, "messages_total", outcome="stored")
        stg.until(1, "messages_total", outcome="duplicate")
        stg.until(1, "messages_total", outcome="malformed_json")
        stg.until(11, "published_rows_total", topic=world.settings.kafka_stg_dst_topic)
        found = stg.samples()
        assert found["ordervault_fetched_bytes_total", frozenset()] > 11 * len(raw)
        assert found["ordervault_batches_total", frozenset()] >= 1
        for step in ("fetch", "enrich", "store", "commit", "publish"):
            labels = frozenset({("step", step)})
            assert found["ordervault_step_seconds_count", labels] >= 1, step
            assert 0 < found["ordervault_step_seconds_sum", labels] < 60, step
        stg.until(11, "rows", hop="load")
        stg.until(0, "lag_messages", hop="publish")
        assert stg.value("open_dead_letters", reason="malformed_json") == 1
        assert stg.value("open_dead_letters", reason="empty") == 0
        assert stg.value("lag_messages", hop="dds") == 11
        assert (stg.value("lag_seconds", hop="dds") or 0) > 0
        assert stg.value("models_behind", layer="hubs") == 5
        assert stg.value("hop_broken", hop="load") == 0
        assert time.time() - (stg.value("hops_read_timestamp_seconds") or 0) < 60


def test_a_scrape_waits_for_nothing_while_a_server_is_away(world: World) -> None:
    with serving(world, "stg", REDIS_PORT="1") as stg:
        stg.until(1, "waiting", system="Redis")
        began = time.monotonic()
        for _ in range(10):
            stg.samples()
        assert time.monotonic() - began < 5
        until(lambda: (stg.value("retries_total", system="Redis") or 0) >= 2, "two attempts")
        stg.until(0, "waiting", system="Kafka")


def test_builds_are_counted_with_their_rows_and_failures(world: World, dbt: DbtProject) -> None:
    world.send(encoded(order(1, statuses=CLOSED)))
    world.stg()
    dbt.build(world)
    with serving(world, "dds") as dds:
        dds.until(1, "builds_total", build="dds", outcome="done")
        assert (dds.value("step_seconds_sum", step="build") or 0) > 0
        assert (
            time.time() - (dds.value("build_last_success_timestamp_seconds", build="dds") or 0) < 60
        )
        dds.until(1, "published_rows_total", topic=world.settings.kafka_dds_dst_topic)
        world.execute("alter table dds.h_user rename to h_user_away")
        world.execute("create view dds.h_user as select * from dds.h_user_away")
        world.send(encoded(order(2)))
        world.stg()
        until(
            lambda: (dds.value("builds_total", build="dds", outcome="failed") or 0) >= 1,
            "a failure",
        )
        dds.until(1, "waiting", system="dbt")
        assert dds.value("builds_total", build="dds", outcome="done") == 1


def test_a_user_who_may_not_read_all_is_shown_the_rest(world: World) -> None:
    world.execute("create role loader login; grant ordervault_ingestor to loader")
    world.send(encoded(order(1)))
    with serving(world, "stg", PG_WAREHOUSE_USER="loader") as stg:
        stg.until(1, "rows", hop="load")
        assert stg.value("lag_messages", hop="publish") is not None
        assert stg.value("lag_messages", hop="dds") is None
    world.execute("drop role loader")
