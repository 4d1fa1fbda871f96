"""From the source topic through Redis into Postgres: the path of a message to its row.

While one batch is stored in a thread of its own, the next one is fetched, decoded and enriched.
Nothing but LostReferences outlives an error: everything is closed, and each partition is read again
from where Postgres says.
"""

import gc
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Event as Flag

from ingest import publications
from ingest.dead_letters import Rejected
from ingest.errors import OutageError
from ingest.failpoints import failpoint
from ingest.health import Loop
from ingest.kafka.admin import Admin
from ingest.kafka.consumer import Fetched, GroupConsumer
from ingest.kafka.message import place_of
from ingest.orders.lost_references import LostReferences
from ingest.postgres import END_FROZEN_WRITERS, Postgres
from ingest.prepare import Preparer
from ingest.reasons import Reason
from ingest.redis import References
from ingest.replay import replay_due
from ingest.settings import Settings
from ingest.source_progress import hidden, next_offsets, start
from ingest.store import SELECT_GATE, Batch, Source, store

log = logging.getLogger(__name__)

# Seconds between two comparisons of our offsets with those in Postgres.
COMPARE_INTERVAL = 1.0
# How long the publisher may take to compare a server with its topics before that is an outage.
GATE_TIMEOUT = 30.0
# Seconds between two collections of cyclic garbage. Batches make none, and looking for it after so
# many objects as Python does costs a third of the time.
COLLECT_INTERVAL = 30.0


@dataclass(frozen=True)
class Systems:
    """The outside systems of one loader, opened together and closed together."""

    settings: Settings
    postgres: Postgres
    admin: Admin
    consumer: GroupConsumer
    preparer: Preparer
    lost_references: LostReferences


def load(
    settings: Settings,
    *,
    once: bool,
    stop: Flag,
    loop: Loop,
    lost_references: LostReferences,
    on_batch: Callable[[Counter[str]], object],
) -> None:
    """Open everything and load messages until `stop` is set; with `once`, until the end.

    `on_batch` is told of each batch that was stored how many messages became what, and of each turn
    that found nothing more. Raises OutageError or StopError.
    """
    topic = settings.kafka_stg_src_topic
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres(settings, "ingest stg"))
        references = stack.enter_context(References(settings))
        admin = Admin(settings)
        preparer = Preparer(references, publications.room(settings), settings.limits)
        consumer = stack.enter_context(
            GroupConsumer(settings, topic, settings.kafka_stg_consumer_group)
        )
        _wait_for_gate(postgres, settings, stop, loop)
        systems = Systems(settings, postgres, admin, consumer, preparer, lost_references)
        loader = stack.enter_context(Loader(systems, on_batch))
        stack.enter_context(_without_collector())
        while not stop.is_set():
            loop.beat()
            loader.turn()
            if loader.is_drained:
                on_batch(Counter())
                if once:
                    break
        loader.finish()
        if once and (behind := sorted(hidden(admin, topic).items())):
            where = ", ".join(f"{count:,} in [{number}]" for number, count in behind)
            log.warning("an open transaction hides messages of %s: up to %s", topic, where)


