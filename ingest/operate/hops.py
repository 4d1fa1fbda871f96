"""The way of an order, hop by hop: what is done, what waits, for how long, and what moved when.

The one place that says so: `ingest status`, /metrics and the report all show what it returns.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import groupby

from ingest import dead_letters
from ingest.errors import StopError
from ingest.kafka.admin import Admin
from ingest.kafka.reader import first_times
from ingest.operate.counts import LONGEST_COUNT, count_rows
from ingest.operate.hop import Hop, Part, joined, still
from ingest.operate.models import Model, models
from ingest.orders import events, outbox
from ingest.postgres import Postgres
from ingest.publication import Progress, Publication, last_progress
from ingest.publish import check_copy
from ingest.settings import Settings
from ingest.source_progress import why_unreadable

SELECT_PROGRESS = """
select
    kafka_partition,
    next_offset,
    updated_at,
    extract(epoch from (now() at time zone 'UTC') - updated_at)::float8,
    topic_id
from stg.source_progress
where kafka_topic = %s
"""

# Rows behind a position, and how many seconds ago the first of them was written.
SELECT_UNPUBLISHED = f"""
select
    case
        when highest.position - %(after)s > {LONGEST_COUNT} then highest.position - %(after)s
        else (select count(*) from {{table}} where position > %(after)s)
    end,
    coalesce((
        select extract(epoch from (now() at time zone 'UTC') - {{written_at}})::float8
        from {{table}}
        where position > %(after)s
        order by position
        limit 1
    ), 0)
