"""The same two hops with nothing but their calls: what the real ones are measured against.

Two threads, one after the other in nothing: load decodes the next batch while COPY runs, publish
copies rows out and sends them with their position. No check of any value, no lock, no second look,
no word of what happens when something fails.
"""

import hashlib
import io
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Thread
from typing import Any, cast

import msgspec
import psycopg2
import redis
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from ingest.kafka.client import configuration
from ingest.kafka.consumer import QUEUE_BACKOFF
from ingest.orders.events import (
    COPY_EVENTS,
    COPY_HEADER,
    COPY_TRAILER,
    JSONB,
    JSONB_VERSION,
    LENGTH,
    ROW,
)
from ingest.orders.values import since_2000
from ingest.settings import Settings, read_settings

BATCH = 10_000

ADVANCE = """
insert into stg.source_progress as known (kafka_topic, kafka_partition, topic_id, next_offset)
values (%s, %s, '', %s)
on conflict (kafka_topic, kafka_partition) do update set next_offset = excluded.next_offset
"""
COPY_OUT = {
    "stg": """
    copy (
        select position, object_id, payload, event_id, kafka_topic, kafka_partition, kafka_offset,
            loaded_at
        from stg.order_events where position > {after} order by position limit {limit}
    ) to stdout
    """,
    "outbox": """
    copy (
        select position, order_id, message, outbox_id, h_order_pk, state_hash, created_at
        from dds.outbox where position > {after} order by position limit {limit}
    ) to stdout
    """,
}
HEADERS = {
    "stg": ("event_id", "source_topic", "source_partition", "source_offset", "loaded_at"),
    "outbox": ("outbox_id", "h_order_pk", "state_hash", "created_at"),
}


def connect(settings: Settings) -> Any:
    """A connection to the warehouse."""
    return psycopg2.connect(
        host=settings.pg_warehouse_host,
        port=settings.pg_warehouse_port,
        dbname=settings.pg_warehouse_dbname,
        user=settings.pg_warehouse_user,
    )


def load(settings: Settings, count: int) -> None:
    """Consume `count` messages, put names from Redis into them, store them with the offsets."""
    topic = settings.kafka_stg_src_topic
    consumer = Consumer(
        {
            **configuration(settings),
            "group.id": "bare",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "fetch.queue.backoff.ms": QUEUE_BACKOFF,
        }
    )
    numbers = consumer.list_topics(topic).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in numbers])
    connection = connect(settings)
    client = redis.Redis(settings.redis_host, settings.redis_port)
    pending: Future[None] | None = None
    done = 0
    with ThreadPoolExecutor(1) as pool:
        while done < count:
            messages = consumer.consume(BATCH, 0.05)
            if not messages:
                continue
            rows, ends = _rows(messages, client, topic)
            if pending:
                pending.result()
            pending = pool.submit(_store, connection, rows, ends, topic)
            done += len(messages)
        if pending:
            pending.result()
    consumer.close()


def _rows(messages: list[Any], client: "redis.Redis", topic: str) -> tuple[bytes, dict[int, int]]:
    trees = [msgspec.json.decode(message.value()) for message in messages]
    orders = [tree["payload"] for tree in trees]
    ids = list({o["user"]["id"] for o in orders} | {o["restaurant"]["id"] for o in orders})
    known = {
        name: msgspec.json.decode(value)
        for name, value in zip(ids, cast("list[bytes]", client.mget(ids)), strict=True)
    }
    categories = {
        name: {dish["_id"]: dish["category"] for dish in value["menu"]}
        for name, value in known.items()
        if "menu" in value
    }
    rows, ends = [COPY_HEADER], {}
    for message, tree in zip(messages, trees, strict=True):
        order = tree["payload"]
        user, restaurant = known[order["user"]["id"]], order["restaurant"]["id"]
        order["user"].update(name=user["name"], login=user["login"])
        order["restaurant"]["name"] = known[restaurant]["name"]
        for item in order["order_items"]:
            item["category"] = categories[restaurant].get(item["id"], "")
        partition, offset = message.partition(), message.offset()
        fixed = ROW.pack(
            *(8, 16, hashlib.blake2b(message.value(), digest_size=16).digest()),
            *(8, tree["object_id"], 8, since_2000(tree["sent_dttm"])),
            *(4, partition, 8, offset, len(b"order")),
        )
        payload = msgspec.json.encode(tree)
        rows.append(
            b"%border%b%b%b%b"
            % (
                *(fixed, LENGTH.pack(len(topic)), topic.encode()),
                *(JSONB.pack(len(payload) + 1, JSONB_VERSION), payload),
            )
        )
        ends[partition] = offset + 1
    return b"".join([*rows, COPY_TRAILER]), ends


def _store(connection: Any, rows: bytes, ends: dict[int, int], topic: str) -> None:
    with connection, connection.cursor() as cursor:
        cursor.copy_expert(COPY_EVENTS, io.BytesIO(rows), 1 << 20)
        for number, end in ends.items():
            cursor.execute(ADVANCE, (topic, number, end))


def publish(settings: Settings, table: str, topic: str, count: int) -> None:
    """Copy `count` rows out and send them, a Kafka transaction with their position for a batch."""
    producer = Producer(
        {
            **configuration(settings),
            "transactional.id": f"bare-{topic}",
            "compression.type": "lz4",
            "linger.ms": 5,
        }
    )
    producer.init_transactions()
    connection = connect(settings)
    connection.autocommit = True
    position = done = 0
    while done < count:
        output = io.BytesIO()
        with connection.cursor() as cursor:
            cursor.copy_expert(COPY_OUT[table].format(after=position, limit=BATCH), output)
        rows = [line.split(b"\t") for line in output.getvalue().split(b"\n")[:-1]]
        if not rows:
            time.sleep(0.05)
            continue
        producer.begin_transaction()
        for number, (at, key, value, *rest) in enumerate(rows):
            headers = [("position", at), *zip(HEADERS[table], rest, strict=True)]
            producer.produce(topic, value, key, headers=headers)  # type: ignore[arg-type]
            if number % 1000 == 0:
                producer.poll(0)
        producer.produce(f"{topic}.progress", rows[-1][0], b"position")
        producer.commit_transaction()
        position, done = int(rows[-1][0]), done + len(rows)


def main() -> None:
    """`python -m bench.bare stg COUNT`, or `outbox COUNT`."""
    what, count, settings = sys.argv[1], int(sys.argv[2]), read_settings()
    if what == "outbox":
        publish(settings, "outbox", settings.kafka_dds_dst_topic, count)
        return
    failed = Event()

    def beside() -> None:
        try:
            publish(settings, "stg", settings.kafka_stg_dst_topic, count)
        except Exception:
            failed.set()
            raise

    thread = Thread(target=beside, daemon=True)
    thread.start()
    load(settings, count)
    thread.join()
    if failed.is_set():
        sys.exit(1)


if __name__ == "__main__":
    main()
