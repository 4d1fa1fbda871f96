"""From a table to the topic that is its copy: each row once, in order.

The position lies in Kafka, in the compacted topic `<topic>.progress`, and is committed with the
messages that it stands for. Kafka is the truth: at every start, and after every error, it is read
again, after the broker has settled what the last transaction came to.

Before rows leave, Postgres is told how far they go: the promise. So a position in Kafka above the
promise means that Postgres has lost commits. See docs/explanation/guarantees.md.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from ingest import metrics
from ingest.errors import OutageError, StopError
from ingest.failpoints import failpoint
from ingest.kafka.admin import Admin
from ingest.kafka.message import Record
from ingest.kafka.producer import FencedError, TransactionalProducer
from ingest.postgres import Postgres
from ingest.publication import Progress, Publication, read_progress
from ingest.settings import Settings

log = logging.getLogger(__name__)

# Rows, and bytes of them, in one Kafka transaction.
MOST_ROWS = 10_000
MOST_BYTES = 8_000_000

# So often within so many seconds we are fenced off where it is by another warehouse.
MOST_FENCINGS = 3
FENCINGS_WITHIN = 600.0

# One publisher for each topic. The session holds the lock, so it goes with the process.
TRY_LOCK = "select pg_try_advisory_lock(hashtext('ordervault.publish'), hashtext(%s))"

ADD_PUBLICATION = "insert into stg.publications (topic) values (%s) on conflict do nothing"
SELECT_PROMISED = "select promised from stg.publications where topic = %s"
# Committed before rows leave: nothing above it has ever been published.
PROMISE = "update stg.publications set promised = greatest(promised, %s) where topic = %s"
# Opens the gate for whoever writes to the table: this server is no older than the topic.
SET_COMPARED = """
update stg.publications set compared_with = pg_postmaster_start_time() where topic = %s
"""


@dataclass
class Fencings:
    """When a producer was fenced off although we held the lock, by time.monotonic().

    By a request of our own that reached the broker late, as when brokers die under load: that ends
    by itself. Or by another warehouse with the same transactional.id, each time that it begins.
    """

    times: list[float] = field(default_factory=list)

    def another(self, transactional_id: str) -> OutageError | StopError:
        """One more: what that means."""
        now = time.monotonic()
        self.times = [*(then for then in self.times if now - then < FENCINGS_WITHIN), now]
        if len(self.times) < MOST_FENCINGS:
            return OutageError("Kafka", f"transactional.id {transactional_id!r} was fenced off")
        return StopError(
            f"another process uses the transactional.id {transactional_id!r}: the one of another"
            " warehouse. Give each its own STG_TRANSACTIONAL_ID and DDS_TRANSACTIONAL_ID."
        )


class Publisher:
    """One publication, in the hands of a process that may have the lock or stand by."""

    def __init__(
        self,
        settings: Settings,
        publication: Publication,
        postgres: Postgres,
        fencings: Fencings | None = None,
    ) -> None:
        """`fencings` are those of the process, which outlive the publisher."""
        self.publication = publication
        self.position = -1  # published up to here, as Kafka has said; -1: nobody has asked
        self.has_more = False  # whether the last turn has left rows behind
        self._settings = settings
        self._postgres = postgres
        self._fencings = fencings or Fencings()
        self._producer: TransactionalProducer | None = None
        self._reader = ThreadPoolExecutor(1, "read")
        self._ahead: tuple[list[list[bytes]], bool] | None = None  # what follows, if it was read
        self.table: UUID | None = None  # what tells it from another one; None while it is empty
        self._topic_id = ""
        metrics.PUBLISHED.labels(publication.topic)  # there from the start

    def turn(self) -> int:
        """Publish the next rows in one transaction, if nobody else does; returns how many.

        Raises OutageError or StopError, and then the publisher is finished.
        """
        if self._producer is None and not self.take_over():
            return 0
        following, self._ahead = self._ahead or self._following(self.position), None
        rows, self.has_more = following
        if rows:
            with metrics.PUBLISH.time():
                self._publish(rows)
            metrics.PUBLISHED.labels(self.publication.topic).inc(len(rows))
            log.info("published topic=%s rows=%d position=%d",
                     self.publication.topic, len(rows), self.position)  # fmt: skip
        return len(rows)

    @property
    def is_active(self) -> bool:
        """Whether it is the one that publishes."""
        return self._producer is not None

    def take_over(self, *, compare: bool = True) -> bool:
        """Become the publisher if nobody else is; returns whether that is so.

        Lock first, then fence, then read: in any other order the position may be older than a
        transaction that is still on its way. `compare`: read the position, and stop if the table
        is not the one that the topic is a copy of.
        """
        publication, postgres = self.publication, self._postgres
        if not postgres.value(publication.exists):
            return False
        if not postgres.value(TRY_LOCK, publication.topic):
            return False
        admin = Admin(self._settings)
        limit = admin.value_limits([publication.topic])[publication.topic]
        self._topic_id = admin.topic_id(publication.topic)
        self._producer = TransactionalProducer(self._settings, publication.transactional_id, limit)
        progress = read_progress(self._settings, admin, publication) if compare else None
        postgres.query(ADD_PUBLICATION, publication.topic)
        self.table = next(iter(_identity(postgres, publication)), None)
        if progress is not None:
            check_copy(postgres, publication, progress, self._topic_id)
        self.position = progress.position if progress else 0
        if compare:
            postgres.query(SET_COMPARED, publication.topic)
            log.info("publishing topic=%s position=%d", publication.topic, self.position)
        return True

    def _following(self, position: int) -> tuple[list[list[bytes]], bool]:
        """The next rows behind a position, each as its columns, and whether there may be more."""
        cut = self._postgres.value(self.publication.cut)
        if cut <= position:
            return [], False
        bounds = {"after": position, "cut": cut, "rows": MOST_ROWS, "bytes": MOST_BYTES}
        lines = self._postgres.text(self.publication.following, **bounds)
        if not lines:
            return [], False
        rows = [line.split(b"\t") for line in lines.split(b"\n")]
        return rows, len(rows) == MOST_ROWS or len(lines) > MOST_BYTES // 2

    def _publish(self, rows: Sequence[list[bytes]]) -> None:
        failpoint("rows_read")
        reached = int(rows[-1][0])
        if self.table is None:  # it was empty
            (self.table,) = _identity(self._postgres, self.publication)
        self._postgres.query(PROMISE, reached, self.publication.topic)
        failpoint("promised")
        # While Kafka takes these, Postgres reads the next ones.
        ahead = self._reader.submit(self._following, reached) if self.has_more else None
        with self._fenced_off():
            try:
                self._send(reached, map(self.publication.record, rows))
            finally:  # the connection is for one at a time
                self._ahead = ahead.result() if ahead else None
        failpoint("sent")

    def send_position(self, reached: int) -> None:
        """Set the position, in a transaction of its own. Raises OutageError or StopError."""
        with self._fenced_off():
            self._send(reached)

    def _send(self, reached: int, records: Iterable[Record] = ()) -> None:
        assert self._producer is not None
        progress = Progress(reached, self.table, self._topic_id)
        self._producer.send([*records, progress.record(self.publication)])
        self.position = reached

    @contextmanager
    def _fenced_off(self) -> Iterator[None]:
        """Say what it means that the block's producer was."""
        try:
            yield
        except FencedError as error:
            # Whoever took over has the lock, and we do not; or is in another database.
            self._postgres.query("select 1")
            raise self._fencings.another(self.publication.transactional_id) from error

    def __enter__(self) -> Self:
        """Close the producer with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the producer with the block."""
        self._reader.shutdown()
        if self._producer is not None:
            self._producer.close()


