"""The promise, shown: killed twice, sent again in another order, and nothing lost or doubled."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event as Flag

from confluent_kafka import Message
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ingest.build import Dbt
from ingest.operate import init
from ingest.report.page import page
from ingest.services import run_emit
from ingest.settings import Settings
from sandbox.account import Account, Copy, Place, Warehouse, account
from sandbox.feed import feed
from sandbox.outcome import console, print_answers, verdict
from sandbox.server import SandboxError
from sandbox.simulator import Reference, Sent, simulate

# What the servers need not know: a killed ingestor's partitions go to the next one after so long.
ENVIRONMENT = {"KAFKA_SESSION_TIMEOUT_MS": "2000"}
# The ingestor is killed when so much of a half has been read.
KILLED_AT = 0.5
# Many batches, so that a kill meets one on its way.
BATCHES = 20

REPORT = Path(__file__).parent.parent / "target" / "report.html"

Tick = Callable[[int], object]


class Demo:
    """One run on servers that are empty."""

    def __init__(self, settings: Settings, environment: Mapping[str, str], orders: int) -> None:
        self._settings = settings
        self._warehouse = Warehouse(environment)
        self._dbt = Dbt(settings)
        self._stream = list(simulate(orders))
        self._messages = [step for step in self._stream if isinstance(step, Sent)]
        self._sent: dict[Place, bytes | None] = {}
        self._kills: list[int] = []

    def run(self) -> bool:
        """Do it and print what came of it; whether every number is right.

        Raises StopError, OutageError or SandboxError.
        """
        for _ in init.run(self._settings):
            pass
        middle = len(self._stream) // 2
        # In halves, or no user would have been called otherwise: an event keeps the names that
        # Redis has when it is loaded.
        for part in (self._stream[:middle], self._stream[middle:]):
            self._send(part)
            self._load(kill=True)
        self._transform()
        before = self._warehouse.fingerprint()
        random.Random(1).shuffle(self._messages)  # noqa: S311 (an order, no key)
        self._send(self._messages, ", shuffled")
        self._load()
        self._transform()
        _shown("dbt test", 1, lambda _: f"{self._dbt.test():,} tests passed")
        made: list[Account] = []
        _shown("count, from outside", 1, lambda _: self._count(made))
        is_right = verdict(made[0], before, self._warehouse.fingerprint())
        print_answers(self._settings)
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_bytes(page(self._settings))
        console.print(f"\nThe page of all this: [bold]{REPORT}[/]", soft_wrap=True)
        return is_right

    def _send(self, stream: Sequence[Reference | Sent], how: str = "") -> None:
        def acknowledged(message: Message) -> None:
            self._sent[message.partition() or 0, message.offset() or 0] = message.value()

        def work(tick: Tick) -> str:
            feed(stream, self._settings, tick=lambda _: tick(1), acknowledged=acknowledged)
            return f"{len(self._sent):,} acknowledged by the broker"

        count = sum(isinstance(step, Sent) for step in stream)
        _shown(f"send {count:,}{how}", count, work)

    def _load(self, *, kill: bool = False) -> None:
        """Load all that was sent; with `kill` by two ingestors, of which the first is killed."""
        begin, end = self._warehouse.read_to(), len(self._sent)

        def work(tick: Tick) -> str:
            if kill:
                self._ingest(tick, kill_at=begin + int(KILLED_AT * (end - begin)))
            self._ingest(tick)
            return f"killed at {self._kills[-1]:,}, and gone on" if kill else "all are repeats"

        _shown("load, kill -9, load" if kill else "load", end - begin, work)

    def _ingest(self, tick: Tick, kill_at: int | None = None) -> None:
        """A process of its own that loads to the end, or until so many messages are read.

        Raises SandboxError if it ends by itself before, or with an error.
        """
        size = max(1, min(self._settings.batch_size, len(self._messages) // BATCHES))
        command = [sys.executable, "-m", "ingest", "stg", "--once"]
        environment = {**os.environ, "BATCH_SIZE": str(size)}
        seen = self._warehouse.read_to()
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process:
            while process.poll() is None:
                seen, before = self._warehouse.read_to(), seen
                tick(seen - before)
                if kill_at is not None and seen >= kill_at:
                    process.kill()
                    self._kills.append(seen)
                    return
                time.sleep(0.01)
            said = process.stderr.read() if process.stderr else ""
        if process.returncode != 0 or kill_at is not None:
            raise SandboxError(f"ingest stg ended by itself with {process.returncode}:\n{said}")

    def _transform(self) -> None:
        _shown(
            "dbt build, ingest emit",
            39,
            lambda tick: f"{self._build(tick)}, {self._emit():,} closed orders sent",
        )

    def _build(self, tick: Tick) -> str:
        built = [
            self._dbt.build(*selection, on_node=lambda: tick(1))
            for selection in (("dds",), ("cdm", "marts"))
        ]
        return f"{sum(each.rows for each in built):,} rows changed"

    def _emit(self) -> int:
        return run_emit(self._settings, follow=False, stop=Flag())

    def _count(self, made: list[Account]) -> str:
        settings = self._settings
        copies = (
            Copy("stg.order_events", settings.kafka_stg_dst_topic, "event_id"),
            Copy("stg.dead_letters", settings.dead_letter_topic, "__connect.errors.topic"),
            Copy("dds.outbox", settings.kafka_dds_dst_topic, "outbox_id"),
        )
        source, servers = settings.kafka_stg_src_topic, settings.bootstrap_servers
        made.append(account(self._warehouse, servers, source, self._sent, copies))
        return "Kafka's own tools and SQL"


def _shown(name: str, total: int, work: Callable[[Tick], str]) -> None:
    """Do one step under a progress bar."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<25}"),
        BarColumn(bar_width=10),
        TimeElapsedColumn(),
        TextColumn("{task.fields[result]}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(name, total=total, result="")
        result = work(lambda count: progress.advance(task, count))
        progress.update(task, completed=total, result=result)
