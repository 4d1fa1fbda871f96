"""How long a closed order takes to its message in dds-service-orders, with all services."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from ingest.kafka.admin import Admin
from ingest.kafka.reader import read_all
from ingest.operate import init
from ingest.settings import Settings, read_settings
from sandbox.feed import feed
from sandbox.simulator import Reference, Sent, Shares, simulate

SERVICES = ("stg", "dds", "cdm")
# Every message in time and once: what waits for nothing but the services.
GOOD = Shares(late=0, repeated=0, sent_again=0, bad=0)
# How long the last ones may take, in seconds.
LONGEST = 120.0


def fresh(rates: list[int], seconds: float) -> Iterator[str | list[dict[str, object]]]:
    """At so many messages a second each; yields what is being done, and the rows of the table."""
    settings = read_settings()
    for _ in init.run(settings):
        pass
    stream = simulate(int(sum(rates) * seconds) + 1000, shares=GOOD)
    services = [
        subprocess.Popen(
            [sys.executable, "-m", "ingest", name],
            env=os.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for name in SERVICES
    ]
    try:
        yield "starting all services"
        feed(_messages(stream, 1000), settings)
        _delays(settings, 0)
        rows: list[dict[str, object]] = []
        for rate in rates:
            yield f"{rate:,} messages a second for {seconds:.0f} s"
            began = int(time.time() * 1000)
            feed(_messages(stream, int(rate * seconds)), settings, rate=rate)
            rows.append(_row(rate, _delays(settings, began)))
            yield f"of which 95 % arrived within {rows[-1]['p95']}"
        yield rows
    finally:
        for service in services:
            service.terminate()
        for service in services:
            service.wait(60)


def _messages(stream: Iterator[Reference | Sent], count: int) -> Iterator[Reference | Sent]:
    """So many messages, and the reference data between them."""
    left = count
    for step in stream:
        yield step
        left -= isinstance(step, Sent)
        if not left:
            return


def _delays(settings: Settings, since: int) -> list[float]:
    """Of the orders that were closed since then, in seconds, when all of them have arrived."""
    deadline = time.monotonic() + LONGEST
    closed = _times(settings, settings.kafka_stg_src_topic)
    while True:
        time.sleep(1)
        sent = _times(settings, settings.kafka_dds_dst_topic)
        if closed.keys() <= sent.keys():
            break
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(closed.keys() - sent.keys())} closed orders do not arrive")
    return [(sent[order] - at) / 1000 for order, at in closed.items() if at >= since]


def _times(settings: Settings, topic: str) -> dict[Any, int]:
    """When each order was first shown as closed, by the timestamps of the messages."""
    times: dict[Any, int] = {}
    for message in read_all(settings, Admin(settings), topic):
        value = json.loads(message.value() or b"{}")
        if value["payload"].get("final_status") == "CLOSED":
            times.setdefault(value["object_id"], message.timestamp()[1])
    return times


def _row(rate: int, delays: list[float]) -> dict[str, object]:
    percentiles = statistics.quantiles(delays, n=100)
    return {
        "messages a second": f"{rate:,}",
        "closed orders": f"{len(delays):,}",
        "p50": f"{percentiles[49]:.1f} s",
        "p95": f"{percentiles[94]:.1f} s",
        "p99": f"{percentiles[98]:.1f} s",
    }
