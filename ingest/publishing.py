"""The loop that publishes, in a thread beside the loop that loads or builds."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from threading import Event as Flag
from threading import Thread

from ingest.errors import StopError
from ingest.health import Health, Loop
from ingest.kafka.admin import Admin
from ingest.postgres import Postgres
from ingest.publication import Publication, last_progress
from ingest.publish import Fencings, Publisher
from ingest.retry import Retry
from ingest.settings import Settings

# Seconds between two looks for new rows, or two tries to become the publisher; sooner when woken.
INTERVAL = 0.2
# The server ends a session that asks nothing for so long, so a frozen publisher loses its lock.
IDLE_TIMEOUT = 15.0
# Rows are read along the index on positions, not sorted: without statistics the planner does.
IN_ORDER = {"enable_sort": "off", "enable_seqscan": "off", "enable_bitmapscan": "off"}
# How long the publisher may take to end when it is told to, in seconds: then it is left behind. A
# check of Kafka in the other loop takes up to 5 s, and Docker waits for 10.
END_TIMEOUT = 4.0


class Publishing:
    """Keeps topics equal to their tables: for ever, or until they have come to `targets`."""

    def __init__(
        self,
        settings: Settings,
        publications: Callable[[Settings], list[Publication]],
        stop: Flag,
        loop: Loop,
        succeeded: Callable[[], None],
        limit: float | None,
    ) -> None:
        self._settings = settings
        self._publications = publications
        self._stop = stop
        self._loop = loop
        self._succeeded = succeeded
        self._limit = limit  # in seconds: how long others may take to come to our targets
        self._fencings = Fencings()
        self.targets: Mapping[str, int] | None = None
        self.sent = 0

    def work(self) -> None:
        """Publish what there is, again and again. Raises OutageError or StopError."""
        with ExitStack() as stack:
            postgres = stack.enter_context(
                Postgres(
                    self._settings, "ingest publish", idle_timeout=IDLE_TIMEOUT, planner=IN_ORDER
                )
            )
            publishers = [
                stack.enter_context(
                    Publisher(self._settings, publication, postgres, self._fencings)
                )
                for publication in self._publications(self._settings)
            ]
            for channel in {publisher.publication.channel for publisher in publishers} - {""}:
                postgres.listen(channel)
            reached: dict[str, int] = {}
            moved_at = 0.0
            while not self._stop.is_set():
                self._loop.beat()
                began = time.monotonic()
                sent = [publisher.turn() for publisher in publishers]
                self._succeeded()
                self.sent += sum(sent)
                if any(publisher.has_more for publisher in publishers):
                    continue
                if self.targets is not None:
                    before, reached = reached, self._reached(publishers)
                    if all(reached[topic] >= target for topic, target in self.targets.items()):
                        return
                    moved_at = moved_at if reached == before else began
                    self._check_patience(reached, began - moved_at)
                postgres.wait_for_notice(INTERVAL)
                self._stop.wait(max(0.0, began + INTERVAL - time.monotonic()))

    def _reached(self, publishers: Sequence[Publisher]) -> dict[str, int]:
        """How far each topic that has a target is, by us or by whoever has the lock."""
        reached, admin = {}, Admin(self._settings)
        for publisher in publishers:
            position, publication = publisher.position, publisher.publication
            if publication.topic not in (self.targets or {}):
                continue
            if not publisher.is_active:
                progress, _ = last_progress(self._settings, admin, publication)
                position = progress.position if progress else 0
            reached[publication.topic] = position
        return reached

    def _check_patience(self, reached: Mapping[str, int], waited: float) -> None:
        if self._limit is None or waited <= self._limit:
            return
        for topic, target in (self.targets or {}).items():
            if reached[topic] < target:
                raise StopError(
                    f"gave up after {waited:.0f} s: somebody else publishes {topic}, and has come"
                    f" to position {reached[topic]}, not to {target}"
                )


@contextmanager
def publishing_beside(
    settings: Settings,
    health: Health,
    stop: Flag,
    limit: float | None,
    wanted: Callable[[Settings], list[Publication]],
) -> Iterator[Publishing]:
    """Publish in a thread beside the block, and after it until the targets that it has set.

    Raises StopError; then `stop` is set, so that the block ends.
    """
    loop = health.loop()
    retry = Retry(settings, stop, loop, limit)
    publishing = Publishing(settings, wanted, stop, loop, retry.succeeded, limit)
    failed: list[Exception] = []

    def work() -> None:
        try:
            retry.run(publishing.work)
        except Exception as error:
            failed.append(error)
            stop.set()
        loop.rest()

    thread = Thread(target=work, name="publish", daemon=True)
    thread.start()
    try:
        yield publishing
    except BaseException:
        stop.set()
        raise
    finally:
        thread.join(timeout=None if publishing.targets is not None else END_TIMEOUT)
    if failed:
        raise failed[0]
