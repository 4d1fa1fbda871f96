"""`ingest status`: what is loaded, what waits, and how far each step is behind."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest import kafka, postgres, publications
from ingest.errors import StopError
from ingest.kafka.admin import Admin
from ingest.postgres import Postgres
from ingest.publication import Publication, read_progress
from ingest.settings import Settings
from ingest.source_progress import hidden, next_offsets

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


@dataclass(frozen=True)
class Section:
    """A heading and rows that share their columns."""

    title: str
    rows: list[dict[str, Any]]


def sections(settings: Settings) -> Iterator[Section]:
    """The state, part by part. Raises StopError or OutageError if a service does not answer."""
    postgres.check(settings)
    kafka.admin.check(settings)
    with Postgres(settings, "ingest status", patient=True) as warehouse:
        yield Section("events in stg.order_events", warehouse.rows(SELECT_COUNTS))
        yield Section("source", _source(settings, warehouse))
        yield Section("open dead letters", warehouse.rows(SELECT_DEAD_LETTERS))
        yield Section("models", warehouse.rows(SELECT_MODELS))
        yield Section(
            "published",
            [_published(settings, warehouse, p) for p in publications.all_publications(settings)],
        )
        yield Section("groups that are woken", list(_groups(settings)))


def _source(settings: Settings, warehouse: Postgres) -> list[dict[str, Any]]:
    """Not loaded yet; `hidden` lies behind open transactions of the source's producers."""
    topic, admin = settings.kafka_stg_src_topic, Admin(settings)
    numbers = admin.partitions(topic)
    lowest, readable = admin.beginnings(topic, numbers), admin.ends(topic, numbers)
    reached = next_offsets(warehouse, topic, admin.topic_id(topic), numbers)
    behind = sum(max(0, readable[n] - reached.get(n, lowest[n])) for n in numbers)
    return [
        {
            "behind": behind,
            "hidden": sum(hidden(admin, topic).values()),
            "topic": topic,
            "partitions": len(numbers),
            "never_read": len(numbers) - len(reached),
        }
    ]


def _published(settings: Settings, warehouse: Postgres, publication: Publication) -> dict[str, Any]:
    row: dict[str, Any] = {"behind": None, "topic": publication.topic, "published_to": "no table"}
    if warehouse.value(publication.exists):
        try:
            progress = read_progress(settings, Admin(settings), publication)
        except StopError as error:
            return {**row, "published_to": str(error)}
        position = progress.position if progress else 0
        statement = f"select count(*) from {publication.table} where position > %s"
        row |= {"behind": warehouse.value(statement, position), "published_to": position}
    return row


def _groups(settings: Settings) -> Iterator[dict[str, Any]]:
    admin = Admin(settings)
    for group, topic in (
        (settings.kafka_dds_consumer_group, settings.kafka_dds_src_topic),
        (settings.kafka_cdm_consumer_group, settings.kafka_cdm_src_topic),
    ):
        committed = admin.group_offsets(group, topic)
        ends = admin.ends(topic, committed)
        yield {
            "behind": sum(
                ends[n] - offset for n, offset in committed.items() if offset is not None
            ),
            "group": group,
            "topic": topic,
            "never_read": sum(offset is None for offset in committed.values()),
        }
