"""`ingest emit`: from the outbox to its topic, each row once, in order.

The position lies in Kafka, in a compacted topic of one partition, and is committed in the same
transaction as the messages it stands for. Kafka is the truth: after every error, and at every
start, it is read again, after the broker has settled what the last transaction came to.
"""

import itertools
import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Event as Flag
from typing import Any

import msgspec

from ingest.deliveries import Delivery, Place
from ingest.errors import OutageError, StopError
from ingest.failpoints import failpoint
from ingest.health import Health
from ingest.kafka.broker import Broker
from ingest.kafka.left_open import PENDING_TIMEOUT, Predecessor
from ingest.kafka.producer import Record, TransactionalProducer
from ingest.kafka.reader import last_records, open_messages
from ingest.outages import Patience
from ingest.postgres import Postgres
from ingest.settings import Settings

log = logging.getLogger(__name__)

# Where the outbox's post-hook announces new rows.
CHANNEL = "ordervault_outbox"
PROGRESS_KEY = b"outbox"

# Headers of the messages: enough to tell, from the topic alone, how far it has been sent.
POSITION = "position"
OUTBOX_ID = "outbox_id"
EVENT_ID = "event_id"

# Seconds between two looks whether the emitter before us is gone, and for how long to look.
RETRY = 0.25
TAKE_OVER = 5.0

# One emitter at a time. The session holds the lock, so it goes with the process.
TRY_LOCK = "select pg_try_advisory_lock(hashtext('ordervault.emit'), hashtext(%s))"

# The outbox is made by dbt: at first there is none.
OUTBOX_EXISTS = "select to_regclass('dds.outbox') is not null"

SELECT_END = "select coalesce(max(position), 0) from dds.outbox"

SELECT_ROW_HASH = """
select md5(message)::uuid from dds.outbox where position = %s and outbox_id = %s
"""

# Position 0 is before the first row, of whichever outbox there is.
SELECT_START = """
select outbox_id, case when position = wanted then md5(message)::uuid end
from dds.outbox
cross join (select %s::bigint as wanted) as choice
where position = wanted or wanted = 0
order by position
limit 1
"""

SELECT_ROWS = """
select position, outbox_id, order_id, message, md5(message)::uuid
from dds.outbox
where position > %s
order by position
limit %s
"""


# What stands for the row before the first one of an outbox that has none: no outbox's id, no hash.
EMPTY = (uuid.UUID(int=0), None)


class Progress(msgspec.Struct, frozen=True):
    """How far the outbox has been sent: the last row, and what it was; None for position 0."""

    position: int
    outbox_id: uuid.UUID
    row_hash: uuid.UUID | None

    def record(self, topic: str) -> Record:
        """What tells it to whoever emits next."""
        return Record(topic, PROGRESS_KEY, msgspec.json.encode(self), [])


@dataclass(frozen=True)
class Emitter:
    """The outside systems of one emitter."""

    settings: Settings
    postgres: Postgres
    producer: TransactionalProducer
    beat: Callable[[], object] = lambda: None  # the loop turns

    def start_after(self, position: int) -> None:
        """Go on after this position, whatever was sent: by choice of the operator.

        Committed like any other progress, so that it holds for whoever comes next. Raises
        OutageError, or StopError if the outbox has no such row.
        """
        found = self.postgres.query(SELECT_START, position)
        if not found and position:
            ((end,),) = self.postgres.query(SELECT_END)
            raise StopError(f"--from {position}: no such position, the outbox ends at {end}")
        progress = Progress(position, *(found[0] if found else EMPTY))
        self.producer.send([progress.record(self.settings.progress_topic)])
        failpoint("moved")

    def emit(self) -> int:
        """Send every row that has not been sent; returns how many.

        Raises OutageError, or StopError if the outbox is not the one that was sent from.
        """
        position = self._position()
        sent = 0
        while rows := self.postgres.query(SELECT_ROWS, position, self.settings.batch_size):
            failpoint("rows_read")
            self.beat()
            position = rows[-1][0]
            self.producer.send(self._records(rows))
            failpoint("sent")
            sent += len(rows)
            log.info("sent %d rows of the outbox, up to position %d", len(rows), position)
        return sent

    def _records(self, rows: list[tuple[Any, ...]]) -> list[Record]:
        """A record for each row, and the one that says how far that is."""
        records = []
        for position, outbox_id, order_id, message, row_hash in rows:
            headers = {POSITION: position, OUTBOX_ID: outbox_id, EVENT_ID: row_hash}
            records.append(
                Record(
                    self.settings.kafka_dds_dst_topic,
                    str(order_id).encode(),
                    message.encode(),
                    [(name, str(value).encode()) for name, value in headers.items()],
                )
            )
        progress = Progress(position, outbox_id, row_hash)
        return [*records, progress.record(self.settings.progress_topic)]

    def _position(self) -> int:
        """The position after which to go on.

        Raises OutageError, also while the position is in a transaction that has not ended, or
        StopError if the outbox is another one.
        """
        # Kafka answers a commit before what it committed can be read.
        for _ in open_messages(self.settings, [self.settings.progress_topic], PENDING_TIMEOUT):
            raise OutageError("Kafka", f"a transaction is open in {self.settings.progress_topic}")
        progress = read_progress(self.settings)
        if progress is None or progress.position == 0:
            return 0
        known = self.postgres.query(SELECT_ROW_HASH, progress.position, progress.outbox_id)
        if known == [(progress.row_hash,)]:
            return progress.position
        ((end,),) = self.postgres.query(SELECT_END)
        raise StopError(
            f"the topic has been sent up to position {progress.position} of an outbox, but this one"
            f" ends at {end}, or says something else there: it was restored from a backup, or made"
            " anew. Run `ingest recover` to put back what the topic has. Or choose yourself:"
            f" `ingest emit --from {end}` leaves it at that and goes on with what is built next,"
            " `ingest emit --from 0` sends everything again."
        )


