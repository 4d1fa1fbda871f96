"""`ingest stg`: from the source topic through Redis into Postgres, and on to the next topic.

Postgres first, Kafka second. No Kafka transaction is open while we poll, ask Redis or wait for
Postgres, so a rebalance never meets one. Between the two commits Postgres is ahead of the topic;
after a crash there, the batch is read again and published as it was stored (see `store`).
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from threading import Event as Flag

from ingest import deliveries
from ingest.agreement import Agreement, failed_of, source_of
from ingest.dead_letters import replay_known
from ingest.deliveries import Delivery, Place
from ingest.enrich import ReferenceData, enrich, reference_ids
from ingest.errors import OutageError, RejectError, StopError
from ingest.failpoints import failpoint
from ingest.health import Health
from ingest.kafka.broker import Broker
from ingest.kafka.left_open import Predecessor
from ingest.kafka.producer import Record, TransactionalProducer
from ingest.kafka.source import Batch, Source
from ingest.lost_references import LostReferences
from ingest.messages import SkippedError, decode
from ingest.outages import Patience
from ingest.postgres import Postgres
from ingest.redis import References
from ingest.settings import Settings
from ingest.store import Enriched, Onward, Prepared, Rejected, Stored, store

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Systems:
    """The outside systems of one ingestor."""

    settings: Settings
    postgres: Postgres
    references: References
    producer: TransactionalProducer
    value_limits: dict[str, int]
    lost_references: LostReferences


def run(
    settings: Settings,
    *,
    once: bool,
    stop: Flag,
    on_batch: Callable[[Counter[str]], object] = lambda counts: None,
) -> Counter[str]:
    """Load messages until `stop` is set; with `once`, until the topics are drained.

    Returns how many messages became what: stored, duplicate, skipped, or a reason's code;
    `on_batch` is told the same of each batch.
    Raises StopError.
    """
    totals: Counter[str] = Counter()
    with ExitStack() as stack:
        health = stack.enter_context(Health(settings, "stg"))
        patience = Patience(settings.max_outage_seconds if once else None, stop, health)
        postgres = stack.enter_context(Postgres(settings, "ingest stg"))
        references = stack.enter_context(References(settings))
        broker = Broker(settings)
        patience.until_up(broker.check, references.check, postgres.check)
        topics = [
            settings.kafka_stg_dst_topic,
            settings.dead_letter_topic,
            settings.retry_topic,
        ]
        transactional_id = f"{settings.stg_transactional_id}-{settings.instance_id}"
        group = settings.kafka_stg_consumer_group
        sources = [settings.kafka_stg_src_topic, settings.retry_topic]
        predecessor = Predecessor(topics, _was_committed, group, sources)
        producer = stack.enter_context(
            TransactionalProducer(settings, transactional_id, predecessor)
        )
        # Before we subscribe: it ends a transaction that a predecessor left open.
        patience.until_up(producer.open)
        source = stack.enter_context(
            Source(
                settings,
                sources,
                group,
                on_assigned=Agreement(settings, postgres, health.beat).check,
            )
        )
        limits: dict[str, int] = {}
        patience.until_up(lambda: limits.update(broker.value_limits(topics)))
        systems = Systems(
            settings,
            postgres,
            references,
            producer,
            limits,
            LostReferences(settings.max_unknown_share),
        )
        next_look = 0.0
        while not stop.is_set():
            health.beat()
            try:
                if time.monotonic() >= next_look:
                    _replay_known(systems)
                    next_look = time.monotonic() + settings.reference_retry_seconds
                batch = source.poll(settings.batch_size)
                if batch.deliveries:
                    counts = load(batch, systems)
                    source.committed(batch.offsets)
                    totals += counts
                    health.count(counts)
                    patience.calm()
                    on_batch(counts)
                elif ahead := source.ahead(batch):
                    store(postgres, Prepared(), ahead, settings.kafka_stg_src_topic)
                    failpoint("passed")
                    # In a transaction for the broker's fence: else an answer that does not come
                    # would be waited for without an end, or the commit come late.
                    producer.send([], ahead, batch.group)
                    source.committed(ahead)
            except OutageError as outage:
                patience.ride_out(
                    outage,
                    wait=source.wait,
                    # The producer first: it settles what the rewind then reads.
                    resume=(producer.reopen, source.rewind, references.check, postgres.check),
                )
                continue
            if source.drained:
                patience.calm()
                if once:
                    break
    return totals


def _was_committed(
    delivery: Delivery, behind: Iterator[Delivery], committed: dict[Place, int | None]
) -> bool:
    """Whether the group has gone beyond the message that made this one, and not by another try.

    Replays are tried again.
    """
    made_from = _made_from(delivery)
    if made_from is None or delivery.topic.endswith(deliveries.RETRY_SUFFIX):
        return False
    topic, partition, offset = made_from
    if offset >= (committed.get((topic, partition)) or 0):
        return False
    return all(_made_from(other) != made_from for other in behind)


def _made_from(delivery: Delivery) -> tuple[str, int, int] | None:
    """Which delivery it was made from; None if from none: a mark of who died aborting."""
    # A dead letter has the headers of its message too, whatever they are.
    for where in (failed_of, source_of):
        with suppress(StopError):
            return where(delivery)
    return None


def _replay_known(systems: Systems) -> None:
    replayed = replay_known(
        systems.settings,
        systems.postgres,
        systems.references,
        systems.producer,
        systems.value_limits[systems.settings.retry_topic],
    )
    if replayed:
        log.info("replayed %d dead letters whose reference data has come", replayed)


def load(batch: Batch, systems: Systems) -> Counter[str]:
    """One batch: enrich, store, publish, commit. Raises OutageError or StopError."""
    failpoint("polled")
    prepared = prepare(batch, systems)
    failpoint("enriched")
    source_topic = systems.settings.kafka_stg_src_topic
    stored = store(systems.postgres, prepared, batch.offsets, source_topic)
    failpoint("stored")
    records = [_onward(onward, systems.settings) for onward in stored.events]
    records += [_dead_letter(row, systems) for row in stored.dead_letters]
    systems.producer.send(records, batch.offsets, batch.group)
    failpoint("committed")
    systems.lost_references.passed()
    return _report(stored)


def prepare(batch: Batch, systems: Systems) -> Prepared:
    """Every delivery of the batch, decoded and enriched, rejected, or skipped.

    Raises OutageError when Redis is away, or when so many events have no reference data that Redis
    must have lost it.
    """
    events, rejected, skipped = [], [], []
    for delivery in batch.deliveries:
        try:
            events.append((delivery, decode(delivery.value, systems.settings.limits)))
        except RejectError as error:
            rejected.append(Rejected(delivery, error.reason, error.detail))
        except SkippedError:
            skipped.append(delivery)
    raw = systems.references.fetch(reference_ids(event for _, event in events))
    references = ReferenceData(raw)
    enriched, unknown = [], []
    limit = systems.value_limits[systems.settings.kafka_stg_dst_topic]
    for delivery, event in events:
        try:
            enriched.append(Enriched(delivery, event, enrich(event, references, limit)))
        except RejectError as error:
            unknown.append(Rejected(delivery, error.reason, error.detail, event))
    # Replays do not count: they wait.
    retry_topic = systems.settings.retry_topic
    systems.lost_references.look(
        sum(row.delivery.topic != retry_topic for row in enriched),
        [
            row.detail
            for row in unknown
            if row.reason.waits_for_reference and row.delivery.topic != retry_topic
        ],
    )
    return Prepared(enriched, [*rejected, *unknown], skipped)


def _onward(onward: Onward, settings: Settings) -> Record:
    event, delivery = onward.event, onward.delivery
    topic, partition, offset = delivery.coordinates
    return Record(
        settings.kafka_stg_dst_topic,
        str(int(event.message.object_id)).encode(),
        onward.payload,
        [
            (deliveries.EVENT_ID, str(event.event_id).encode()),
            (deliveries.SOURCE_TOPIC, topic.encode()),
            (deliveries.SOURCE_PARTITION, str(partition).encode()),
            (deliveries.SOURCE_OFFSET, str(offset).encode()),
        ],
    )


def _dead_letter(row: Rejected, systems: Systems) -> Record:
    """A copy for operators, with headers that their tools know; stg.dead_letters has the rest."""
    delivery = row.delivery
    topic, partition, offset = delivery.origin
    ours: deliveries.Headers = [
        (deliveries.ORIGIN_TOPIC, topic.encode()),
        (deliveries.ORIGIN_PARTITION, str(partition).encode()),
        (deliveries.ORIGIN_OFFSET, str(offset).encode()),
        (deliveries.FAILED_TOPIC, delivery.topic.encode()),
        (deliveries.FAILED_PARTITION, str(delivery.partition).encode()),
        (deliveries.FAILED_OFFSET, str(delivery.offset).encode()),
        (deliveries.ERROR_REASON, row.reason.value.encode()),
        (deliveries.ERROR_DETAIL, row.detail.encode(errors="replace")),
    ]
    named = {name for name, _ in ours}
    theirs = [(name, value) for name, value in delivery.headers if name not in named]
    dead_letter_topic = systems.settings.dead_letter_topic
    record = Record(dead_letter_topic, delivery.key, delivery.value, theirs + ours)
    if record.size <= systems.value_limits[dead_letter_topic]:
        return record
    ours.append(("left_out", b"key, value and headers: too large, see stg.dead_letters"))
    return Record(dead_letter_topic, None, None, ours)


def _report(stored: Stored) -> Counter[str]:
    counts = Counter(row.reason.value for row in stored.dead_letters)
    counts["stored"] = len(stored.events)
    counts["duplicate"] = len(stored.duplicates)
    counts["skipped"] = len(stored.skipped)
    log.info("batch %s", " ".join(f"{name}={count}" for name, count in counts.items() if count))
    return counts
