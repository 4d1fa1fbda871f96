"""Requests that are cut, late or never answered: whoever sent them cannot know what they did.

Between `ingest` and the servers stands a proxy; the witnesses go past it.
"""

import itertools
import json
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest import publish
from ingest.kafka import producer
from ingest.services import run_emit
from sandbox.kafka import Detour
from sandbox.kafka_tools import group_lags
from sandbox.stack import Stack
from tests.faults import outbox, table, witness
from tests.faults.bench import in_full
from tests.faults.processes import Process, supervised, wait_until
from tests.faults.proxy import BATCH_COMMIT, COPY_DATA, Fate, Fault, Kafka, Postgres, Proxy
from tests.world import RESTAURANT, USER, World, order

pytestmark = in_full

# What loading and publishing consist of.
REQUESTS = ("OffsetCommit", "InitProducerId", "AddPartitionsToTxn", "Produce", "EndTxn")
# Short ones: Kafka's client sends the request again, and `ingest` hears of none of them.
SHORT = (Fate.CUT, Fate.ANSWER_CUT, Fate.ANSWER_LATE)
# Beyond the timeouts, which are set to TIMEOUT milliseconds.
LONG = (Fate.LATE, Fate.ANSWER_LATE, Fate.ANSWER_LOST)
TIMEOUT = 2000

# For each fault; in transactions of BATCH_SIZE, it meets the second of at least three.
ORDERS = 3
MESSAGES_OF_AN_ORDER = 4
BATCH_SIZE = 4
ROWS = 12


class Doubt:
    """A world, with a proxy before its Kafka and one before its Postgres."""

    def __init__(self, world: World, kafka: Proxy, postgres: Proxy) -> None:
        self.world = world
        self.kafka = kafka
        self.postgres = postgres
        self.through = {"kafka_port": kafka.port, "pg_warehouse_port": postgres.port}
        self.ports = {name.upper(): str(port) for name, port in self.through.items()}
        self._numbers = itertools.count()
        self._sent = 0
        self._began: dict[
            int, str
        ] = {}  # the first message of each fault, to tell which one it was
        self._injected: Counter[str] = Counter()

    def send(self, fault: Fault) -> None:
        """Messages of some orders to the source: good ones, a bad one and a repeat."""
        self._began[self._sent] = f"{fault.request}, {fault.fate.value}"
        for number in range(ORDERS):
            values = [self._message(number) for _ in range(MESSAGES_OF_AN_ORDER)]
            bad = self._message(number).replace(b'"quantity": 1', b'"quantity": -1')
            values += [bad, values[0]]
            self.world.send(*values, key=str(number).encode())
            self._sent += len(values)

    def _message(self, number: int) -> bytes:
        return json.dumps({"sequence": next(self._numbers), **order(number)}).encode()

    def suffers(self, *faults: Fault) -> None:
        """Count faults for the table; fail if one of them has not happened."""
        for fault in faults:
            assert fault.happened.is_set(), f"nobody met {fault}"
            self._injected[f"{fault.request}, {fault.fate.value}"] += 1

    def load(self, proxy: Proxy, *faults: Fault, **overrides: Any) -> None:
        """One `ingest stg --once` that meets the faults."""
        self.send(faults[0])
        for fault in faults:
            proxy.arm(fault)
        self.stg(**overrides)
        self.suffers(*faults)

    def stg(self, **overrides: Any) -> None:
        self.world.stg(**{"batch_size": BATCH_SIZE, **self.through, **overrides})

    def verdict(self) -> None:
        """Fail if anything was lost or doubled."""
        lags = group_lags(self.world.servers, self.world.settings.kafka_stg_consumer_group)
        verdict = witness.examine(self.world, self._sent)
        verdict.expect(bool(lags) and not any(lags.values()), f"lag: {lags}")
        self._tell(verdict)

    def published(self) -> None:
        """The same for an outbox."""
        self._tell(outbox.examine(self.world))

    def _tell(self, verdict: witness.Verdict) -> None:
        table.add(self._injected, verdict.seen, verdict.lost, verdict.doubled)
        assert not verdict.wrong, "\n".join(
            [*verdict.wrong[:20], f"faults by message: {self._began}"]
        )


@pytest.fixture
def doubt(own_world: World, detour: Detour, monkeypatch: pytest.MonkeyPatch) -> Iterator[Doubt]:
    monkeypatch.setattr(publish, "MOST_ROWS", BATCH_SIZE)
    own_world.know(USER, RESTAURANT)
    own_world.environment["BATCH_SIZE"] = str(BATCH_SIZE)
    warehouse = int(own_world.environment["PG_WAREHOUSE_PORT"])
    with (
        Proxy(Kafka(), detour.port, detour.advertised) as kafka,
        Proxy(Postgres(), warehouse) as postgres,
    ):
        yield Doubt(own_world, kafka, postgres)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("fate", SHORT, ids=lambda fate: fate.name)
