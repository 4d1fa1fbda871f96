"""The services, and what they do when there is nothing to do or something is away."""

import logging
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaError, Producer, TopicPartition
from dbt.adapters.cache import RelationsCache

from ingest import services
from ingest.build import Built, Dbt
from ingest.errors import OutageError, StopError
from ingest.kafka.client import configuration
from ingest.kafka.wake_ups import WakeUps
from ingest.publish import Publisher
from sandbox.kafka_tools import group_lags
from tests.integration.running import LONGEST, Service, until
from tests.world import CLOSED, ROOT, World, encoded, order

COUNTS = "select order_cnt from cdm.user_product_counters"
BROKEN = """
create function public.fail() returns trigger language plpgsql
as $$ begin raise exception 'broken on purpose'; end $$;
create trigger broken before insert or update on dds.s_user_names
for each statement execute function public.fail();
"""


def closed(world: World, number: int) -> None:
    """Load an order that is closed."""
    world.send(encoded(order(number, statuses=CLOSED)))
    assert world.stg()["stored"] == 1


def run(world: World, name: str, *, once: bool = True, limit: float = 30.0) -> Service:
    """`ingest dds` or `ingest cdm` in a thread; with `once`, until it has ended."""
    settings = world.settings.model_copy(
        update={"default_job_interval": 1.0, "max_outage_seconds": limit}
    )
    service = Service()
    work = {"dds": services.run_dds, "cdm": services.run_cdm}[name]
    service.begin(lambda: work(settings, once=once, stop=service.stop))
    if once:
        service.join()
    return service


