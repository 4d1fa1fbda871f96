"""Dead letters tried again, from the table: by an operator, and by `ingest stg` itself."""

import json
import signal
from collections import Counter
from threading import Barrier, Thread

import pytest

from ingest import replay as replay_module
from ingest.errors import OutageError
from ingest.operate import letters
from ingest.operate.letters import Filter
from ingest.postgres import Postgres
from ingest.settings import Settings
from tests.integration.test_bad_envelopes import LARGE, send
from tests.integration.test_dead_letters import NEW_RESTAURANT, of_new_restaurant
from tests.topics import new_source
from tests.world import World, encoded, order

# Each row takes a while, and so two that store meet.
SLOW = """
create function public.linger() returns trigger language plpgsql as $$
begin
    perform pg_sleep(0.5);
    return new;
end $$;
create trigger linger before insert on stg.order_events
for each row execute function public.linger();
"""
REFUSE = """
create function public.refuse() returns trigger language plpgsql as $$
begin
    if new.object_id = 3 then
        raise exception 'no threes' using errcode = '22023';
    end if;
    return new;
end $$;
create trigger refuse before insert on stg.order_events
for each row execute function public.refuse();
"""


def replay_all(world: World, *positions: int) -> Counter[str]:
    with Postgres(world.settings, "test") as postgres:
        return +letters.replay(world.settings, postgres, Filter(positions=positions))


def wait_for_restaurant(world: World, *numbers: int) -> None:
    """Orders that are dead letters until Redis knows NEW_RESTAURANT."""
    world.redis.delete("rest-new")
    world.send(*map(of_new_restaurant, numbers))
    assert world.stg(max_unknown_share=1)["unknown_restaurant"] == len(numbers)


def make_due(world: World) -> None:
    """Look for reference data at once, and not after a while."""
    world.execute("update stg.dead_letters set next_attempt_at = now() at time zone 'UTC'")


def test_a_message_that_waited_for_reference_data_comes_by_itself(world: World) -> None:
    wait_for_restaurant(world, 1, 2)
    make_due(world)
    world.stg()  # looks, and finds it still unknown
    assert [row["attempts"] for row in world.dead_letters()] == [2, 2]
    world.know(NEW_RESTAURANT)
    make_due(world)
    world.stg()
    assert {row["resolution"] for row in world.dead_letters()} == {"stored"}
    assert {message["object_id"] for message in world.onward()} == {1, 2}


def test_looks_for_reference_data_come_later_and_later(world: World) -> None:
    wait_for_restaurant(world, 1)
    waits = []
    for _ in range(3):
        make_due(world)
        world.stg()
        waits.append(
            world.value(
                "select extract(epoch from next_attempt_at - now() at time zone 'UTC')::int"
                " from stg.dead_letters"
            )
        )
    assert waits[0] < waits[1] < waits[2]
    make_due(world)
    world.execute("update stg.dead_letters set attempts = 2000000000")
    world.stg()
    latest = "select next_attempt_at < now() at time zone 'UTC' + interval '1 hour'"
    assert world.value(f"{latest} from stg.dead_letters")


def test_replaying_twice_changes_nothing(world: World) -> None:
    wait_for_restaurant(world, 1)
    world.know(NEW_RESTAURANT)
    assert replay_all(world) == {"stored": 1}
    before = world.dead_letters()
    assert replay_all(world) == {}
    assert replay_all(world, before[0]["position"]) == {}
    world.stg()
    assert world.dead_letters() == before
    assert len(world.onward()) == 1


def test_what_two_replay_at_once_is_stored_once(world: World) -> None:
    wait_for_restaurant(world, 1, 2, 3)
    world.know(NEW_RESTAURANT)
    world.execute(SLOW)
    together = Barrier(2)
    counts: list[Counter[str]] = []

    def work() -> None:
        together.wait()
        counts.append(replay_all(world))

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(count["stored"] for count in counts) == [0, 3]
    assert {row["resolution"] for row in world.dead_letters()} == {"stored"}
    world.stg()
    assert sorted(message["object_id"] for message in world.onward()) == [1, 2, 3]


