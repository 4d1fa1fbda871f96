"""A batch into Postgres, while another ingestor and dbt are at work."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from ingest import store as store_module
from ingest.deliveries import ORIGIN_OFFSET, ORIGIN_PARTITION, ORIGIN_TOPIC, Delivery
from ingest.messages import decode
from ingest.postgres import Postgres
from ingest.reasons import Reason
from ingest.store import Enriched, Prepared, Rejected, Stored, store
from tests.world import DATABASE, World, connect, encoded, order

# It takes a second.
LONGEST = 30.0

CUT = "select stg.cut()"
COUNT = "select count(*) from stg.order_events where event_no <= %s"


@pytest.fixture
def ingestors(world: World) -> Iterator[tuple[Postgres, Postgres]]:
    with Postgres(world.settings, "one") as one, Postgres(world.settings, "two") as two:
        yield one, two


def order_delivery(world: World, number: int, partition: int = 0) -> Delivery:
    """One order, as the first message of a partition."""
    topic = world.settings.kafka_stg_src_topic
    return Delivery(0, topic, partition, 0, None, None, encoded(order(number)), [])


def store_order(postgres: Postgres, world: World, number: int, partition: int) -> Stored:
    """Store one order as `ingest stg` does."""
    return store_batch(postgres, world, good=[order_delivery(world, number, partition)])


def store_batch(
    postgres: Postgres, world: World, *, good: Sequence[Delivery] = (), bad: Sequence[Delivery] = ()
) -> Stored:
    """Store deliveries as `ingest stg` does; for the bad ones Redis has no user."""
    limits = world.settings.limits
    enriched = [Enriched(each, decode(each.value, limits), each.value or b"") for each in good]
    rejected = [
        Rejected(each, Reason.UNKNOWN_USER, "user-1", decode(each.value, limits)) for each in bad
    ]
    offsets = {each.place: each.offset + 1 for each in [*good, *bad]}
    source = world.settings.kafka_stg_src_topic
    return store(postgres, Prepared(enriched, rejected), offsets, source)


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


@pytest.mark.parametrize("first", ["stored", "rejected"])
def test_a_delivery_that_two_hold_at_once_becomes_one_thing(
    first: str,
    world: World,
    ingestors: tuple[Postgres, Postgres],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One of them has been frozen or cut off, and the other one has its partition by now."""
    slow, fast = ingestors
    delivery, others = order_delivery(world, 1), []

    def asked(is_good: bool) -> dict[str, list[Delivery]]:
        return {"good" if is_good else "bad": [delivery]}

    def ask_too() -> None:
        others.append(store_batch(fast, world, **asked(first == "rejected")))

    session = fast.session()
    other = threading.Thread(target=ask_too)

    def overtaken() -> None:
        other.start()
        last = time.monotonic() + LONGEST
        while other.is_alive() and not waits(world, session):
            assert time.monotonic() < last, "the other one neither waits nor ends"
            time.sleep(0.01)

    meanwhile(monkeypatch, "_rejected", overtaken, after=True)
    ours = store_batch(slow, world, **asked(first == "stored"))
    other.join()
    expected = (first == "stored", first == "rejected")
    assert [
        (len(each.events), len(each.dead_letters), each.duplicates) for each in (ours, *others)
    ] == [(*expected, [])] * 2
    counts = [
        world.value(f"select count(*) from stg.{name}") for name in ("order_events", "dead_letters")
    ]
    assert counts == [*expected]


def test_what_is_stored_is_published_though_it_was_rejected_before(
    world: World, ingestors: tuple[Postgres, Postgres]
) -> None:
    one, _ = ingestors
    delivery = order_delivery(world, 1)
    store_batch(one, world, bad=[delivery])
    rejected = world.rows("select * from stg.dead_letters")
    world.execute("delete from stg.dead_letters")
    store_batch(one, world, good=[delivery])
    world.execute(
        "insert into stg.dead_letters overriding system value"
        " select * from json_populate_recordset(null::stg.dead_letters, %s)",
        json.dumps(rejected, default=str),
    )
    again = store_batch(one, world, bad=[delivery])
    assert [onward.delivery for onward in again.events] == [delivery]
    assert again.dead_letters == []


def test_a_replay_that_comes_again_rejects_no_message_that_is_where_it_was(
    world: World, ingestors: tuple[Postgres, Postgres]
) -> None:
    """The topic was made anew since, and begins with the same offsets."""
    one, _ = ingestors
    delivery, new = order_delivery(world, 1), order_delivery(world, 2)
    origin = zip(
        (ORIGIN_TOPIC, ORIGIN_PARTITION, ORIGIN_OFFSET),
        (str(part).encode() for part in delivery.coordinates),
        strict=True,
    )
    retry = replace(delivery, topic=world.settings.retry_topic, headers=list(origin))
    store_batch(one, world, bad=[delivery])
    store_batch(one, world, bad=[retry])
    both = store_batch(one, world, good=[replace(new, number=1)], bad=[retry])
    assert [onward.delivery.coordinates for onward in both.events] == [new.coordinates]
    assert [row.delivery for row in both.dead_letters] == [retry]


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
