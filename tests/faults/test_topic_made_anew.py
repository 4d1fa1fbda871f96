"""The source is deleted and made anew under running ingestors: another topic of the same name."""

from pathlib import Path

import pytest

from sandbox.kafka_tools import console_consumer
from tests.faults import table, witness
from tests.faults.bench import in_full
from tests.faults.processes import Process, supervised
from tests.topics import make_anew
from tests.world import RESTAURANT, USER, World, encoded, order

TOPICS = 5
PARTITIONS = 6


def numbers(topic: int, partition: int) -> range:
    """The orders in it. Each topic is longer than the one before: Kafka's client could read on."""
    first = topic * 100_000 + partition * 10_000
    return range(first, first + 200 * (topic + 1))


def send(world: World, topic: int) -> None:
    """All of a topic: at the same offsets other orders, and at the end a bad message."""
    for partition in range(PARTITIONS):
        values = [encoded(order(number)) for number in numbers(topic, partition)]
        world.send(*values, f'{{"topic": {topic}'.encode(), partition=partition)


def is_loaded(world: World, topics: int) -> bool:
    events = world.value("select count(*) from stg.order_events")
    letters = len(world.dead_letters())
    sent = sum(len(numbers(t, p)) for t in range(topics) for p in range(PARTITIONS))
    return (events, letters) == (sent, PARTITIONS * topics)


@in_full
@pytest.mark.timeout(900)
def test_all_of_each_topic_is_loaded_once(own_world: World, tmp_path: Path) -> None:
    """The ingestors notice before they store anything, and name the command that goes on."""
    world, source = own_world, own_world.settings.kafka_stg_src_topic
    world.know(USER, RESTAURANT)
    world.environment["BATCH_SIZE"] = "40"
    processes = [Process(world, tmp_path, f"i{number}", "stg") for number in range(2)]
    with supervised(processes) as running:
        running.tend()
        running.wait_for(lambda: all(p.joined() for p in processes), "both to have partitions")
        send(world, 0)
        running.wait_for(lambda: is_loaded(world, 1), "the first topic")
        for topic in range(1, TOPICS):
            make_anew(world, source)
            send(world, topic)
            for process in processes:
                assert process.wait() == 1
            processes[0].start()
            assert processes[0].wait() == 1
            assert f"`ingest seek {source} --to beginning`" in processes[0].said()
            assert is_loaded(world, topic)
            world.ingest("seek", source, "--to", "beginning")
            for process in processes:
                process.start()
            running.wait_for(lambda: is_loaded(world, topic + 1), "the next topic")  # noqa: B023
        reader = witness.Reader(world, tmp_path)
        witness.until_drained(world, reader, running.tend)
        reader.stop()
        running.stop()
    expected = [n for t in range(TOPICS) for p in range(PARTITIONS) for n in numbers(t, p)]
    verdict = witness.Verdict(seen=len(expected))
    rows = witness.psql(world, "select object_id from stg.order_events")
    verdict.compare("events in stg", expected, (row["object_id"] for row in rows))
    reads = console_consumer(world.servers, world.settings.kafka_stg_dst_topic)
    verdict.compare("events in the topic", expected, (int(read.key) for read in reads))
    bad = [f'{{"topic": {topic}' for topic in range(TOPICS) for _ in range(PARTITIONS)]
    letters = console_consumer(world.servers, world.settings.dead_letter_topic)
    verdict.compare("dead letters", bad, (read.value for read in letters))
    table.add({"the source made anew": TOPICS - 1}, verdict.seen, verdict.lost, verdict.doubled)
    assert not verdict.wrong, "\n".join(verdict.wrong)