class Loader:
    """Reads partitions from where Postgres says, and stores what they hold."""

    def __init__(self, systems: Systems, on_batch: Callable[[Counter[str]], object]) -> None:
        self._systems = systems
        self._on_batch = on_batch
        self._source = Source(
            systems.settings.kafka_stg_src_topic, "", publications.gates(systems.settings)
        )
        # Of each partition that is read: where its next batch begins.
        self._began: dict[int, int] = {}
        self._exhausted: set[int] = set()  # those that were read to an end since they were started
        self._storing: Future[Counter[str]] | None = None
        self._done = {"compared": 0.0, "replayed": 0.0, "collected": time.monotonic()}
        self._pool = ThreadPoolExecutor(1, "store")

    @property
    def is_drained(self) -> bool:
        """Whether all that was in our partitions when they came to us is on its way or stored."""
        consumer = self._systems.consumer
        return (
            consumer.is_assigned
            and consumer.unstarted is None
            and self._began.keys() <= self._exhausted
        )

    def turn(self) -> None:
        """Fetch and prepare a batch while the one before is stored; then hand it on."""
        consumer, settings = self._systems.consumer, self._systems.settings
        if (partitions := consumer.unstarted) is not None:
            self._settle()
            self._start(partitions)
        fetched = consumer.poll(settings.batch_size)
        failpoint("polled")
        batch = self._prepare(fetched) if fetched.ends or fetched.undecodable else None
        self._settle()
        if consumer.unstarted is None:
            self._look()
        if batch and batch.ends:
            self._store(batch)
        self._exhausted |= fetched.exhausted

    def finish(self) -> None:
        """Store what is on its way, and leave the group."""
        self._settle()
        self._systems.consumer.commit_at_last(self._began)

    def __enter__(self) -> "Loader":
        """Wait for the thread with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for the thread with the block; after an error, too, what was stored is counted."""
        self._pool.shutdown()
        if self._storing is not None and self._storing.exception() is None:
            self._settle()

    def _start(self, partitions: list[int]) -> None:
        """Read each partition from its next offset in Postgres. Raises StopError if it is gone."""
        topic, admin = self._source.topic, self._systems.admin
        topic_id = admin.topic_id(topic)
        self._began = start(self._systems.postgres, admin, topic, topic_id, partitions)
        self._source = Source(topic, topic_id, self._source.gates)
        self._exhausted = set()
        self._systems.consumer.start(self._began)

    def _prepare(self, fetched: Fetched) -> Batch:
        """Every message decoded and enriched, rejected, or skipped.

        Raises OutageError when Redis is away or has lost its data, or if the topic is another one
        by now: the client reads on across topics of one name.
        """
        if self._systems.admin.topic_id(self._source.topic) != self._source.topic_id:
            raise OutageError("Kafka", f"the topic {self._source.topic} was made anew")
        began, topic = self._began, self._source.topic.encode()
        ends = {p: end for p, end in fetched.ends.items() if p in began and end > began[p]}
        prepared = self._systems.preparer.prepare(
            (message, message.value(), (topic, partition, offset))
            for message in fetched.messages
            for partition, offset in (place_of(message),)
            if partition in ends and offset >= began[partition]
        )
        rejected = [
            Rejected(*place_of(message), error.reason, error.detail, message)
            for message, error in prepared.rejected
        ]
        for number, (offset, what) in fetched.undecodable.items():
            if number in began and number not in ends:
                # Each offset of a batch of Kafka's that cannot be decoded, one after the other.
                at = max(offset, began[number])
                rejected.append(Rejected(number, at, Reason.UNDECODABLE, what, None))
                ends[number] = at + 1
        self._systems.lost_references.judge(
            len(prepared.events),
            [row.detail for row in rejected if row.reason.waits_for_reference],
        )
        failpoint("enriched")
        return Batch(
            began={number: began[number] for number in ends},
            ends=ends,
            events=prepared.events,
            rejected=sorted(rejected, key=lambda row: (row.partition, row.offset)),
            skipped=[place_of(message) for message in prepared.skipped],
        )

    def _store(self, batch: Batch) -> None:
        postgres, consumer, source = self._systems.postgres, self._systems.consumer, self._source

        def work() -> Counter[str]:
            counts = store(postgres, batch, source)
            consumer.commit(batch.ends)
            return counts

        self._storing = self._pool.submit(work)
        self._began = self._began | batch.ends

    def _settle(self) -> None:
        """Wait for the batch that is being stored, and tell what became of it."""
        if self._storing is None:
            return
        storing, self._storing = self._storing, None
        counts = storing.result()
        what = " ".join(f"{name}={count}" for name, count in counts.items() if count)
        log.info("batch %s", what or "marks=1")
        self._on_batch(counts)

    def _look(self) -> None:
        """What is done now and then, while no batch is being stored."""
        if self._systems.consumer.is_assigned and self._is_due("compared", COMPARE_INTERVAL):
            self._compare()
        if self._is_due("replayed", self._systems.settings.reference_retry_seconds):
            replay_due(self._systems.settings, self._systems.postgres, self._systems.preparer)
            if ended := self._systems.postgres.value(END_FROZEN_WRITERS):
                log.warning("ended %d sessions of frozen ingestors", ended)
        if self._is_due("collected", COLLECT_INTERVAL):
            gc.collect()

    def _is_due(self, what: str, interval: float) -> bool:
        now = time.monotonic()
        if now - self._done[what] < interval:
            return False
        self._done[what] = now
        return True

    def _compare(self) -> None:
        """Raise OutageError unless Postgres stands where we do.

        It may have lost commits, or somebody may have moved an offset, while nothing comes.
        """
        topic, topic_id = self._source.topic, self._source.topic_id
        postgres, began = self._systems.postgres, self._began
        found = next_offsets(postgres, topic, topic_id, list(began))
        if found != began:
            raise OutageError(
                "Postgres", f"{topic} stands at the offsets {found}, it was at {began}"
            )


def _wait_for_gate(postgres: Postgres, settings: Settings, stop: Flag, loop: Loop) -> None:
    """Return when this server has been compared with its topics. Raises OutageError."""
    deadline = time.monotonic() + GATE_TIMEOUT
    while not postgres.value(SELECT_GATE, topics=publications.gates(settings)):
        if stop.wait(0.1):
            return
        loop.beat()
        if time.monotonic() > deadline:
            raise OutageError("Kafka", "nobody has compared this Postgres with the topics yet")


@contextmanager
def _without_collector() -> Iterator[None]:
    """A block in which cyclic garbage is only collected by hand."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