from (select coalesce(max(position), 0) as position from {{table}}) as highest
"""
# What publishing each table is called here, and the column that says when a row was written.
PUBLISHED = {
    "stg.order_events": ("publish", "loaded_at"),
    "stg.dead_letters": ("dead-letters", "first_seen_at"),
    "dds.outbox": ("emit", "created_at"),
}


def hops(settings: Settings) -> list[Hop]:
    """All hops, in the order of the way. Raises OutageError or StopError."""
    admin = Admin(settings)
    admin.check()
    with ThreadPoolExecutor(len(READERS)) as pool:  # they wait for answers most of the time
        found = list(pool.map(lambda read: read(settings, admin), READERS))
    return [hop for some in found for hop in some]


def source(settings: Settings, admin: Admin) -> list[Hop]:
    """From producers to the topic, held up by their open transactions; from it to stg."""
    topic = settings.kafka_stg_src_topic
    numbers, topic_id = admin.partitions(topic), admin.topic_id(topic)
    with _postgres(settings) as postgres:
        progress = {n: row for n, *row in postgres.query(SELECT_PROGRESS, topic)}
        (stored,) = count_rows(postgres, ["stg.order_events"]).values()
    # Asked one after the other: what comes meanwhile is neither lost nor hidden.
    written = admin.ends(topic, numbers, committed=False)
    readable = admin.ends(topic, numbers)
    lowest = admin.beginnings(topic, numbers)
    problems = [
        why_unreadable(topic, n, row[0], (lowest[n], written[n]), is_same=row[-1] == topic_id)
        for n, row in sorted(progress.items())
        if n in lowest
    ]
    progress = {n: row for n, row in progress.items() if row[-1] == topic_id}
    read_to = {n: max(lowest[n], progress[n][0]) if n in progress else lowest[n] for n in numbers}
    hidden = _waiting(settings, topic, readable, written, committed=False)
    unread = _waiting(settings, topic, read_to, readable, committed=True)
    produced, loaded = [], []
    for n in numbers:
        name, since = str(n), hidden[n][1]
        produced.append(Part(name, readable[n] - lowest[n], *hidden[n], None, since))
        moved_at, moved_ago = progress[n][1:3] if n in progress else (None, None)
        standing = still(unread[n][1], moved_ago)
        loaded.append(Part(name, read_to[n] - lowest[n], *unread[n], moved_at, standing))
    messages = sum(part.rows for part in produced)
    return [
        joined("produce", "producers", topic, messages, produced),
        joined("load", topic, "stg", stored, loaded, next(filter(None, problems), "")),
    ]


def published(settings: Settings, admin: Admin) -> list[Hop]:
    """From stg to its topics."""
    found = (events.publication(settings), dead_letters.publication(settings, room=0))
    with ThreadPoolExecutor(len(found)) as pool:
        asked = [pool.submit(_published, settings, admin, publication) for publication in found]
        return [hop for future in asked for hop in future.result()]


def emitted(settings: Settings, admin: Admin) -> list[Hop]:
    """From the outbox to its topic."""
    return _published(settings, admin, outbox.publication(settings))


def built(settings: Settings, _: Admin) -> list[Hop]:
    """From stg to the vault, to the outbox, to the marts."""
    with _postgres(settings) as postgres:
        found = models(postgres)
    layers = {
        layer: _layer(layer, list(members))
        for layer, members in groupby(found, key=lambda model: model.layer)
    }
    closed, marts = layers.pop("outbox"), layers.pop("cdm")
    vault = list(layers.values())
    return [
        joined("dds", "stg", "dds", sum(part.rows for part in vault), vault),
        joined("outbox", "dds", "dds.outbox", closed.rows, [closed]),
        joined("cdm", "dds", "cdm", marts.rows, [marts]),
    ]


# Apart, because not every user may read what all of them need.
READERS: Sequence[Callable[[Settings, Admin], list[Hop]]] = (source, published, built, emitted)


def _waiting(
    settings: Settings,
    topic: str,
    begins: Mapping[int, int],
    ends: Mapping[int, int],
    *,
    committed: bool,
) -> dict[int, tuple[int, float]]:
    """Of each partition how many messages lie between two offsets, and the age of the first.

    In seconds, as its sender dated it; nothing waits where only markers and aborted ones are.
    """
    spans = {n: (begin, ends[n]) for n, begin in begins.items() if begin < ends[n]}
    sent = first_times(settings, topic, spans, committed=committed) if spans else {}
    now = time.time()
    ages = {n: max(0.0, now - (at or now)) for n, at in sent.items()}
    return {n: (ends[n] - begins[n], ages[n]) if n in ages else (0, 0.0) for n in begins}


def _published(settings: Settings, admin: Admin, publication: Publication) -> list[Hop]:
    """Nothing waits where there is no table yet."""
    table, topic = publication.table, publication.topic
    name, written_at = PUBLISHED[table]
    with _postgres(settings) as postgres:
        if not postgres.value(publication.exists):
            return [Hop(name, table, topic, 0, 0, 0.0, None, 0.0)]
        progress, sent = last_progress(settings, admin, publication)
        statement = SELECT_UNPUBLISHED.format(table=table, written_at=written_at)
        after = progress.position if progress else 0
        ((behind, seconds),) = postgres.query(statement, after=after)
        rows = max(0, count_rows(postgres, [table])[table] - behind)
        problem = _problem(postgres, admin, publication, progress) if progress else ""
    moved_at = datetime.fromtimestamp(sent, UTC).replace(tzinfo=None) if sent else None
    standing = still(seconds, time.time() - sent if sent else None)
    return [Hop(name, table, topic, rows, behind, seconds, moved_at, standing, (), problem)]


def _problem(postgres: Postgres, admin: Admin, publication: Publication, progress: Progress) -> str:
    """What keeps the topic from being published; empty if nothing does."""
    try:
        check_copy(postgres, publication, progress, admin.topic_id(publication.topic))
    except StopError as error:
        return str(error)
    return ""


def _postgres(settings: Settings) -> Postgres:
    return Postgres(settings, "ingest status")


def _layer(name: str, found: Sequence[Model]) -> Part:
    """Its models together: the one that is most behind counts."""
    return Part(
        name,
        sum(model.rows for model in found),
        max(model.behind for model in found),
        max(model.behind_seconds for model in found),
        max((model.moved_at for model in found if model.moved_at), default=None),
        max(still(model.behind_seconds, model.moved_ago) for model in found),
        tuple(model.relation for model in found if model.behind),
    )
