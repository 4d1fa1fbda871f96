"""Postgres is killed, restarted, full, read-only, or hangs up, in the middle of a load."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from sandbox.stack import Stack
from tests.dbt_project import DbtProject
from tests.faults.bench import Bench, bench, end_sessions, in_full
from tests.faults.processes import wait_until
from tests.world import DATABASE, RESTAURANT, USER, World, connect, encoded, order

IS_ROOT = os.geteuid() == 0

DEADLOCK = "deadlock detected"
LOCK_PROGRESS = """
select 1 from stg.source_progress where kafka_topic = %s and kafka_partition = %s for update
"""


@contextmanager
def administrator(world: World, database: str = "postgres") -> Iterator[Any]:
    """A cursor that may write whatever the server's default is."""
    connection = connect(world.environment, database)
    with connection.cursor() as cursor:
        cursor.execute("set default_transaction_read_only = off")
        yield cursor
    connection.close()


@in_full
@pytest.mark.timeout(1500)
def test_sessions_ended_by_the_server(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """Of loaders and publishers."""
    with bench(own_stack, own_world, tmp_path, dbt) as running:
        while running.injected["a session of Postgres ended"] < 120:
            running.supervisor.until_working(2, again=True)
            ended = end_sessions(own_world, "ingest stg", "ingest publish")
            running.injects("a session of Postgres ended", ended)


@in_full  # in short: test_fail_over kills it, too
@pytest.mark.timeout(1500)
def test_postgres_killed_and_restarted(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    with bench(own_stack, own_world, tmp_path, dbt) as running:
        postgres = running.servers["postgres"]
        for turn in range(30):
            time.sleep(running.random.uniform(0, 1))
            if turn % 2:
                postgres.stop(signal.SIGINT)
                running.injects("Postgres restarted")
            else:
                postgres.kill()
                running.injects("kill -9 of Postgres")
            postgres.restart()
            own_world.reconnect()
            if turn % 3 == 1:
                running.supervisor.until_working(2, again=True)
                running.until_published()


@in_full
@pytest.mark.timeout(1500)
def test_postgres_is_away_or_read_only_for_a_while(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    with bench(own_stack, own_world, tmp_path, dbt) as running:
        for _ in range(3):
            running.supervisor.until_working(2, again=True)
            with _read_only(running):
                running.supervisor.until_one_says("waiting for Postgres")
                time.sleep(5)
            running.supervisor.until_working(2, again=True)
        postgres = running.servers["postgres"]
        postgres.kill()
        running.injects("Postgres away for minutes")
        time.sleep(120)
        postgres.restart()
        running.supervisor.until_working(2, again=True)


@contextmanager
def _read_only(running: Bench) -> Iterator[None]:
    """Make the whole server read-only, as one that runs full is made by its operators."""
    running.injects("Postgres read-only")
    with administrator(running.world) as cursor:
        cursor.execute("alter system set default_transaction_read_only = on")
        cursor.execute("select pg_reload_conf()")
        try:
            yield
        finally:
            cursor.execute("alter system reset default_transaction_read_only")
            cursor.execute("select pg_reload_conf()")


@in_full
@pytest.mark.skipif(not IS_ROOT, reason="only root may mount a small disk")
@pytest.mark.timeout(1500)
def test_a_disk_that_is_full(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """The events' table lies on a disk of its own, which something else fills up."""
    with (
        _small_disk(own_stack.folder / "small", own_world) as disk,
        bench(own_stack, own_world, tmp_path, dbt) as running,
    ):
        for _ in range(5):
            running.supervisor.until_working(2, again=True)
            filler = disk / "filler"
            _fill(filler)
            running.injects("a full disk")
            running.supervisor.until_one_says("No space left on device")
            filler.unlink()
            running.supervisor.until_working(2, again=True)


def _fill(file: Path) -> None:
    with suppress(OSError), file.open("wb", 0) as filler:
        while filler.write(bytes(4096)):
            pass


@contextmanager
def _small_disk(folder: Path, world: World) -> Iterator[Path]:
    """A disk of 256 MB in memory that holds the table of events."""
    folder.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256m,mode=777", "none", str(folder)], check=True
    )
    try:
        (folder / "data").mkdir()
        (folder / "data").chmod(0o700)
        owner = (folder.parent / "postgres").stat().st_uid
        os.chown(folder / "data", owner, -1)
        with administrator(world) as cursor:
            cursor.execute(f"create tablespace small location '{folder}/data'")
        world.execute("alter table stg.order_events set tablespace small")
        yield folder
        world.reconnect()
        world.execute("alter table stg.order_events set tablespace pg_default")
        with administrator(world) as cursor:
            cursor.execute("drop tablespace small")
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@in_full
@pytest.mark.timeout(600)
def test_a_deadlock_costs_an_attempt_and_no_more(
    own_stack: Stack, own_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A batch takes partition 0, then 1; somebody who does it the other way round waits."""
    topic, sent = own_world.settings.kafka_stg_src_topic, 0
    own_world.know(USER, RESTAURANT)
    log = own_stack.servers["postgres"].log
    before = log.read_text().count(DEADLOCK)
    other = connect(own_world.environment, DATABASE)
    other.autocommit = False
    while log.read_text().count(DEADLOCK) == before:  # unless a poll brought one partition alone
        assert sent < 20, "no batch had both partitions"
        for partition in (0, 1):
            own_world.send(encoded(order(sent + partition)), partition=partition)
        sent += 2
        if sent == 2:
            own_world.stg()
            continue
        with other.cursor() as cursor:
            # The ingestor finds the deadlock first, so it is the one that is refused.
            cursor.execute("set local deadlock_timeout = '1min'")
            cursor.execute(LOCK_PROGRESS, (topic, 1))
            ingestor = Thread(target=own_world.stg)
            ingestor.start()
            wait_until(lambda: _waits(own_world), "the ingestor to wait for partition 1")
            cursor.execute(LOCK_PROGRESS, (topic, 0))
            other.rollback()
        ingestor.join()
    other.close()
    assert own_world.value("select count(*) from stg.order_events") == sent
    assert len(own_world.onward()) == sent
    assert "waiting for" not in caplog.text


def _waits(world: World) -> bool:
    return bool(
        world.rows(
            "select 1 from pg_stat_activity"
            " where application_name = 'ingest stg' and wait_event_type = 'Lock'"
        )
    )
