"""A service of `ingest` in a thread of the test's, and what tests do around it."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event as Flag
from threading import Thread
from typing import Any

from confluent_kafka.admin import AdminClient

from ingest.kafka.admin import Admin
from ingest.kafka.client import configuration
from ingest.operate.init import topics
from ingest.publication import position_of
from ingest.services import run_emit, run_stg
from ingest.settings import Settings
from sandbox.kafka_tools import GROUPS, tool
from tests.world import World

# Longer than anything below takes on a busy machine, in seconds.
LONGEST = 60.0


def until(happened: Callable[[], object], what: str, longest: float = LONGEST) -> None:
    """Return when it has happened; fail when it does not."""
    deadline = time.monotonic() + longest
    while not happened():
        assert time.monotonic() < deadline, f"waited {longest:.0f} s for {what}"
        time.sleep(0.05)


@dataclass
class Service:
    """`ingest stg`, or another one, in a thread."""

    stop: Flag = field(default_factory=Flag)
    totals: Counter[str] = field(default_factory=Counter)
    batches: list[Counter[str]] = field(default_factory=list)
    error: Exception | None = None
    thread: Thread | None = None

    def begin(self, work: Callable[[], Any]) -> None:
        def run() -> None:
            try:
                work()
            except Exception as error:
                self.error = error

        self.thread = Thread(target=run, daemon=True)
        self.thread.start()

    def on_batch(self, counts: Counter[str]) -> None:
        self.totals += counts
        if counts:
            self.batches.append(counts)

    @property
    def lives(self) -> bool:
        return self.thread is not None and self.thread.is_alive()

    def end(self) -> None:
        """Tell it to stop, and raise what it has raised."""
        self.stop.set()
        self.join()
        if self.error:
            raise self.error

    def join(self) -> None:
        assert self.thread is not None
        self.thread.join(LONGEST)
        assert not self.lives, "it does not end"

    def ended(self) -> Exception:
        """What it has ended with by itself."""
        self.join()
        assert self.error is not None, "it has ended without an error"
        return self.error


@contextmanager
def running(world: World, **overrides: Any) -> Iterator[Service]:
    """`ingest stg` until the block ends; what it raises is the block's, unless it was looked at."""
    settings = world.settings.model_copy(update=overrides)
    service = Service()
    service.begin(
        lambda: run_stg(settings, once=False, stop=service.stop, on_batch=service.on_batch)
    )
    yield from _until_end(service)


@contextmanager
def following(world: World, **overrides: Any) -> Iterator[Service]:
    """`ingest emit --follow` likewise."""
    settings = world.settings.model_copy(update=overrides)
    service = Service()
    service.begin(lambda: run_emit(settings, follow=True, stop=service.stop))
    yield from _until_end(service)


def _until_end(service: Service) -> Iterator[Service]:
    try:
        yield service
    except BaseException:
        service.stop.set()
        raise
    if service.lives:
        service.end()


def stored(world: World) -> int:
    return int(world.value("select count(*) from stg.order_events"))


def published(world: World) -> list[int]:
    """The positions of the onward topic, in its order."""
    return positions(world, world.settings.kafka_stg_dst_topic)


def positions(world: World, topic: str) -> list[int]:
    """The positions of a topic's messages, in the order of each partition."""
    return [position_of(message) for message in world.topic(topic)]


PUBLISHERS = """
select pid
from pg_locks
inner join pg_stat_activity using (pid)
where locktype = 'advisory' and objsubid = 2 and granted and datname = current_database()
group by pid
"""


def publishers(world: World) -> list[int]:
    """The sessions that have the lock of a publisher."""
    return [row["pid"] for row in world.rows(PUBLISHERS)]


def next_offsets(world: World) -> dict[int, int]:
    """How far each partition of the source has been read, as Postgres has it."""
    rows = world.rows(
        "select kafka_partition, next_offset from stg.source_progress where kafka_topic = %s",
        world.settings.kafka_stg_src_topic,
    )
    return {row["kafka_partition"]: row["next_offset"] for row in rows}


def move_group(world: World, *to: str) -> None:
    """Move the offsets of the loaders' group with Kafka's own tool; nobody may be a member."""
    done = tool(
        GROUPS,
        *("--bootstrap-server", world.settings.bootstrap_servers),
        *("--group", world.settings.kafka_stg_consumer_group),
        *("--topic", world.settings.kafka_stg_src_topic),
        *("--reset-offsets", *to, "--execute"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Error" not in done.stdout + done.stderr, done.stdout + done.stderr


def delete_topic(settings: Settings, topic: str) -> None:
    """Delete a topic, and wait until the broker does not know it any more."""
    client = AdminClient(configuration(settings))
    client.delete_topics([topic])[topic].result()
    until(lambda: topic not in client.list_topics(timeout=10).topics, "the topic to be gone")


def make_anew(world: World, topic: str) -> None:
    """Delete a topic, and make another one of the same name."""
    delete_topic(world.settings, topic)
    Admin(world.settings).create_topics(topics(world.settings))


def as_advised(world: World, error: Exception) -> str:
    """Run the first command that an error names; returns what it prints."""
    named = re.search(r"`ingest ([^`]+)`", str(error))
    assert named is not None, error
    return world.ingest(*named[1].split()).stdout
