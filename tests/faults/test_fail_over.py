"""Postgres loses its last commits, as in a fail-over to a standby that was behind.

An older data folder is put back under running services.
"""

import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ingest import postgres
from ingest.errors import StopError
from ingest.kafka.consumer import GroupConsumer
from ingest.kafka.message import Received
from ingest.kafka.reader import read_all
from ingest.operate import recover
from ingest.publication import position_of
from sandbox.stack import Stack
from tests.convergence.comparison import stored_events
from tests.convergence.test_any_run_is_safe import assert_outbox_is_right
from tests.dbt_project import DbtProject
from tests.faults import outbox
from tests.faults.bench import Bench, bench, in_full, times
from tests.faults.processes import Process, supervised, wait_until
from tests.world import DATABASE, RESTAURANT, USER, World, connect, orders

# What nobody may change before the topics were compared with it.
LOADED = """
select
    (select array[count(*), max(position)] from stg.order_events) as events,
    (select array[count(*), max(position), sum(attempts)] from stg.dead_letters) as dead_letters,
    (select array_agg(next_offset order by kafka_partition) from stg.source_progress) as offsets,
    (select array_agg(promised order by topic) from stg.publications) as promised
"""
# Who waits for a frozen client (in COPY) or for its locks waits as long as it is frozen.
ACTIVE = """
select 1 from pg_stat_activity
where application_name like 'ingest %' and state = 'active'
    and coalesce(wait_event_type, '') not in ('Client', 'Lock')
"""
PROMISED = "select promised from stg.publications where topic = %s"
# As a publisher that has compared this server with its topics, and publishes no more.
HOLD_PUBLISHING = """
select pg_advisory_lock(hashtext('ordervault.publish'), hashtext(topic))
from unnest(array[%s, %s]) as topic;
update stg.publications set compared_with = pg_postmaster_start_time();
"""


class Standby:
    """A copy of Postgres' data folder, and what lay in it."""

    def __init__(self, stack: Stack, world: World) -> None:
        self._postgres = stack.servers["postgres"]
        self._data, self._copy = stack.folder / "postgres", stack.folder / "copy"
        self._world = world
        self.loaded: dict[str, Any] = {}

    @contextmanager
    def copied(self, processes: list[Process]) -> Iterator[None]:
        """Make it; in the block the server is back, and the processes are still frozen."""
        for process in processes:
            process.send(signal.SIGSTOP)
        # What they have asked for is done all the same.
        wait_until(lambda: not self._world.rows(ACTIVE), "their sessions to be idle")
        (self.loaded,) = self._world.rows(LOADED)
        self._postgres.stop(signal.SIGINT)
        subprocess.run(["cp", "-a", str(self._data), str(self._copy)], check=True)
        self._postgres.restart()
        self._world.reconnect()
        yield
        for process in processes:
            process.send(signal.SIGCONT)

    def take_over(self) -> None:
        """Go on with it in place of the server that there was."""
        self._postgres.kill()
        subprocess.run(["rm", "-rf", str(self._data)], check=True)
        self._copy.rename(self._data)
        self._postgres.restart()
        self._world.reconnect()


@pytest.mark.timeout(1800)
def test_commits_that_were_published_are_lost(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """All services stop before anything is written; the command that they name mends it."""
    standby, settings = Standby(own_stack, own_world), {"DEFAULT_JOB_INTERVAL": "1"}
    with bench(
        *(own_stack, own_world, tmp_path, dbt), ingestors=2, services=("dds",), settings=settings
    ) as running:
        running.read_again = True
        for turn in range(times(1, 4)):
            until_closed_orders_go_on(running)
            with standby.copied(running.processes):
                pass
            until_closed_orders_go_on(running)
            running.until_published()
            standby.take_over()
            running.injects("fail-over of Postgres that loses published commits")
            for process in running.processes:
                assert process.wait() == 1
                assert "ingest recover" in process.said()
            assert own_world.rows(LOADED) == [standby.loaded]
            if turn % 2:
                kill_recover(own_world, tmp_path)
            assert "rows of stg.order_events put back" in own_world.ingest("recover").stdout
            if turn % 2:
                assert "lacks nothing" in own_world.ingest("recover").stdout
            for process in running.processes:
                process.start()
        running.supervisor.until_working(3)
    own_world.emit()
    assert_outbox_is_right(own_world, stored_events(own_world))
    verdict = outbox.examine(own_world)
    assert not verdict.wrong, "\n".join(verdict.wrong)


@in_full
@pytest.mark.timeout(1500)
def test_commits_that_were_not_published_yet_are_lost(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """They are loaded again, and nobody has to be told."""
    standby, settings = Standby(own_stack, own_world), own_world.settings
    topic = settings.kafka_stg_dst_topic
    with bench(own_stack, own_world, tmp_path, dbt) as running:
        for _ in range(5):
            running.supervisor.until_working(2)
            running.until_published()
            with standby.copied(running.processes):
                holder = connect(own_world.environment, DATABASE)
                with holder.cursor() as cursor:
                    cursor.execute(HOLD_PUBLISHING, (topic, settings.dead_letter_topic))
                # A transaction that is frozen on its way goes on, and was promised before.
                promised = own_world.value(PROMISED, topic)
            running.until_all_have_moved_on()
            assert max(map(position_of, own_world.topic(topic))) <= promised
            stored = own_world.value("select count(*) from stg.order_events")
            standby.take_over()
            running.injects("fail-over of Postgres that loses unpublished commits")
            assert standby.loaded["events"][0] < stored
            running.supervisor.until_working(3, again=True)
            running.until_published()


def test_a_long_look_at_the_topics_does_not_end_the_session(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is above the promise lies at the end of topics that may hold years."""
    own_world.know(USER, RESTAURANT)
    own_world.send(*orders(range(5)))
    own_world.stg()
    own_world.execute("delete from stg.order_events")
    own_world.execute("update stg.publications set promised = 0")
    monkeypatch.setattr(postgres, "IDLE_IN_TRANSACTION_TIMEOUT", 1)

    def slowly(*arguments: Any) -> Iterator[Received]:
        time.sleep(2)
        yield from read_all(*arguments)

    monkeypatch.setattr(recover, "read_all", slowly)
    assert any(
        "5 rows of stg.order_events put back" in line for line in recover.run(own_world.settings)
    )


def test_recover_is_refused_while_somebody_loads(own_world: World) -> None:
    settings = own_world.settings
    with GroupConsumer(
        settings, settings.kafka_stg_src_topic, settings.kafka_stg_consumer_group
    ) as member:
        wait_until(lambda: bool(member.poll(1)) and member.is_assigned, "it to be a member")
        with pytest.raises(StopError, match="stop all services first"):
            list(recover.run(settings))


def until_closed_orders_go_on(running: Bench) -> None:
    """Return when every service has worked, and more closed orders were sent."""
    dds, topic = running.processes[-1], running.world.settings.kafka_dds_dst_topic
    running.supervisor.until_working(3, again=True)
    running.supervisor.wait_for(lambda: f" published topic={topic} " in dds.said(), "closed orders")


def kill_recover(world: World, folder: Path) -> None:
    """Kill it at any moment."""
    process = Process(world, folder, "one", "recover")
    with supervised([process]):
        process.start()
        time.sleep(random.uniform(0.5, 3))
        process.kill()
