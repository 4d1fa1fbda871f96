"""The project's dbt models that keep a watermark, and how far each has come.

Which ones there should be, the files say: one that has never been built has no row anywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ingest.operate.counts import LONGEST_COUNT, count_rows
from ingest.postgres import Postgres
from ingest.project import project_folder

# Folders of models, the schema that each is built in, and what the vault calls them; in the order
# of the way.
LAYERS = {
    "models/dds/staging": ("staging", "staging"),
    "models/dds/hubs": ("dds", "hubs"),
    "models/dds/links": ("dds", "links"),
    "snapshots/dds": ("dds", "satellites"),
    "models/dds/bridges": ("dds", "bridges"),
    "models/dds/outbox": ("dds", "outbox"),
    "models/cdm": ("cdm", "cdm"),
}
# Where a file says that its model is no table.
EPHEMERAL = "materialized='ephemeral'"

SELECT_STATES = """
select
    wanted.relation,
    case when to_regclass(wanted.relation) is null then 0
        else coalesce(state.loaded_to, 0) end as loaded_to,
    state.updated_at,
    extract(epoch from (now() at time zone 'UTC') - state.updated_at)::float8 as moved_ago
from unnest(%s::text[]) as wanted (relation)
left join stg.load_state as state
    on wanted.relation = state.relation
"""

# For a model wait the events and reloads above its watermark, whatever the cut is by now. One whose
# table is gone is built from all of them.
SELECT_WAITING = f"""
select
    case
        when highest.position - %(loaded_to)s > {LONGEST_COUNT}
            then highest.position - %(loaded_to)s
        else (
            (select count(*) from stg.order_events where position > %(loaded_to)s)
            + (select count(*) from stg.event_reloads where position > %(loaded_to)s)
        )
    end as behind,
    coalesce(extract(epoch from (now() at time zone 'UTC') - least(
        (
            select loaded_at from stg.order_events
            where position > %(loaded_to)s order by position limit 1
        ),
        (
            select requested_at from stg.event_reloads
            where position > %(loaded_to)s order by position limit 1
        )
    ))::float8, 0) as behind_seconds
from (
    select greatest(
        0,
        (select max(position) from stg.order_events),
        (select max(position) from stg.event_reloads)
    ) as position
) as highest
"""


@dataclass(frozen=True)
class Model:
    """A table of the vault or the marts.

    `behind` are events that it has not read, `behind_seconds` the time for which the oldest of them
    has waited. `moved_at` (UTC) is when it was last built, `moved_ago` the same in seconds; None if
    never.
    """

    relation: str
    layer: str
    rows: int
    behind: int
    behind_seconds: float
    moved_at: datetime | None
    moved_ago: float | None


def models(postgres: Postgres) -> list[Model]:
    """All of them, layer by layer, of the target `warehouse`. Raises OutageError or StopError."""
    layers = dict(_relations())
    rows = count_rows(postgres, layers)
    found = {name: state for name, *state in postgres.query(SELECT_STATES, list(layers))}
    # Most models stand alike.
    waiting = {
        mark: postgres.query(SELECT_WAITING, loaded_to=mark)[0]
        for mark in {mark for mark, *_ in found.values()}
    }
    return [
        Model(name, layer, rows[name], behind, seconds, moved_at, moved_ago)
        for name, layer in layers.items()
        for mark, moved_at, moved_ago in [found[name]]
        for behind, seconds in [waiting[mark]]
    ]


def _relations() -> Iterator[tuple[str, str]]:
    """Schema and name of each, and its layer."""
    for folder, (schema, layer) in LAYERS.items():
        kind = "*.yml" if folder.startswith("snapshots") else "*.sql"  # satellites have no SQL
        for file in sorted((project_folder() / folder).rglob(kind)):
            if EPHEMERAL not in file.read_text():
                yield f"{schema}.{file.stem}", layer
