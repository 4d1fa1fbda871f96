"""Which of the rights that a command needs its user has."""

from collections.abc import Iterable

from ingest.errors import StopError
from ingest.kafka.admin import Admin
from ingest.kafka.rights import GROUP, TOPIC, Right, rights
from ingest.settings import Settings


def require(settings: Settings, command: str) -> None:
    """Raise StopError that names each right in topics and groups that is missing.

    A transactional id cannot be asked about: Kafka refuses its first use. Raises OutageError.
    """
    missing = lacking(Admin(settings), rights(settings, command))
    if missing:
        raise StopError(
            f"Kafka does not allow {settings.kafka_username or 'us'}"
            f" {', '.join(map(str, missing))}: grant the ACLs of docs/reference/rights.md"
        )


def lacking(admin: Admin, needed: Iterable[Right]) -> list[Right]:
    """What the user may not do of it. Raises StopError for a topic that is missing."""
    missing = []
    for right in needed:
        if right.kind in (TOPIC, GROUP):
            allowed = admin.operations(right.kind, right.name)
            operations = tuple(word for word in right.operations if word not in allowed)
            if operations:
                missing.append(Right(right.kind, right.name, operations))
    return missing