def test_one_that_is_dropped_meanwhile_is_not_revived(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for_restaurant(world, 1, 2)
    world.know(NEW_RESTAURANT)
    first, _ = world.dead_letters()

    def drop(place: str) -> None:
        if place == "replayed":
            with Postgres(world.settings, "test") as postgres:
                assert letters.drop(postgres, Filter(positions=[first["position"]])) == 1

    monkeypatch.setattr(replay_module, "failpoint", drop)
    assert replay_all(world) == {"stored": 1}
    monkeypatch.undo()
    assert replay_all(world) == {}
    assert [row["resolution"] for row in world.dead_letters()] == ["dropped", "stored"]
    make_due(world)
    world.stg()
    assert [message["object_id"] for message in world.onward()] == [2]


def test_one_whose_event_is_stored_already_resolves_as_stored(world: World) -> None:
    wait_for_restaurant(world, 1)
    world.know(NEW_RESTAURANT)
    world.send(of_new_restaurant(1))
    assert world.stg(reference_retry_seconds=1e9)["stored"] == 1
    before = world.rows("select * from stg.order_events")
    assert replay_all(world) == {"stored": 1}
    assert world.dead_letters()[0]["resolution"] == "stored"
    assert world.rows("select * from stg.order_events") == before
    world.stg()
    assert len(world.onward()) == 1


def test_several_with_the_same_bytes_become_one_event_that_is_where_the_first_one_was(
    world: World,
) -> None:
    wait_for_restaurant(world, 1, 1, 1)
    world.know(NEW_RESTAURANT)
    assert replay_all(world) == {"stored": 3}
    first = world.dead_letters()[0]
    (event,) = world.rows("select kafka_partition, kafka_offset from stg.order_events")
    assert event == {name: first[name] for name in event}


def test_one_without_bytes_is_left_alone(world: World) -> None:
    """They are in the source topic only: an ingestor has some hundred megabytes of memory."""
    new_source(world, **{"max.message.bytes": "20000000"})
    source = world.settings.kafka_stg_src_topic
    send(world, source, b" " * 17_000_000 + b"{", partition=0)
    send(world, source, None, partition=0)
    assert world.stg() == {"too_large": 1, "empty": 1}
    large, empty = world.dead_letters()
    assert large["message_value"] is None
    assert "its bytes are in the source topic only" in large["detail"]
    assert replay_all(world) == {"empty": 1}
    assert world.dead_letters()[0] == large
    assert world.dead_letters()[1] == {
        **empty,
        "attempts": 2,
        "last_seen_at": world.dead_letters()[1]["last_seen_at"],
    }


def test_many_large_ones_are_tried_some_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_source(world, **LARGE)
    source = world.settings.kafka_stg_src_topic
    for _ in range(5):
        send(world, source, b"{" + b" " * 2_500_000)
    world.stg(max_message_bytes=4_000_000)
    parts: list[str] = []
    monkeypatch.setattr(replay_module, "failpoint", parts.append)
    world.environment["MAX_MESSAGE_BYTES"] = "4000000"
    assert replay_all(world) == {"malformed_json": 5}
    assert parts.count("replayed") == 2


def test_one_that_fails_again_counts_an_attempt_and_says_why_it_does_now(world: World) -> None:
    raw = encoded(order(1, restaurant={"id": "rest-new"}, user={"id": "user-new"}))
    world.redis.delete("rest-new", "user-new")
    world.send(raw, key=b"the key")
    world.stg()
    world.know({"_id": "user-new", "name": "Вера", "login": "vera"})
    assert replay_all(world) == {"unknown_restaurant": 1}
    (row,) = world.dead_letters()
    assert (row["first_reason"], row["reason"]) == ("unknown_user", "unknown_restaurant")
    assert "user-new" in row["first_detail"]
    assert "rest-new" in row["detail"]
    assert (row["attempts"], bytes(row["message_key"])) == (2, b"the key")
    assert row["next_attempt_at"] > row["last_seen_at"] > row["first_seen_at"]
    world.stg()
    (copy,) = world.topic(world.settings.dead_letter_topic)
    assert copy.value() == raw


def test_one_that_must_not_be_loaded_any_more_is_skipped(world: World) -> None:
    world.send(json.dumps({"object_type": "courier", "x": "y" * 2000}).encode())
    assert world.stg(max_message_bytes=1000)["too_large"] == 1
    assert replay_all(world) == {"skipped": 1}
    assert world.dead_letters()[0]["resolution"] == "skipped"


def test_one_that_only_postgres_refuses_is_rejected_alone(world: World) -> None:
    wait_for_restaurant(world, 1, 2, 3, 4)
    world.know(NEW_RESTAURANT)
    world.execute(REFUSE)
    assert replay_all(world) == {"stored": 3, "refused_by_postgres": 1}
    (refused,) = [row for row in world.dead_letters() if row["resolution"] is None]
    assert (refused["object_id"], refused["next_attempt_at"]) == (3, None)
    assert "no threes" in refused["detail"]
    world.execute("drop trigger refuse on stg.order_events")
    assert replay_all(world) == {"stored": 1}


@pytest.mark.parametrize("place", ["replayed", "resolving"])
def test_a_replay_that_is_killed_doubles_nothing(place: str, world: World) -> None:
    """Neither the operator's, nor the one of `ingest stg` itself."""
    replay = ("dead-letters", "replay", "--reason", "unknown_restaurant")
    for turn, command in enumerate([replay, ("stg", "--once")], 1):
        wait_for_restaurant(world, turn)
        world.know(NEW_RESTAURANT)
        make_due(world)
        killed = world.ingest(*command, check=False, INGEST_KILL_AT=f"{place}:1")
        assert killed.returncode == -signal.SIGKILL
        make_due(world)
        world.ingest(*command)
        world.stg()
        assert {row["resolution"] for row in world.dead_letters()} == {"stored"}
        assert len(world.onward()) == turn


def test_nothing_is_replayed_into_a_server_that_was_not_compared_with_the_topics(
    world: World,
) -> None:
    wait_for_restaurant(world, 1)
    world.know(NEW_RESTAURANT)
    world.execute("update stg.publications set compared_with = null")
    before = world.dead_letters()
    with pytest.raises(OutageError, match="not yet compared with the topics"):
        replay_all(world)
    assert world.dead_letters() == before
    world.stg()
    assert len(world.onward()) == world.value("select count(*) from stg.order_events")


def test_what_is_too_large_for_now_is_taken_when_the_limit_was_raised(world: World) -> None:
    raw = encoded({**order(1), "extra": "x" * 2000})
    world.send(raw)
    assert world.stg(max_message_bytes=1000)["too_large"] == 1
    settings: Settings = world.settings.model_copy(update={"max_message_bytes": 1000})
    with Postgres(settings, "test") as postgres:
        assert +letters.replay(settings, postgres, Filter()) == {"too_large": 1}
    assert replay_all(world) == {"stored": 1}
