"""A batch into Postgres, while another ingestor and dbt are at work."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ingest import store as store_module
from ingest.deliveries import Delivery
from ingest.messages import decode
from ingest.postgres import Postgres
from ingest.store import Enriched, Prepared, Stored, store
from tests.world import DATABASE, World, connect, encoded, order

# It takes a second.
LONGEST = 30.0

CUT = "select stg.cut()"
COUNT = "select count(*) from stg.order_events where event_no <= %s"


@pytest.fixture
def ingestors(world: World) -> Iterator[tuple[Postgres, Postgres]]:
    with Postgres(world.settings, "one") as one, Postgres(world.settings, "two") as two:
        yield one, two


def store_order(postgres: Postgres, world: World, number: int, partition: int) -> Stored:
    """Store one order as `ingest stg` does, of the first delivery of a partition."""
    value, topic = encoded(order(number)), world.settings.kafka_stg_src_topic
    delivery = Delivery(0, topic, partition, 0, None, None, value, [])
    event = decode(value, world.settings.limits)
    prepared = Prepared([Enriched(delivery, event, value)])
    return store(postgres, prepared, {(topic, partition): 1}, topic)


def meanwhile(
    monkeypatch: pytest.MonkeyPatch, name: str, action: Callable[[], object], *, after: bool = False
) -> None:
    """Do something the first time that the named step of a store is reached, or has been done."""
    step = getattr(store_module, name)

    def step_and_action(*arguments: Any) -> Any:
        monkeypatch.undo()
        if not after:
            action()
        result = step(*arguments)
        if after:
            action()
        return result

    monkeypatch.setattr(store_module, name, step_and_action)


def test_a_cut_waits_for_a_batch_that_is_being_stored(
    world: World, ingestors: tuple[Postgres, Postgres], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its event has a lower position than one that is committed already."""
    slow, fast = ingestors
    session = connect(world.environment, DATABASE)
    cuts: list[tuple[int, int]] = []

    def cut() -> None:
        with session.cursor() as cursor:
            cursor.execute(CUT)
            ((position,),) = cursor.fetchall()
            cursor.execute(COUNT, (position,))
            cuts.append((position, cursor.fetchone()[0]))

    cutter = threading.Thread(target=cut)

    def overtaken() -> None:
        store_order(fast, world, 2, partition=2)
        cutter.start()
        last = time.monotonic() + LONGEST
        while cutter.is_alive() and not waits(world, session.info.backend_pid):
            assert time.monotonic() < last, "the cut neither waits nor ends"
            time.sleep(0.01)

    meanwhile(monkeypatch, "failpoint", overtaken)
    store_order(slow, world, 1, partition=1)
    cutter.join()
    session.close()
    ((position, seen),) = cuts
    assert seen == world.value(COUNT, position) == 2


def waits(world: World, session: int) -> bool:
    waiting = "select wait_event_type = 'Lock' from pg_stat_activity where pid = %s"
    return bool(world.value(waiting, session))


def test_an_event_that_another_ingestor_stores_after_the_look_is_a_repeat(
    world: World, ingestors: tuple[Postgres, Postgres], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, fast = ingestors
    first: list[Stored] = []

    def overtaken() -> None:
        first.append(store_order(fast, world, 1, partition=2))

    meanwhile(monkeypatch, "_known", overtaken, after=True)
    second = store_order(slow, world, 1, partition=1)
    assert [onward.delivery.partition for onward in first[0].events] == [2]
    assert second.events == []
    assert [delivery.partition for delivery in second.duplicates] == [1]
    assert world.value("select kafka_partition from stg.order_events") == 2
