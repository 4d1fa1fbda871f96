"""Messages that are small on their way and large when they are here: memory stays bounded."""

import os
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from confluent_kafka import KafkaError, Producer

from ingest.kafka.client import configuration
from tests.topics import raise_limit
from tests.world import RESTAURANT, ROOT, USER, World, encoded, order

# In bytes, of the whole process.
MOST_MEMORY = 500_000_000
MANY = 400
REASONS = "select reason, min(detail), count(*) from stg.dead_letters group by reason"
LARGE = 900_000


@pytest.fixture
def heavy(world: World) -> World:
    world.know(USER, RESTAURANT)
    return world


def send_compressed(world: World, *values: bytes, codec: str = "zstd") -> None:
    """To partition 0, in as few batches as the topic takes."""
    errors: list[KafkaError] = []
    producer = Producer(
        {
            **configuration(world.settings),
            "compression.type": codec,
            "linger.ms": 200,
            "batch.size": 20_000_000 if len(values) > 1 else 500_000_000,
            "message.max.bytes": 1_000_000_000,
            "queue.buffering.max.kbytes": 2_000_000,
        }
    )
    for value in values:
        producer.produce(
            world.settings.kafka_stg_src_topic,
            value,
            b"k",
            partition=0,
            on_delivery=lambda error, _: errors.append(error) if error else None,
        )
    assert producer.flush(60) == 0
    assert not errors, errors[0]


def load(world: World, log: Path) -> int:
    """`ingest stg --once`; returns the most memory that it had, in bytes."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            [str(ROOT / ".venv/bin/ingest"), "stg", "--once"],
            cwd=ROOT,
            env={**os.environ, **world.environment},
            stdout=file,
            stderr=file,
        )
        most, seen = 0, psutil.Process(process.pid)
        while process.poll() is None:
            try:
                most = max(most, seen.memory_info().rss)
            except psutil.NoSuchProcess:
                break
            time.sleep(0.02)
    assert process.wait() == 0, log.read_text()[-3000:]
    return most


def test_many_large_bad_ones(heavy: World, tmp_path: Path) -> None:
    send_compressed(heavy, *[b"[" + bytes(LARGE)] * MANY, encoded(order(1)))
    assert load(heavy, tmp_path / "log") < MOST_MEMORY
    assert len(heavy.onward()) == 1
    counted = "select count(*) from stg.dead_letters where octet_length(message_value) > %s"
    assert heavy.value(counted, LARGE) == MANY, heavy.rows(REASONS)
    assert len(heavy.topic(heavy.settings.dead_letter_topic)) == MANY


def test_many_large_good_ones(heavy: World, tmp_path: Path) -> None:
    filler = {"note": "п" * (LARGE // 2)}
    send_compressed(heavy, *[encoded({**order(number), **filler}) for number in range(MANY)])
    assert load(heavy, tmp_path / "log") < MOST_MEMORY
    assert heavy.value("select count(*) from stg.order_events") == MANY
    assert len(heavy.onward()) == MANY


@pytest.mark.parametrize("codec", ["zstd", "gzip", "lz4"])
def test_one_that_is_enormous(heavy: World, tmp_path: Path, codec: str) -> None:
    """Kafka's client does not decode some, and then it is a dead letter without bytes."""
    raise_limit(heavy, heavy.settings.kafka_stg_src_topic, 10_000_000)
    heavy.send(encoded(order(1)), partition=0)
    send_compressed(heavy, bytes(110_000_000), codec=codec)
    heavy.send(encoded(order(2)), partition=0)
    assert load(heavy, tmp_path / "log") < MOST_MEMORY
    assert sorted(event["object_id"] for event in heavy.onward()) == [1, 2]
    (letter,) = heavy.dead_letters()
    assert letter["reason"] in ("undecodable", "too_large")
    assert letter["message_value"] is None
    assert "bytes" in letter["detail"] or letter["reason"] == "undecodable"
