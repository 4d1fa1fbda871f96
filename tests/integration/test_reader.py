"""Reading a topic to its end, while others write to it."""

import threading
import time

from ingest.kafka.producer import Record, TransactionalProducer
from ingest.kafka.reader import read_all
from tests.world import World

# It takes a second; a reader that runs after the end never comes to it.
LONGEST = 30.0


def test_a_topic_is_read_to_the_end_that_it_had_though_others_write_on(world: World) -> None:
    """An ingestor that starts reads what the others have sent, and they do not wait for it."""
    topic = world.settings.kafka_stg_dst_topic
    stopped, written = threading.Event(), []

    def write() -> None:
        with TransactionalProducer(world.settings, world.name) as producer:
            while not stopped.is_set():
                records = [Record(topic, str(n).encode(), b"{}", []) for n in range(30)]
                producer.send(records)
                written.append(len(records))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(written) < 3:
            time.sleep(0.01)
        at_least, deadline, read = sum(written), time.monotonic() + LONGEST, 0
        for _ in read_all(world.settings, topic):
            assert time.monotonic() < deadline, "it runs after the end"
            read += 1
        assert read >= at_least
    finally:
        stopped.set()
        writer.join()
