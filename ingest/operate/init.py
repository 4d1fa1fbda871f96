"""`ingest init`: the database's objects that dbt does not own, and the topics. Safe to repeat."""

from collections.abc import Iterator
from threading import Event as Flag

from ingest.health import Loop
from ingest.kafka.admin import Admin, NewTopicSpec
from ingest.limits import Limits
from ingest.operate import ddl
from ingest.orders.enrich import CLOSED_FRAME, CLOSED_PRODUCT, MAX_CATEGORY_LENGTH
from ingest.postgres import Postgres
from ingest.retry import Retry
from ingest.settings import Settings

# A category in UTF-8, with every character escaped.
CATEGORY_BYTES = 6 * MAX_CATEGORY_LENGTH
# Kept for ever: `ingest recover` takes from these topics what a backup lacks.
FOR_EVER = {"retention.ms": "-1", "cleanup.policy": "delete"}


def run(settings: Settings, *, back: bool = False) -> Iterator[str]:
    """Do it; yields a line for each thing done. Raises StopError, also for a newer database.

    With `back` that one is taken for one of this version.
    """
    Retry(settings, Flag(), Loop(), settings.max_outage_seconds).until_up("Postgres", "Kafka")
    with Postgres(settings, "ingest init", patient=True, prepared=False) as postgres:
        for name in ddl.apply(postgres, back=back):
            yield f"applied ddl/{name}"
    admin = Admin(settings)
    for name in admin.create_topics(topics(settings)):
        yield f"created topic {name}"
    admin.value_limits(spec.name for spec in topics(settings) if not _is_progress(spec))
    yield "ready"


def topics(settings: Settings) -> list[NewTopicSpec]:
    """The topics, each large enough for whatever may be accepted."""
    partitions = settings.kafka_topic_partitions
    onward = {"max.message.bytes": str(2 * settings.max_message_bytes), **FOR_EVER}
    closed = {"max.message.bytes": str(closed_bytes(settings.limits)), **FOR_EVER}
    copies = {
        settings.kafka_stg_dst_topic: onward,
        settings.dead_letter_topic: onward,
        settings.kafka_dds_dst_topic: closed,
    }
    return [
        NewTopicSpec(settings.kafka_stg_src_topic, partitions, {"cleanup.policy": "delete"}),
        *(NewTopicSpec(name, partitions, config) for name, config in copies.items()),
        *(NewTopicSpec(f"{name}.progress", 1, {"cleanup.policy": "compact"}) for name in copies),
    ]


def closed_bytes(limits: Limits) -> int:
    """The largest message of dds-service-orders: each product with its id and category."""
    products = limits.items * (CLOSED_PRODUCT + CATEGORY_BYTES)
    return 2 * CLOSED_FRAME + products + limits.message_bytes


def _is_progress(spec: NewTopicSpec) -> bool:
    return spec.config["cleanup.policy"] == "compact"
