"""Carries what the simulator says to Redis and Kafka, at a rate or as fast as it goes."""

import itertools
import json
import time
from collections.abc import Callable, Iterable, Iterator

import redis
from confluent_kafka import KafkaError, Message, Producer

from ingest.dead_letters import object_id_in
from ingest.kafka.client import configuration
from ingest.redis import client
from ingest.settings import Settings
from sandbox.server import SandboxError
from sandbox.simulator import Reference, Sent


def steps_in(lines: Iterable[bytes]) -> Iterator[Reference | Sent]:
    """What lines written by hand are: a document with an `_id` for Redis, any other for Kafka."""
    for line in lines:
        raw = line.rstrip(b"\r\n")
        try:
            document = json.loads(raw)
        except ValueError:  # what is not JSON is a message as well, a bad one
            document = None
        if isinstance(document, dict) and "_id" in document:
            yield Reference(document["_id"], document)
        else:
            number = object_id_in(raw)
            yield Sent(None if number is None else str(number).encode(), raw)


def feed(
    steps: Iterable[Reference | Sent],
    settings: Settings,
    *,
    rate: float | None = None,
    tick: Callable[[int], object] = lambda sent: None,
    acknowledged: Callable[[Message], object] = lambda message: None,
) -> int:
    """Carry the steps out; returns how many messages were sent.

    `rate` is in messages a second; `tick` is told after every message how many were sent, and
    `acknowledged` of each one that the broker has.
    Raises SandboxError if Kafka or Redis does not take what it is given.
    """
    producer = Producer({**configuration(settings), "linger.ms": 20, "enable.idempotence": True})
    failures: list[KafkaError] = []

    def delivered(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            failures.append(error)
        else:
            acknowledged(message)

    numbers = itertools.count(1)
    sent = 0
    began = time.monotonic()
    with client(settings) as names:
        for step in steps:
            if isinstance(step, Reference):
                try:
                    names.set(step.key, json.dumps(step.value, ensure_ascii=False))
                except redis.RedisError as error:
                    raise SandboxError(f"Redis did not take reference data: {error}") from error
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
                time.sleep(early)
    producer.flush()
    if failures:
        unknown = failures[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART
        mend = f"there is no topic {settings.kafka_stg_src_topic}, run `ingest init`"
        what = mend if unknown else failures[0].str()
        raise SandboxError(f"Kafka did not take {len(failures):,} of the messages: {what}")
    return sent
