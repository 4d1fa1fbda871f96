"""The two hops beside the same with nothing but their calls, in turn, on the same messages.

Each pass is processes of its own, from their start to their end, with a new database and new topics
for it. The machine may be busy with others, so what counts are the ratios of passes that ran one
after the other.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import psycopg2

from bench.bare import connect
from ingest.operate import init
from ingest.settings import read_settings
from sandbox.feed import feed
from sandbox.simulator import Shares, simulate

# The bare passes know no bad message and no repeat.
GOOD = Shares(repeated=0, bad=0)
# What the real passes are to reach, as a share of the bare ones.
GOALS = {"ingest stg, one process": 0.75, "ingest stg, two processes": 0.9, "ingest emit": 0.8}
BARE = [sys.executable, "-m", "bench.bare"]
INGEST = [sys.executable, "-m", "ingest"]

CREATE_OUTBOX = """
create schema if not exists dds;
create table dds.outbox (
    position bigint primary key, outbox_id uuid not null, h_order_pk uuid not null,
    order_id bigint not null, state_hash uuid not null, message text not null,
    created_at timestamp not null
);
insert into dds.outbox
select
    n, '5a3d1c9e-0000-4000-8000-000000000000', md5(n::text)::uuid, n, md5(n::text)::uuid,
    format(
        '{{"object_id" : %s, "object_type" : "order", "sent_dttm" : "2024-03-01 12:00:00",'
        ' "payload" : {{"final_status" : "CLOSED", "date" : "2024-03-01 12:00:00",'
        ' "user_id" : "%s", "products" : [{{"product_id" : "%s", "category_name" : "Супы"}},'
        ' {{"product_id" : "%s", "category_name" : "Супы"}}]}}}}',
        n, md5(n::text), md5((n + 1)::text), md5((n + 2)::text)
    ),
    now()
from generate_series(1, {rows}) as n;
analyze dds.outbox
"""


@dataclass
class Pass:
    """One way to do it, and how long it took each time, in seconds."""

    name: str
    commands: list[list[str]]
    messages: int
    seconds: list[float] = field(default_factory=list)
    memory: int = 0  # of the largest process, in bytes

    def row(self, bare: "Pass") -> dict[str, object]:
        """For a person: the rate, and the ratio to the bare pass of the same round."""
        ratios = [b / own for own, b in zip(self.seconds, bare.seconds, strict=True)]
        goal = GOALS.get(self.name)
        return {
            "pass": self.name,
            "messages": f"{self.messages:,}",
            "per second": f"{self.messages / statistics.median(self.seconds):,.0f}",
            "of the bare pass": " / ".join(f"{ratio:.2f}" for ratio in _spread(ratios)),
            "goal": "" if goal is None else f"{goal:.2f}",
            "memory": f"{self.memory / 2**20:,.0f} MB",
        }


def hops(orders: int, rows: int, rounds: int) -> Iterator[str | list[dict[str, object]]]:
    """Yields what is being done, and at last the rows of the table."""
    settings = read_settings()
    for _ in init.run(settings):
        pass
    yield f"sending the messages of {orders:,} orders"
    count = feed(simulate(orders, shares=GOOD), settings)
    stg = [
        Pass("two hops, bare", [[*BARE, "stg", str(count)]], count),
        Pass("ingest stg, one process", [[*INGEST, "stg", "--once"]], count),
        Pass("ingest stg, two processes", [[*INGEST, "stg", "--once"]] * 2, count),
    ]
    emit = [
        Pass("publish, bare", [[*BARE, "outbox", str(rows)]], rows),
        Pass("ingest emit", [[*INGEST, "emit"]], rows),
    ]
    for number in range(rounds):
        for passes in (stg, emit):
            for one in passes:
                yield f"round {number + 1} of {rounds}: {one.name}"
                _run(one, outbox=rows if passes is emit else 0)
    yield [one.row(passes[0]) for passes in (stg, emit) for one in passes]


def _run(one: Pass, outbox: int) -> None:
    environment = _fresh(outbox)
    began = time.perf_counter()
    processes = [
        subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        for command in one.commands
    ]
    for process in processes:
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise RuntimeError(f"{one.name}: exit {status}\n{said.decode()[-2000:]}")
        one.memory = max(one.memory, usage.ru_maxrss * 1024)
    one.seconds.append(time.perf_counter() - began)


def _fresh(outbox: int) -> dict[str, str]:
    """A prepared database and topics of its own; the source stays."""
    settings = read_settings()
    name = f"bench_{time.monotonic_ns()}"
    administrator = connect(settings)
    administrator.autocommit = True
    with administrator.cursor() as cursor:
        cursor.execute(f"create database {name}")
    administrator.close()
    own = {
        "PG_WAREHOUSE_DBNAME": name,
        "KAFKA_STG_DST_TOPIC": f"{name}-stg",
        "KAFKA_DDS_DST_TOPIC": f"{name}-dds",
        "KAFKA_STG_CONSUMER_GROUP": name,
        "STG_TRANSACTIONAL_ID": f"{name}-stg",
        "DDS_TRANSACTIONAL_ID": f"{name}-dds",
    }
    environment = {**os.environ, **own}
    subprocess.run([*INGEST, "init"], env=environment, check=True, capture_output=True)
    if outbox:
        with psycopg2.connect(
            host=settings.pg_warehouse_host,
            port=settings.pg_warehouse_port,
            user=settings.pg_warehouse_user,
            dbname=name,
        ) as connection:
            connection.cursor().execute(CREATE_OUTBOX.format(rows=outbox))
    return environment


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    return min(values), statistics.median(values), max(values)