def test_any_request_to_kafka_cut_or_answered_late(doubt: Doubt, fate: Fate, number: int) -> None:
    """The first, of the first transaction or offsets, or the second."""
    for request in REQUESTS:
        doubt.load(doubt.kafka, Fault(request, fate, number, 0.3))
    doubt.verdict()


@pytest.mark.parametrize("fate", LONG, ids=lambda fate: fate.name)
def test_a_commit_to_kafka_without_an_answer_in_time(doubt: Doubt, fate: Fate) -> None:
    fault = Fault("EndTxn", fate, 2, 1.5 * TIMEOUT / 1000)
    doubt.load(doubt.kafka, fault, kafka_transaction_timeout_ms=TIMEOUT)
    doubt.verdict()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("request_", ["EndTxn", "OffsetCommit"])
def test_the_broker_dies_while_it_is_asked(
    doubt: Doubt, own_stack: Stack, tmp_path: Path, request_: str
) -> None:
    """Kafka's client may forget its timeout then, and wait for as long as the broker is away."""
    kafka, dead = own_stack.servers["kafka"], threading.Event()
    fault = doubt.kafka.arm(Fault(request_, Fate.LATE, until=dead))
    doubt.send(fault)
    process = Process(doubt.world, tmp_path, "one", "stg", "--once")
    with supervised([process]):
        process.start(**doubt.ports, MAX_OUTAGE_SECONDS="120")
        wait_until(fault.happened.is_set, f"{fault}", longest=30)
        kafka.kill()
        dead.set()
        try:
            wait_until(lambda: "waiting for Kafka" in process.said(), "the outage", longest=60)
        finally:
            kafka.restart()
        assert process.wait() == 0, process.said()[-1500:]
    doubt.suffers(fault)
    doubt.verdict()


def test_killed_in_a_commit(doubt: Doubt, tmp_path: Path) -> None:
    """What was asked for is done before its death, or after; nobody hears the answer."""
    commits = ((doubt.kafka, "EndTxn"), (doubt.postgres, BATCH_COMMIT))
    process = Process(doubt.world, tmp_path, "one", "stg", "--once")
    for (proxy, request), fate in itertools.product(commits, (Fate.LATE, Fate.ANSWER_LATE)):
        dead = threading.Event()
        fault = proxy.arm(Fault(request, fate, 2, until=dead))
        doubt.send(fault)
        process.start(**doubt.ports)
        wait_until(fault.happened.is_set, f"{fault}", longest=30)
        process.kill()
        dead.set()
        doubt.stg()
        doubt.suffers(fault)
    doubt.verdict()


@pytest.mark.timeout(300)
def test_frozen_in_the_middle_of_copy(doubt: Doubt, tmp_path: Path) -> None:
    """No timeout of Postgres' fires then: whoever waits for its rows ends its session."""
    process = Process(doubt.world, tmp_path, "one", "stg")
    with supervised([process]):
        thawed = threading.Event()
        fault = doubt.postgres.arm(Fault(COPY_DATA, Fate.LATE, 2, until=thawed))
        doubt.send(fault)
        process.start(**doubt.ports)
        wait_until(fault.happened.is_set, f"{fault}", longest=30)
        process.send(signal.SIGSTOP)
        doubt.world.stg(max_outage_seconds=90)
        process.send(signal.SIGCONT)
        thawed.set()
        doubt.send(fault)
        wait_until(process.worked, "it to go on")
        doubt.suffers(fault)
        process.stop()
    doubt.stg()
    doubt.verdict()


def test_after_a_slow_commit_comes_a_new_producer(
    doubt: Doubt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has another epoch, so what is still on its way from the old one is refused."""
    monkeypatch.setattr(producer, "SOCKET_TIMEOUT", 2.0)
    doubt.load(doubt.kafka, Fault("EndTxn", Fate.ANSWER_LATE, seconds=1.3))
    later = doubt.kafka.requests[doubt.kafka.requests.index("EndTxn") :]
    assert "InitProducerId" in later


def test_a_commit_to_postgres_cut_or_answered_late(doubt: Doubt) -> None:
    for fate in SHORT:
        doubt.load(doubt.postgres, Fault(BATCH_COMMIT, fate, 2, 0.3))
    doubt.verdict()


def test_a_commit_of_the_outbox_cut_or_without_an_answer(doubt: Doubt) -> None:
    outbox.make(doubt.world)
    settings = doubt.world.settings.model_copy(
        update={**doubt.through, "kafka_transaction_timeout_ms": TIMEOUT}
    )
    for fate in (*SHORT, Fate.ANSWER_LOST):
        outbox.append(doubt.world, ROWS)
        fault = doubt.kafka.arm(Fault("EndTxn", fate, 2, 0.3))
        run_emit(settings, follow=False, stop=threading.Event())
        doubt.suffers(fault)
    doubt.published()