def read_progress(settings: Settings) -> Progress | None:
    """How far the topic has been sent; None if nothing ever was.

    If the progress topic has lost its record, the last messages of the topic itself tell. Raises
    OutageError, or StopError if neither topic can tell.
    """
    for record in last_records(settings, settings.progress_topic):
        return msgspec.json.decode(record.value or b"", type=Progress)
    sent = [dict(record.headers) for record in last_records(settings, settings.kafka_dds_dst_topic)]
    if not sent:
        return None
    log.warning("%s is empty: reading the position from the messages", settings.progress_topic)
    try:
        last = max(sent, key=lambda headers: int(headers[POSITION] or b""))
        values = {name: (last[name] or b"").decode() for name in (POSITION, OUTBOX_ID, EVENT_ID)}
    except (KeyError, ValueError):
        raise StopError(
            f"{settings.progress_topic} is empty, and the last messages of"
            f" {settings.kafka_dds_dst_topic} do not say how far it was sent. Find out, and say so"
            " with `ingest emit --from N`."
        ) from None
    return Progress(
        int(values[POSITION]), uuid.UUID(values[OUTBOX_ID]), uuid.UUID(values[EVENT_ID])
    )


def send(settings: Settings, stop: Flag, beat: Callable[[], object]) -> int:
    """Send what is there, for a service that has patience of its own; returns how many rows.

    Raises OutageError or StopError.
    """
    with Postgres(settings, "ingest emit") as postgres, _producer(settings) as producer:
        emitter = Emitter(settings, postgres, producer, beat)
        return emitter.emit() if _take_over(emitter, follow=False, stop=stop) else 0


def run(settings: Settings, *, follow: bool, since: int | None, stop: Flag) -> int:
    """Send what is there; with `follow`, go on until `stop` is set. Returns how many rows.

    Raises StopError.
    """
    sent = 0
    with ExitStack() as stack:
        health = stack.enter_context(Health(settings, "emit")) if follow else None
        patience = Patience(None if follow else settings.max_outage_seconds, stop, health)
        postgres = stack.enter_context(Postgres(settings, "ingest emit"))
        patience.until_up(Broker(settings).check, postgres.check)
        beat = health.beat if health else lambda: None
        producer = stack.enter_context(_producer(settings))
        emitter = Emitter(settings, postgres, producer, beat)
        lock_holder: int | None = None
        while not stop.is_set():
            beat()
            try:
                if postgres.session() != lock_holder:
                    if not _take_over(emitter, follow=follow, stop=stop):
                        if since is not None and not stop.is_set():
                            raise StopError("--from: another emitter is at work, stop it first")
                        break
                    lock_holder = postgres.session()
                if since is not None:
                    emitter.start_after(since)
                    since = None
                sent += emitter.emit()
                patience.calm()
                if not follow:
                    break
                postgres.wait_for(CHANNEL, settings.default_job_interval, stop, beat)
            except OutageError as outage:
                postgres.close()  # and with it the lock: another emitter may be luckier
                lock_holder = None  # a server that was restarted may give its number again
                patience.ride_out(outage, wait=stop.wait, resume=[postgres.check])
    return sent


def _producer(settings: Settings) -> TransactionalProducer:
    """Its id is constant: whoever emits next fences off whoever emitted before."""

    def was_committed(
        delivery: Delivery, _behind: Iterator[Delivery], _committed: dict[Place, int | None]
    ) -> bool:
        position = dict(delivery.headers).get(POSITION) or b""  # others may have put anything there
        if not position.isdigit():
            return False
        try:
            progress = read_progress(settings)
        except StopError:  # nobody can tell, which is said when it matters
            return False
        return progress is not None and int(position) <= progress.position

    topics = [settings.kafka_dds_dst_topic, settings.progress_topic]
    predecessor = Predecessor(topics, was_committed)
    return TransactionalProducer(settings, settings.dds_transactional_id, predecessor)


def _take_over(emitter: Emitter, *, follow: bool, stop: Flag) -> bool:
    """Become the emitter if nobody else is: lock first, then fence, then read.

    With `follow` this waits for ever. Otherwise somebody who has been at work for TAKE_OVER seconds
    will come to what we were called for.
    """
    postgres, topic = emitter.postgres, emitter.settings.kafka_dds_dst_topic
    tries = itertools.count() if follow else range(int(TAKE_OVER / RETRY))
    for attempt in tries:
        emitter.beat()
        if postgres.query(OUTBOX_EXISTS) != [(True,)]:
            if not follow:
                raise StopError("there is no outbox yet: run `dbt build --select dds+` first")
        elif postgres.query(TRY_LOCK, topic) == [(True,)]:
            postgres.listen(CHANNEL)
            emitter.producer.reopen()
            return True
        if attempt == 0:
            log.info("no outbox yet, or another emitter is at work; standing by")
        if stop.wait(RETRY):
            break
    return False
