"""`ingest recover`: what the warehouse has lost and the topics still have, put back.

After a restore from a backup the warehouse is older than the topics. They are a copy of what it
wrote: `stg-service-orders` of the events, `<source>.dlq` of the dead letters, `dds-service-orders`
of the outbox. What they have and the warehouse lacks is put back as it was, so nothing is enriched
or sent a second time. Then the consumer group and the warehouse agree again on how far the source
has been read. Safe to repeat; where nothing is missing, nothing changes.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event as Flag
from typing import Any, TypeVar

import msgspec
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import execute_values

from ingest import deliveries, messages
from ingest.agreement import failed_of, loaded_offsets, origin_of, sent_offsets, source_of
from ingest.deliveries import Delivery, Place
from ingest.emit import EVENT_ID, OUTBOX_EXISTS, OUTBOX_ID, POSITION, read_progress
from ingest.errors import RejectError
from ingest.kafka.broker import Broker
from ingest.kafka.reader import committed_offsets, read_all, wait_for_transactions
from ingest.limits import Limits
from ingest.messages import Moment, SkippedError, event_hash
from ingest.outages import Patience
from ingest.postgres import Postgres
from ingest.reasons import REASONS
from ingest.settings import Settings
from ingest.store import HOLD_POSITIONS, object_id_in

# Rows in one transaction.
CHUNK = 1000

INSERT_EVENTS = """
insert into stg.order_events (
    event_id, object_id, object_type, sent_dttm, payload,
    kafka_topic, kafka_partition, kafka_offset, load_src
) values %s
on conflict (event_id) do nothing
"""

INSERT_DEAD_LETTERS = """
insert into stg.dead_letters (
    kafka_topic, kafka_partition, kafka_offset, message_key, message_value, message_headers,
    event_hash, object_id, reason, detail,
    last_kafka_topic, last_kafka_partition, last_kafka_offset, next_attempt_at
) values %s
on conflict do nothing
returning dead_letter_no
"""

# Those of the backup too: their events may have been stored after it. An event's id needs decoding.
RESOLVE = """
update stg.dead_letters
set resolved_at = now() at time zone 'UTC', resolution = 'stored', next_attempt_at = null
from (values %s) as found (event_hash, event_id)
where
    dead_letters.event_hash = found.event_hash::uuid
    and dead_letters.resolved_at is null
    and exists (select from stg.order_events where event_id = found.event_id::uuid)
"""

SET_PROGRESS = """
insert into stg.source_progress as known (kafka_topic, kafka_partition, next_offset)
values (%s, %s, %s)
on conflict (kafka_topic, kafka_partition) do update
set next_offset = greatest(known.next_offset, excluded.next_offset)
"""

# dbt appends to the outbox under this lock: see macros/window.sql.
LOCK_OUTBOX = "select 1 from stg.load_state where relation = 'dds.outbox' for update"

CREATE_DELIVERED = """
create temporary table delivered (
    position bigint, outbox_id uuid, order_id bigint, message text, sent_at bigint
) on commit drop
"""

INSERT_DELIVERED = "insert into delivered values %s"

# An operator who left the topic as it was has positions given a second time. What the outbox has
# counts, else what was sent last.
CREATE_SENT = """
create temporary table sent on commit drop as
select distinct on (delivered.position)
    delivered.position,
    delivered.outbox_id,
    delivered.order_id,
    delivered.message
from delivered
left join dds.outbox
    on
        delivered.position = outbox.position
        and delivered.outbox_id = outbox.outbox_id
        and delivered.message = outbox.message
order by delivered.position, outbox.position is null, delivered.sent_at desc
"""

# Where outbox and topic part.
FIRST_DIFFERENCE = """
select min(sent.position)
from sent
left join dds.outbox
    on
        sent.position = outbox.position
        and sent.outbox_id = outbox.outbox_id
        and sent.message = outbox.message
where outbox.position is null
"""

# From there on the topic is right. Rows that dbt appended since, which were never sent, may be out
# of date and go. Of each order whose last state dbt took for another one, an event is read again:
# the next build decides whether there is something to send.
PUT_BACK = """
create temporary table orders on commit drop as
select
    h_order_pk,
    order_id,
    (
        select outbox.state_hash
        from dds.outbox
        where outbox.h_order_pk = named.h_order_pk
        order by outbox.position desc
        limit 1
    ) as state_hash
