"""A topic as a consumer sees it that reads only what is committed."""

from collections.abc import Iterator

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from ingest.kafka.client import configuration
from ingest.settings import Settings


def read_topic(settings: Settings, topic: str) -> Iterator[Message]:
    """Every committed message of the topic up to its present end, partition by partition mixed."""
    consumer = Consumer(
        {
            **configuration(settings),
            "group.id": "reader",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
        }
    )
    try:
        partitions = consumer.list_topics(topic, 30).topics[topic].partitions
        places = [TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions]
        consumer.assign(places)
        open_ends = set(partitions)
        while open_ends:
            for message in consumer.consume(10_000, 0.2):
                error = message.error()
                if error is None:
                    yield message
                elif error.code() == KafkaError._PARTITION_EOF:
                    open_ends.discard(message.partition() or 0)
                else:
                    raise KafkaException(error)
    finally:
        consumer.close()
