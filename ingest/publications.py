"""The tables that have a topic for a copy."""

from ingest import dead_letters
from ingest.kafka.admin import Admin
from ingest.orders import events, outbox
from ingest.orders.enrich import Room
from ingest.publication import Publication
from ingest.settings import Settings


def loaded(settings: Settings) -> list[Publication]:
    """Of the tables that `ingest stg` loads. Raises OutageError or StopError."""
    topic = settings.dead_letter_topic
    room = Admin(settings).value_limits([topic])[topic]
    return [events.publication(settings), dead_letters.publication(settings, room)]


def closed(settings: Settings) -> list[Publication]:
    """Of the table that dbt appends to."""
    return [outbox.publication(settings)]


def all_publications(settings: Settings) -> list[Publication]:
    """All of them."""
    return [*loaded(settings), *closed(settings)]


def gates(settings: Settings) -> list[str]:
    """The topics that a server must have been compared with before anything is stored in it."""
    return [settings.kafka_stg_dst_topic, settings.dead_letter_topic]


def room(settings: Settings) -> Room:
    """What the topics take that a message must go to one day.

    Raises OutageError, or StopError, also if one of them or the source is compacted.
    """
    onward, closed = settings.kafka_stg_dst_topic, settings.kafka_dds_dst_topic
    limits = Admin(settings).value_limits(
        [settings.kafka_stg_src_topic, onward, settings.dead_letter_topic, closed]
    )
    return Room(limits[onward], limits[closed])