from (
    select h_order_pk, order_id from dds.outbox where position >= %(first)s
    union
    select md5(order_id::text)::uuid, order_id from sent where position >= %(first)s
) as named;

delete from dds.outbox where position >= %(first)s;

insert into dds.outbox (
    position, outbox_id, h_order_pk, order_id, state_hash, message, created_at
)
select
    position,
    outbox_id,
    md5(order_id::text)::uuid,
    order_id,
    md5((message::json -> 'payload')::text)::uuid,
    message,
    now() at time zone 'UTC'
from sent
where position >= %(first)s;

insert into stg.event_reloads (event_id)
select last.event_id
from orders
cross join lateral (
    select events.event_id
    from stg.order_events as events
    where events.object_id = orders.order_id
    order by events.event_no desc
    limit 1
) as last
where
    orders.state_hash is distinct from (
        select outbox.state_hash
        from dds.outbox
        where outbox.h_order_pk = orders.h_order_pk
        order by outbox.position desc
        limit 1
    );
"""

T = TypeVar("T")


def run(settings: Settings) -> Iterator[str]:
    """Put back what is missing; yields a line for each kind. Raises StopError, OutageError."""
    patience = Patience(settings.max_outage_seconds, Flag())
    broker = Broker(settings)
    with Postgres(settings, "ingest recover") as postgres:
        patience.until_up(broker.check, postgres.check)
        committed = committed_offsets(
            settings,
            settings.kafka_stg_consumer_group,
            [settings.kafka_stg_src_topic, settings.retry_topic],
        )
        # A running ingestor would load meanwhile what is put back here.
        broker.set_group_offsets(settings.kafka_stg_consumer_group, _known(committed))
        # One that was killed has left its transaction open, and others have committed behind it.
        wait_for_transactions(
            settings,
            [
                settings.kafka_stg_dst_topic,
                settings.dead_letter_topic,
                settings.kafka_dds_dst_topic,
                settings.progress_topic,
            ],
        )
        yield f"{_restore_events(settings, postgres):,} events put back into stg.order_events"
        yield f"{_restore_dead_letters(settings, postgres):,} put back into stg.dead_letters"
        yield from _agree(settings, postgres, broker, committed)
        yield f"{_restore_outbox(settings, postgres):,} rows put back into dds.outbox"


def _restore_events(settings: Settings, postgres: Postgres) -> int:
    def store(cursor: Cursor, chunk: list[Delivery]) -> int:
        cursor.execute(HOLD_POSITIONS)
        rows = sorted(_event_row(delivery, settings) for delivery in chunk)
        execute_values(cursor, INSERT_EVENTS, rows, page_size=CHUNK)
        return cursor.rowcount

    return _in_chunks(postgres, read_all(settings, settings.kafka_stg_dst_topic), store)


def _event_row(delivery: Delivery, settings: Settings) -> tuple[Any, ...]:
    headers = dict(delivery.headers)
    message = msgspec.json.decode(delivery.value or b"")
    return (
        (headers[deliveries.EVENT_ID] or b"").decode(),
        int(delivery.key or b""),
        message["object_type"],
        Moment.parse(message["sent_dttm"], Limits()),
        (delivery.value or b"").decode(),
        *source_of(delivery),
        settings.kafka_stg_src_topic,
    )


def _restore_dead_letters(settings: Settings, postgres: Postgres) -> int:
    def store(cursor: Cursor, chunk: list[Delivery]) -> int:
        rows = [_dead_letter_row(delivery) for delivery in chunk]
        restored = execute_values(cursor, INSERT_DEAD_LETTERS, rows, page_size=CHUNK, fetch=True)
        events = []
        for delivery in chunk:
            with suppress(RejectError, SkippedError):
                event = messages.decode(delivery.value, settings.limits)
                events.append((event_hash(delivery.value), event.event_id))
        execute_values(cursor, RESOLVE, events, page_size=CHUNK)
        return len(restored)

    return _in_chunks(postgres, read_all(settings, settings.dead_letter_topic), store)


def _dead_letter_row(delivery: Delivery) -> tuple[Any, ...]:
    ours = dict(delivery.headers)
    theirs = [pair for pair in delivery.headers if not pair[0].startswith("__connect.errors.")]
    reason = REASONS[(ours[deliveries.ERROR_REASON] or b"").decode()]
    return (
        *origin_of(delivery),
        delivery.key,
        delivery.value,
        msgspec.json.encode(deliveries.headers_for_json(theirs)).decode(),
        event_hash(delivery.value),
        object_id_in(delivery.value),
        reason,
        (ours[deliveries.ERROR_DETAIL] or b"").decode(),
        *failed_of(delivery),
        datetime.now(UTC).replace(tzinfo=None) if reason.waits_for_reference else None,
    )


def _agree(
    settings: Settings, postgres: Postgres, broker: Broker, committed: dict[Place, int | None]
) -> Iterator[str]:
    """Set the group's offsets where it has none or one from before, the warehouse's where it lags.

    What was sent on was committed in the same transaction, so the group has read that far at
    least. What the warehouse has stored beyond it was not sent, and is read again.
    """
    sent = sent_offsets(settings)
    loaded = loaded_offsets(postgres)
    to_commit: dict[Place, int] = {}
    for place, offset in committed.items():
        reached = max(offset or 0, sent.get(place, 0))
        if offset is None and not reached and not loaded.get(place):
            continue  # never read
        if reached != offset:
            to_commit[place] = reached
        if reached > loaded.get(place, 0):
            with postgres.transaction() as cursor:
                cursor.execute(SET_PROGRESS, (*place, reached))
            yield f"{place[0]} [{place[1]}] counts as loaded up to offset {reached}"
    broker.set_group_offsets(settings.kafka_stg_consumer_group, to_commit)
    for place, offset in sorted(to_commit.items()):
        group = settings.kafka_stg_consumer_group
        yield f"group {group} goes on with offset {offset} of {place[0]} [{place[1]}]"


def _restore_outbox(settings: Settings, postgres: Postgres) -> int:
    progress = read_progress(settings)
    if progress is None or postgres.query(OUTBOX_EXISTS) != [(True,)]:
        return 0
    # Each message once, as it was sent last.
    delivered: dict[tuple[int, str], tuple[Any, ...]] = {}
    for delivery in read_all(settings, settings.kafka_dds_dst_topic):
        headers = {name: (value or b"").decode() for name, value in delivery.headers}
        position, row_hash = int(headers[POSITION]), headers[EVENT_ID]
        # What lies beyond was given up with `emit --from`; so was another row at its end.
        if headers[OUTBOX_ID] != str(progress.outbox_id) or position > progress.position:
            continue
        if position == progress.position and row_hash != str(progress.row_hash):
            continue
        order, message = int(delivery.key or b""), (delivery.value or b"").decode()
        row = (position, headers[OUTBOX_ID], order, message, delivery.timestamp or 0)
        delivered[position, row_hash] = max(row, delivered.get((position, row_hash), row))
    positions = {position for position, _ in delivered}
    if progress.position not in positions:
        return 0  # chosen with `emit --from` among rows that were never sent
    with postgres.transaction() as cursor:
        cursor.execute(LOCK_OUTBOX)
        cursor.execute(CREATE_DELIVERED)
        execute_values(cursor, INSERT_DELIVERED, list(delivered.values()), page_size=CHUNK)
        cursor.execute(CREATE_SENT)
        cursor.execute(FIRST_DIFFERENCE)
        first = cursor.fetchall()[0][0]
        if first is None:
            return 0
        cursor.execute(HOLD_POSITIONS)
        cursor.execute(PUT_BACK, {"first": first})
        return sum(position >= first for position in positions)


def _known(committed: dict[Place, int | None]) -> dict[Place, int]:
    return {place: offset for place, offset in committed.items() if offset is not None}


def _in_chunks(
    postgres: Postgres, items: Iterable[T], store: Callable[[Cursor, list[T]], int]
) -> int:
    """Store the items in transactions of CHUNK; returns the sum of what `store` returns."""
    total, chunk = 0, []
    for item in items:
        chunk.append(item)
        if len(chunk) == CHUNK:
            with postgres.transaction() as cursor:
                total += store(cursor, chunk)
            chunk = []
    if chunk:
        with postgres.transaction() as cursor:
            total += store(cursor, chunk)
    return total
