"""An outbox without dbt: the table, rows for it, and whether its topic is a copy of it."""

import threading
from contextlib import suppress

import psycopg2

from ingest import publications
from ingest.errors import OutageError
from ingest.kafka.admin import Admin
from ingest.publication import read_progress
from sandbox.kafka_tools import console_consumer
from tests.faults import witness
from tests.world import World

OUTBOX = """
create schema if not exists dds;
create table dds.outbox (
    position bigint primary key, outbox_id uuid, h_order_pk uuid, order_id bigint,
    state_hash uuid, message text, created_at timestamp
);
"""
APPEND = """
insert into dds.outbox
select
    last.position + n, '00000000-0000-0000-0000-000000000001', md5(n::text)::uuid, n,
    md5(n::text)::uuid, '{"object_id": ' || n || ', "payload": {}}', now()
from
    (select coalesce(max(position), 0) as position from dds.outbox) as last,
    generate_series(1, %s) as n
"""
# Rows that a growing one gets every twentieth of a second.
ROWS = 5


def make(world: World) -> None:
    """An empty one, as dbt makes it."""
    world.execute(OUTBOX)


def append(world: World, rows: int) -> None:
    """More rows, as dbt appends and announces them."""
    world.execute(APPEND, rows)
    world.execute("select pg_notify('ordervault_outbox', '')")


class Growing:
    """An outbox that grows all the time, by a single writer, as dbt would have it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._grow)

    def start(self) -> None:
        make(self._world)
        self._thread.start()

    def stop(self) -> int:
        """How many rows it has in the end."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        return int(self._world.value("select count(*) from dds.outbox"))

    def _grow(self) -> None:
        while not self._stopped.wait(0.05):
            try:
                append(self._world, ROWS)
            except psycopg2.Error:  # Postgres was killed
                with suppress(psycopg2.Error):
                    self._world.reconnect()


def examine(world: World) -> witness.Verdict:
    """Each row is once in the topic, each partition in order; nothing hangs."""
    reads = console_consumer(world.servers, world.settings.kafka_dds_dst_topic)
    rows = witness.psql(world, "select position, order_id, message from dds.outbox")
    verdict = witness.Verdict(seen=len(rows))
    verdict.compare(
        "rows of the outbox",
        ((str(row["position"]), str(row["order_id"]), row["message"]) for row in rows),
        ((read.headers["position"], read.key, read.value) for read in reads),
    )
    parts: dict[int, list[int]] = {}
    for read in sorted(reads, key=lambda read: (read.partition, read.offset)):
        parts.setdefault(read.partition, []).append(int(read.headers["position"]))
    verdict.expect(
        all(part == sorted(part) for part in parts.values()), "positions are out of order"
    )
    hanging = set(witness.transactions(world).values()) - witness.AT_REST
    verdict.expect(not hanging, f"hanging transactions: {hanging}")
    return verdict


def sent_up_to(world: World) -> int:
    """How far it has been published, without waiting for Kafka's tools."""
    (publication,) = publications.closed(world.settings)
    try:
        progress = read_progress(world.settings, Admin(world.settings), publication)
    except OutageError:  # a transaction is open
        return -1
    return progress.position if progress else 0
