"""The services, and what they do when there is nothing to do or something is away."""

from threading import Event as Flag

import pytest

from ingest import emit, services
from ingest.errors import OutageError
from ingest.outages import Patience
from tests.world import CLOSED, World, encoded, order


def test_rounds_with_nothing_new_are_no_outage(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    outages: list[OutageError] = []
    ride_out = Patience.ride_out

    def remembered(self: Patience, outage: OutageError, **options: object) -> None:
        outages.append(outage)
        ride_out(self, outage, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Patience, "ride_out", remembered)
    world.send(encoded(order(1, statuses=CLOSED)))
    world.stg()
    settings = world.settings.model_copy(update={"default_job_interval": 1.0})
    for _ in range(2):
        services.run_dds(settings, once=True, stop=Flag())
        services.run_cdm(settings, once=True, stop=Flag())
    assert [row["order_cnt"] for row in world.rows("select * from cdm.user_product_counters")] == [
        1
    ]
    assert len(world.closed()) == 1
    assert outages == []


def test_what_was_closed_is_sent_though_a_model_fails_that_it_does_not_need(
    world: World,
) -> None:
    settings = world.settings.model_copy(update={"default_job_interval": 1.0})
    world.send(encoded(order(1, statuses=CLOSED)))
    world.stg()
    services.run_dds(settings, once=True, stop=Flag())
    world.execute(
        "create function public.fail() returns trigger language plpgsql"
        " as $$ begin raise exception 'broken on purpose'; end $$"
    )
    world.execute(
        "create trigger broken before insert or update on dds.s_user_names"
        " for each statement execute function public.fail()"
    )
    world.send(encoded(order(2, statuses=CLOSED)))
    world.stg()
    with pytest.raises(OutageError, match="broken on purpose"):
        services.run_dds(settings, once=True, stop=Flag())
    assert len(world.closed()) == 2


def test_the_service_waits_for_an_outage_of_sending_as_for_any_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it lasts: MAX_OUTAGE_SECONDS is for commands with --once."""
    world.send(encoded(order(1, statuses=CLOSED)))
    world.stg()
    stop, send, failures = Flag(), emit.Emitter.emit, [OutageError("Kafka", "away")] * 4

    def fails_at_first(self: emit.Emitter) -> int:
        if failures:
            raise failures.pop()
        stop.set()
        return send(self)

    monkeypatch.setattr(emit.Emitter, "emit", fails_at_first)
    settings = world.settings.model_copy(
        update={"default_job_interval": 1.0, "max_outage_seconds": 0.01}
    )
    services.run_dds(settings, once=False, stop=stop)
    assert len(world.closed()) == 1
