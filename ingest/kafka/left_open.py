"""What ended transactions have left open, for whoever takes over their transactional.id.

Kafka 4.3.0 to 4.4.0 leave out the marker of a partition that has no leader when a transaction
ends, as when a lone broker starts again (KAFKA-20734; TransactionMarkerChannelManager, "likely
deleted already and hence can be skipped"). Its messages stay open there, whether it was committed
or aborted.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ingest.deliveries import Delivery, Place
from ingest.errors import OutageError
from ingest.kafka.reader import committed_offsets, open_messages
from ingest.settings import Settings

log = logging.getLogger(__name__)

# Longer than messages, or offsets of a group, are open in a transaction that is being ended, in
# seconds.
PENDING_TIMEOUT = 3.0


@dataclass(frozen=True)
class Predecessor:
    """What the last one with a transactional.id may have left open, and where.

    In `topics`, and among the offsets of `group` in the topics `sources`. `was_committed` tells of
    a message whose transaction is open whether it was committed all the same, given what lies
    behind it in its partition, and where the group stands.
    """

    topics: Sequence[str]
    was_committed: Callable[[Delivery, Iterator[Delivery], dict[Place, int | None]], bool]
    group: str | None = None
    sources: Sequence[str] = ()


def left_open(settings: Settings, predecessor: Predecessor) -> tuple[list[Place], str | None]:
    """Partitions with messages of an aborted transaction, and the group if its offsets are open.

    Some may be others', whose transactions go on.
    """
    committed: dict[Place, int | None] = {}
    pending_group = None
    if predecessor.group is not None:
        group, sources = predecessor.group, predecessor.sources
        try:
            committed = committed_offsets(settings, group, sources, timeout=PENDING_TIMEOUT)
        except OutageError:
            pending_group = group
            committed = committed_offsets(
                settings, group, sources, isolation_level="read_uncommitted"
            )
    aborted = []
    for unread in open_messages(settings, predecessor.topics, PENDING_TIMEOUT):
        first = next(unread, None)
        if first is None:  # markers only
            continue
        is_aborted = not predecessor.was_committed(first, unread, committed)
        if is_aborted:
            aborted.append(first.place)
        log.info(
            "a transaction is open in %s [%d] from offset %d: %s",
            first.topic,
            first.partition,
            first.offset,
            "aborted, if it is ours" if is_aborted else "left for the next commit",
        )
    return aborted, pending_group