def check_copy(
    postgres: Postgres, publication: Publication, progress: Progress, topic_id: str
) -> None:
    """Raise StopError unless the topic is a copy of this table, and no newer than it."""
    topic, table = publication.topic, publication.table
    promised = next((row[0] for row in postgres.query(SELECT_PROMISED, topic)), 0)
    identity = next(iter(_identity(postgres, publication)), None)
    if progress.position > promised:
        raise StopError(
            f"{topic} has been published up to position {progress.position} of {table}, but the"
            f" warehouse knows of {promised}: it has lost what it had committed, as after a"
            " fail-over or a restored backup, or it is another one. Run `ingest recover`."
        )
    if progress.position and progress.table not in (None, identity):
        raise StopError(
            f"{topic} is a copy of {table} in another warehouse, or of one that was made anew."
            " Run `ingest recover` to put back what the topic has."
        )
    if progress.topic_id not in ("", topic_id):
        raise StopError(
            f"the topic {topic} was made anew since position {progress.position} of {table} was"
            f" published. `ingest seek {topic} --to 0` publishes everything again, `ingest seek"
            f" {topic} --to {progress.position}` what comes next."
        )


def _identity(postgres: Postgres, publication: Publication) -> list[UUID]:
    values = [publication.topic] if "%s" in publication.identity else []
    return [UUID(str(row[0])) for row in postgres.query(publication.identity, *values)]
