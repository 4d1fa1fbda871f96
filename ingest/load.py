"""From the source topic through Redis into Postgres: opens everything, and has it loaded.

Nothing but LostReferences outlives an error: everything is closed, and each partition is read again
from where Postgres says.
"""

import gc
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Event as Flag

from ingest import publications
from ingest.errors import OutageError
from ingest.health import Loop
from ingest.kafka.admin import Admin
from ingest.kafka.consumer import GroupConsumer
from ingest.loader import Loader, Systems
from ingest.orders.lost_references import LostReferences
from ingest.postgres import Postgres
from ingest.prepare import Preparer
from ingest.redis import References
from ingest.settings import Settings
from ingest.source_progress import hidden
from ingest.store import SELECT_GATE

log = logging.getLogger(__name__)

# How long the publisher may take to compare a server with its topics before that is an outage.
GATE_TIMEOUT = 30.0
# Seconds between two looks whether it has.
GATE_INTERVAL = 0.02


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


def _wait_for_gate(postgres: Postgres, settings: Settings, stop: Flag, loop: Loop) -> None:
    """Return when this server has been compared with its topics. Raises OutageError."""
    deadline = time.monotonic() + GATE_TIMEOUT
    while not postgres.value(SELECT_GATE, topics=publications.gates(settings)):
        if stop.wait(GATE_INTERVAL):
            return
        loop.beat()
        if time.monotonic() > deadline:
            raise OutageError("Kafka", "nobody has compared this Postgres with the topics yet")


@contextmanager
def _without_collector() -> Iterator[None]:
    """A block in which cyclic garbage is only collected by hand.

    Batches make none, and looking for it after so many objects as Python does costs a third of the
    time.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
