"""Carries what the simulator says to Redis and Kafka, at a rate or as fast as it goes."""

import itertools
import json
import time
from collections.abc import Callable, Iterable

import redis
from confluent_kafka import KafkaError, Message, Producer

from ingest.kafka.client import configuration
from ingest.settings import Settings
from sandbox.server import SandboxError
from sandbox.simulator import Reference, Sent


def feed(
    steps: Iterable[Reference | Sent],
    settings: Settings,
    *,
    rate: float | None = None,
    tick: Callable[[int], object] = lambda sent: None,
) -> int:
    """Carry the steps out; returns how many messages were sent.

    `rate` is in messages a second; `tick` is told after every message how many were sent.
    Raises SandboxError if Kafka does not take a message.
    """
    producer = Producer({**configuration(settings), "linger.ms": 20, "enable.idempotence": True})
    failures: list[KafkaError] = []

    def delivered(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            failures.append(error)

    numbers = itertools.count(1)
    sent = 0
    began = time.monotonic()
    with redis.Redis(
        settings.redis_host,
        settings.redis_port,
        password=settings.redis_password.get_secret_value() or None,
    ) as client:
        for step in steps:
            if isinstance(step, Reference):
                client.set(step.key, json.dumps(step.value, ensure_ascii=False))
                continue
            sent = next(numbers)
            while True:
                try:
                    producer.produce(
                        settings.kafka_stg_src_topic, step.value, step.key, on_delivery=delivered
                    )
                    break
                except BufferError:
                    producer.poll(0.1)
            producer.poll(0)
            tick(sent)
            if rate is not None and (early := began + sent / rate - time.monotonic()) > 0:
                producer.flush(0.01)
                time.sleep(early)
    producer.flush()
    if failures:
        raise SandboxError(f"Kafka did not take {len(failures)} messages: {failures[0].str()}")
    return sent