def test_rounds_with_nothing_new_are_no_outage(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    closed(world, 1)
    with caplog.at_level(logging.WARNING):
        for name in ("dds", "cdm") * 2:
            run(world, name).end()
    assert world.rows(COUNTS) == [{"order_cnt": 1}]
    assert len(world.closed()) == 1
    assert not [message for message in caplog.messages if "waiting" in message]


def test_what_was_closed_is_sent_though_a_model_fails_that_it_does_not_need(world: World) -> None:
    closed(world, 1)
    run(world, "dds").end()
    world.execute(BROKEN)
    closed(world, 2)
    service = run(world, "dds", once=False)
    until(lambda: len(world.closed()) == 2, "what was closed")
    assert service.lives
    world.execute("drop trigger broken on dds.s_user_names")
    closed(world, 3)
    until(lambda: len(world.closed()) == 3, "what was closed later")
    service.end()


def test_a_command_whose_model_fails_ends_with_dbts_own_words(world: World) -> None:
    closed(world, 1)
    run(world, "dds").end()
    world.execute(BROKEN)
    closed(world, 2)
    error = run(world, "dds").ended()
    assert isinstance(error, StopError)
    assert "s_user_names" in str(error)
    assert "broken on purpose" in str(error)
    world.execute("drop trigger broken on dds.s_user_names")
    run(world, "dds").end()
    assert sorted(message["object_id"] for message in world.closed()) == [1, 2]


def test_the_service_waits_for_an_outage_of_sending_as_for_any_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it lasts: MAX_OUTAGE_SECONDS is for commands with --once."""
    closed(world, 1)
    send, failures = Publisher.turn, [OutageError("Kafka", "away")] * 4

    def fails_at_first(self: Publisher) -> int:
        if failures:
            raise failures.pop()
        return send(self)

    monkeypatch.setattr(Publisher, "turn", fails_at_first)
    service = run(world, "dds", once=False, limit=0.01)
    until(lambda: len(world.closed()) == 1, "what was closed")
    assert failures == []
    service.end()


def test_a_service_builds_when_there_is_something_to_build(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed(world, 1)
    run(world, "dds").end()
    built: list[tuple[str | bool, ...]] = []
    build = Dbt.build

    def noted(self: Dbt, *select: str, again: bool) -> Built:
        built.append((*select, again))
        return build(self, *select, again=again)

    monkeypatch.setattr(Dbt, "build", noted)
    service = run(world, "dds", once=False)
    until(lambda: built, "the build at its start")
    time.sleep(3)  # longer than the job interval
    assert built == [("dds", False)]
    closed(world, 2)
    until(lambda: len(world.closed()) == 2, "what was closed")
    time.sleep(3)
    assert built == [("dds", False), ("dds", True)]  # what no event changes is there already
    service.end()


def test_a_model_looks_for_its_table_when_all_tables_are_known(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that takes its table for missing would load all events into it once more."""
    dbt = Dbt(world.settings)
    closed(world, 1)
    dbt.build("dds")
    closed(world, 2)
    add = RelationsCache.add

    def slowly(self: RelationsCache, relation: Any) -> None:
        add(self, relation)  # type: ignore[no-untyped-call]
        time.sleep(0.1)

    monkeypatch.setattr(RelationsCache, "add", slowly)
    dbt.build("dds")
    assert world.value("select count(*) from staging.stg_orders") == 2


@contextmanager
def process(world: World, command: str) -> Iterator[None]:
    """A service as a user runs it, until the block ends."""
    environment = {**os.environ, **world.environment, "DEFAULT_JOB_INTERVAL": "3600"}
    running = subprocess.Popen([ROOT / ".venv/bin/ingest", command], cwd=ROOT, env=environment)
    try:
        yield
        running.terminate()
        assert running.wait(30) == 0
    finally:
        running.kill()
        running.wait()


def test_new_events_wake_the_vault_and_closed_orders_wake_the_marts(world: World) -> None:
    """Long before their job interval has passed."""

    def exists(table: str) -> bool:
        return bool(world.value("select to_regclass(%s) is not null", table))

    with process(world, "dds"):
        until(lambda: exists("dds.outbox"), "the vault")
        with process(world, "cdm"):
            until(lambda: exists("cdm.user_category_counters"), "the marts")
            for number in (1, 2):
                closed(world, number)
                deadline = time.monotonic() + LONGEST
                while world.rows(COUNTS) != [{"order_cnt": number}]:
                    assert time.monotonic() < deadline, "nobody was woken"
                    time.sleep(0.1)
            # Who scales or alerts by the lag of these groups sees that nothing waits.
            groups = (
                world.settings.kafka_dds_consumer_group,
                world.settings.kafka_cdm_consumer_group,
            )
            until(
                lambda: all(
                    set(group_lags(world.servers, group).values()) == {0} for group in groups
                ),
                "the groups' lag to be 0",
            )


def test_a_group_is_told_of_what_wakes_nobody(world: World) -> None:
    """Markers, and a transaction that was aborted: there is nothing to do, and no lag."""
    topic, group = world.settings.kafka_dds_src_topic, world.settings.kafka_dds_consumer_group
    with process(world, "dds"):
        until(lambda: world.value("select to_regclass('dds.outbox') is not null"), "the vault")
        time.sleep(1)  # it waits to be woken
        producer = Producer({**configuration(world.settings), "transactional.id": topic})
        producer.init_transactions(30)
        producer.begin_transaction()
        producer.produce(topic, b"never", partition=0)
        producer.flush(30)
        producer.abort_transaction(30)
        until(lambda: group_lags(world.servers, group).get((topic, 0)) == 0, "lag 0")


def test_a_group_that_refuses_is_told_again(world: World) -> None:
    topic, group = world.settings.kafka_dds_src_topic, world.settings.kafka_dds_consumer_group
    producer = Producer(configuration(world.settings))
    with WakeUps(world.settings, topic, group) as wake_ups:
        producer.produce(topic, b"{}", partition=0)
        assert producer.flush(30) == 0
        until(lambda: wake_ups.wait(1), "the message")
        wake_ups._ends = {}  # told, and then refused
        refused = KafkaError(KafkaError.REBALANCE_IN_PROGRESS)
        wake_ups._on_commit(refused, [TopicPartition(topic, 0, 1)])
        wake_ups.commit()
        until(lambda: group_lags(world.servers, group).get((topic, 0)) == 0, "lag 0")


def test_the_dbt_of_a_service_fills_no_disk(world: World, tmp_path: Path) -> None:
    """What it compiles lies there once, however often it builds; it logs nothing of its own."""
    target, logs = str(tmp_path / "target"), str(tmp_path / "logs")
    sizes = []
    for number in (1, 2, 3):
        closed(world, number)
        world.ingest("dds", "--once", DBT_TARGET_PATH=target, DBT_LOG_PATH=logs)
        sizes.append(sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file()))
        assert sum(file.stat().st_size for file in (tmp_path / "logs").glob("*")) == 0
    assert 0 < sizes[2] <= sizes[1] * 1.01
