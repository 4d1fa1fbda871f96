"""Redis is killed, emptied, slow, or refuses us, in the middle of a load."""

import time
from pathlib import Path
from threading import Event, Thread

import pytest
import redis

from ingest.redis import TIMEOUT
from sandbox.stack import Stack
from tests.dbt_project import DbtProject
from tests.faults.bench import bench, in_full
from tests.world import World

pytestmark = [in_full, pytest.mark.timeout(1500)]


def test_redis_killed_and_restarted(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    with bench(own_stack, own_world, tmp_path, dbt) as running:
        valkey = running.servers["valkey"]
        for turn in range(20):
            valkey.kill()
            running.injects("kill -9 of Redis")
            time.sleep(running.random.uniform(0, 1))
            valkey.restart()
            if turn % 2:
                running.supervisor.until_working(2, again=True)


def test_redis_emptied(own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path) -> None:
    """At most the events until the share shows wait as dead letters; then nothing is read."""
    settings = {"REFERENCE_RETRY_SECONDS": "1"}
    with bench(own_stack, own_world, tmp_path, dbt, ingestors=2, settings=settings) as running:
        for _ in range(5):
            running.supervisor.until_working(2, again=True)
            own_world.redis.flushall()
            running.injects("Redis emptied")
            running.supervisor.until_one_says("its data seems lost")
            running.load.restore_references()
            running.supervisor.until_working(2, again=True)


def test_redis_slow_or_refusing(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """Slower than we wait for it; then it asks for a password that we were not given."""
    valkey = redis.Redis(
        own_world.environment["REDIS_HOST"], int(own_world.environment["REDIS_PORT"])
    )
    with bench(own_stack, own_world, tmp_path, dbt) as running:
        for _ in range(5):
            valkey.client_pause(int(4 * TIMEOUT * 1000))
            running.injects("Redis slower than its timeout")
            running.supervisor.until_one_says("waiting for Redis")
            running.supervisor.until_working(2, again=True)
            valkey.config_set("requirepass", "another")
            valkey.client_kill_filter(_type="normal", skipme=True)
            running.injects("Redis refusing")
            try:
                running.supervisor.until_one_says("waiting for Redis")
            finally:
                valkey.config_set("requirepass", "")
            running.supervisor.until_working(2, again=True)


def test_names_that_change_between_two_attempts(
    own_stack: Stack, own_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    """Whoever is killed after Postgres sends on what was stored, not what Redis says by then."""
    stopped = Event()
    with bench(own_stack, own_world, tmp_path, dbt, ingestors=2) as running:
        renaming = Thread(target=_rename, args=(own_world, running.load.users(), stopped))
        renaming.start()
        try:
            for turn in range(10):
                for process in running.processes:
                    process.kill()
                    process.start(kill_at=f"stored:{turn % 3 + 1}")
                for process in running.processes:
                    process.wait()
                    running.injects("renamed between two attempts")
        finally:
            stopped.set()
            renaming.join()


def _rename(world: World, users: list[str], stopped: Event) -> None:
    number = 0
    while not stopped.wait(0.1):
        number += 1
        world.know(*({"_id": user, "name": f"{number}", "login": "x"} for user in users))
