"""One turn after another: fetch a batch, decode, enrich, hand it to the thread that stores.

While one batch is stored in a thread of its own, the next one is fetched, decoded and enriched.
"""

import gc
import logging
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from ingest import metrics, publications
from ingest.dead_letters import Rejected
from ingest.errors import OutageError
from ingest.failpoints import failpoint
from ingest.kafka.admin import Admin
from ingest.kafka.consumer import GroupConsumer
from ingest.kafka.fetched import Fetched
from ingest.kafka.message import place_of
from ingest.orders.lost_references import LostReferences
from ingest.postgres import END_FROZEN_WRITERS, Postgres
from ingest.prepare import Preparer
from ingest.reasons import Reason
from ingest.replay import replay_due
from ingest.settings import Settings
from ingest.source_progress import next_offsets, start
from ingest.store import Batch, Source, store

log = logging.getLogger(__name__)

# Seconds between two comparisons of our offsets with those in Postgres.
COMPARE_INTERVAL = 1.0
# How long a rebalance waits for our batch to be stored, in seconds.
HANDOVER_TIMEOUT = 10.0
# Seconds between two collections of cyclic garbage, where it is only collected by hand.
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
        systems.consumer.before_revoked = self._hand_over

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
        began = time.monotonic()
        fetched = consumer.poll(settings.batch_size)
        metrics.fetched(fetched.messages, began)
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
        # Whoever was killed here had not told the group: monitors would wait for the next batch.
        self._systems.consumer.commit(self._began)

    def _hand_over(self) -> None:
        """Whoever gets our partitions begins where this batch ends, if it is stored in time."""
        if self._storing is not None:
            wait([self._storing], HANDOVER_TIMEOUT)

    @metrics.ENRICH.time()
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
            for message, (partition, offset) in zip(fetched.messages, fetched.places, strict=True)
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
        postgres, source = self._systems.postgres, self._source

        def work() -> Counter[str]:
            with metrics.STORE.time():
                return store(postgres, batch, source)

        self._storing = self._pool.submit(work)
        self._began = self._began | batch.ends

    def _settle(self) -> None:
        """Wait for the batch that is being stored, and tell what became of it."""
        if self._storing is None:
            return
        storing, self._storing = self._storing, None
        counts = storing.result()
        with metrics.COMMIT.time():
            self._systems.consumer.commit(self._began)
        what = " ".join(f"{name}={count}" for name, count in counts.items() if count)
        log.info("batch topic=%s %s", self._source.topic, what or "marks=1")
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
        """Raise OutageError unless Postgres stands where we do; see that the group knows it.

        It may have lost commits, or somebody may have moved an offset, while nothing comes.
        """
        topic, topic_id = self._source.topic, self._source.topic_id
        postgres, began = self._systems.postgres, self._began
        found = next_offsets(postgres, topic, topic_id, list(began))
        if found != began:
            raise OutageError(
                "Postgres", f"{topic} stands at the offsets {found}, it was at {began}"
            )
        self._systems.consumer.commit_again(began)
