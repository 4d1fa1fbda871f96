"""What is published: a table with positions, the topic that is its copy, how far that has come."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import msgspec

from ingest.errors import OutageError, StopError
from ingest.kafka.admin import Admin
from ingest.kafka.client import headers_of
from ingest.kafka.message import POSITION, Received, Record, sent_at
from ingest.kafka.reader import is_open, last_messages
from ingest.settings import Settings

log = logging.getLogger(__name__)

# Where a topic has lost its position, so many of the last offsets of each partition are looked at.
LOOKED_AT = 1000

TABLE_ID = "select table_id from stg.publications where topic = %s"
STG_CUT = "select stg.cut()"

# The rows behind a position, up to a cut: as many as there may be, one at least. In one value, a
# line for each row, with its columns as text between tabs: to be handed row by row from the
# client's library would cost a turn of the interpreter's lock for each.
SELECT_FOLLOWING = """
select string_agg(line, E'\\n' order by position)
from (
    select position, concat_ws(E'\\t', position, {columns}) as line
    from {table}
    where
        position > %(after)s
        and position <= (
            select max(position)
            from (
                select position, sum(size) over (order by position) - size as bytes_before
                from (
                    select position, {size} as size
                    from {table}
                    where position > %(after)s and position <= %(cut)s
                    order by position
                    limit %(rows)s
                ) as sizes
            ) as sums
            where bytes_before < %(bytes)s
        )
    order by position
) as lines
"""


@dataclass(frozen=True)
class Publication:
    """A table with positions, and the topic that is its copy.

    Statements: `cut` gives the position up to which no row is missing any more, `identity` what
    tells the table from another one, `following` the next rows (see SELECT_FOLLOWING); `exists`
    says whether there is a table. `record` makes a message of the columns of a row; `channel` is
    where new rows are announced, if they are.
    """

    topic: str
    table: str
    transactional_id: str
    cut: str
    identity: str
    following: str
    record: Callable[[list[bytes]], Record]
    exists: str = "select true"
    channel: str = ""

    @property
    def progress_topic(self) -> str:
        """Where the position lies."""
        return f"{self.topic}.progress"


class Progress(msgspec.Struct, frozen=True):
    """How far a topic has been published, from which table, and into which topic of that name."""

    position: int
    table: UUID | None
    topic_id: str

    def record(self, publication: Publication) -> Record:
        """What tells it to whoever publishes next."""
        return Record(
            publication.progress_topic, publication.topic.encode(), msgspec.json.encode(self), []
        )


def read_progress(settings: Settings, admin: Admin, publication: Publication) -> Progress | None:
    """How far the topic has been published; None if nothing ever was.

    Raises OutageError, also while a transaction is open, or StopError if nobody can tell.
    """
    if is_open(admin, publication.progress_topic):
        raise OutageError("Kafka", f"a transaction is open in {publication.progress_topic}")
    return last_progress(settings, admin, publication)[0]


def last_progress(
    settings: Settings, admin: Admin, publication: Publication
) -> tuple[Progress | None, float | None]:
    """How far it had been published by the last committed transaction, and when, as a Unix time.

    None for what nobody can tell. A publisher may be further by now. Raises OutageError or
    StopError.
    """
    for record in last_messages(settings, admin, publication.progress_topic, _has_value, LOOKED_AT):
        if _has_value(record):
            progress = msgspec.json.decode(record.value() or b"", type=Progress)
            return progress, sent_at(record)
    # The position is lost: the last messages of the topic itself have it too.
    last = last_messages(settings, admin, publication.topic, _has_position, LOOKED_AT)
    if not last:
        return None, None
    position = max(map(position_of, last))
    if position < 0:
        raise StopError(
            f"{publication.progress_topic} is empty, and the last messages of {publication.topic}"
            " do not say how far it was published. Find out up to which position of"
            f" {publication.table}, and say so: `ingest seek {publication.topic} --to POSITION`"
        )
    log.warning("%s is empty: the messages tell the position", publication.progress_topic)
    return Progress(position, None, ""), None


def position_of(message: Received) -> int:
    """The position of a message of ours; -1 for one that somebody else has sent."""
    value = dict(headers_of(message)).get(POSITION)
    return int(value) if value is not None and value.isdigit() else -1


def _has_position(message: Received) -> bool:
    return position_of(message) >= 0


def _has_value(message: Received) -> bool:
    return message.value() is not None
