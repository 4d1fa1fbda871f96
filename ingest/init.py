"""`ingest init`: the database's objects that dbt does not own, and the topics. Safe to repeat."""

from collections.abc import Iterator
from threading import Event as Flag

from ingest import ddl
from ingest.kafka.broker import Broker
from ingest.outages import Patience
from ingest.postgres import Postgres
from ingest.settings import Settings


def run(settings: Settings) -> Iterator[str]:
    """Do it; yields a line for each thing done. Raises StopError."""
    patience = Patience(settings.max_outage_seconds, Flag())
    with Postgres(settings, "ingest init") as postgres:
        patience.until_up(postgres.check)
        for name in ddl.apply(postgres):
            yield f"applied ddl/{name}"
    broker = Broker(settings)
    patience.until_up(broker.check)
    for name in broker.create_topics():
        yield f"created topic {name}"
    yield "ready"
