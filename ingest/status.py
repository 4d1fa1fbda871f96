"""`ingest status`: what is loaded, what waits, and how far each step is behind."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.emit import OUTBOX_EXISTS, read_progress
from ingest.errors import StopError
from ingest.kafka.broker import Broker
from ingest.kafka.reader import committed_offsets, end_offsets
from ingest.postgres import Postgres
from ingest.settings import Settings

SELECT_COUNTS = """
select
    (select count(*) from stg.order_events) as events,
    (select max(loaded_at) from stg.order_events) as last_loaded_at,
    (select coalesce(sum(duplicates), 0) from stg.source_progress) as duplicates,
    (select coalesce(sum(skipped), 0) from stg.source_progress) as skipped
"""

SELECT_DEAD_LETTERS = """
select
    reason,
    count(*) as dead_letters,
    count(distinct object_id) as orders,
    min(first_seen_at) as oldest,
    max(attempts) as attempts
from stg.dead_letters
where resolved_at is null
group by reason
order by count(*) desc, reason
"""

# A model is behind by the positions that it has not loaded; models that stand alike share a row.
SELECT_MODELS = """
select
    stg.cut() - loaded_to as behind,
    case when count(*) = 1 then min(relation) else count(*) || ' models' end as models,
    loaded_to,
    max(updated_at) as last_built_at
from stg.load_state
group by loaded_to
order by loaded_to
"""

SELECT_OUTBOX = "select coalesce(max(position), 0) as position from dds.outbox"


@dataclass(frozen=True)
class Section:
    """A heading and rows that share their columns."""

    title: str
    rows: list[dict[str, Any]]


def sections(settings: Settings) -> Iterator[Section]:
    """The state, part by part. Raises StopError or OutageError if a service does not answer."""
    with Postgres(settings, "ingest status") as postgres:
        postgres.check()
        Broker(settings).check()
        yield Section("events in stg.order_events", _rows(postgres, SELECT_COUNTS))
        yield Section("open dead letters", _rows(postgres, SELECT_DEAD_LETTERS))
        yield Section("consumer groups", list(_groups(settings)))
        yield Section("models", _rows(postgres, SELECT_MODELS))
        yield Section("outbox", _outbox(settings, postgres))


def _rows(postgres: Postgres, statement: str) -> list[dict[str, Any]]:
    with postgres.transaction(dictionaries=True) as cursor:
        cursor.execute(statement)
        return [dict(row) for row in cursor]


def _groups(settings: Settings) -> Iterator[dict[str, Any]]:
    for group, topic in (
        (settings.kafka_stg_consumer_group, settings.kafka_stg_src_topic),
        (settings.kafka_stg_consumer_group, settings.retry_topic),
        (settings.kafka_dds_consumer_group, settings.kafka_dds_src_topic),
        (settings.kafka_cdm_consumer_group, settings.kafka_cdm_src_topic),
    ):
        ends = end_offsets(settings, [topic])
        committed = committed_offsets(settings, group, [topic])
        yield {
            "behind": sum(ends[place] - (offset or 0) for place, offset in committed.items()),
            "group": group,
            "topic": topic,
            "partitions": len(ends),
            "never_read": sum(offset is None for offset in committed.values()),
        }


def _outbox(settings: Settings, postgres: Postgres) -> list[dict[str, Any]]:
    if postgres.query(OUTBOX_EXISTS) != [(True,)]:
        return []
    position = _rows(postgres, SELECT_OUTBOX)[0]["position"]
    try:
        progress = read_progress(settings)
    except StopError as error:
        return [{"behind": None, "position": position, "sent": str(error)}]
    sent = 0 if progress is None else progress.position
    return [{"behind": position - sent, "position": position, "sent": sent}]
