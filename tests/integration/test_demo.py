"""The demo would not show its promise kept of a warehouse that lost something."""

from confluent_kafka import Message

from sandbox.account import Account, Copy, Place, Warehouse, account
from sandbox.feed import feed
from sandbox.outcome import verdict
from sandbox.simulator import simulate
from tests.dbt_project import DbtProject
from tests.world import World


def test_a_row_that_is_gone_is_noticed(world: World, dbt: DbtProject) -> None:
    sent: dict[Place, bytes | None] = {}

    def acknowledged(message: Message) -> None:
        sent[message.partition() or 0, message.offset() or 0] = message.value()

    feed(simulate(30), world.settings, acknowledged=acknowledged)
    world.stg()
    dbt.build(world)
    world.emit()
    settings, warehouse = world.settings, Warehouse(world.environment)
    copies = (
        Copy("stg.order_events", settings.kafka_stg_dst_topic, "event_id"),
        Copy("dds.outbox", settings.kafka_dds_dst_topic, "outbox_id"),
    )

    def counted() -> Account:
        topic = settings.kafka_stg_src_topic
        return account(warehouse, settings.bootstrap_servers, topic, sent, copies)

    before, kept = warehouse.fingerprint(), counted()
    assert (kept.lost, kept.doubled) == (0, 0)
    assert verdict(kept, before, warehouse.fingerprint())
    world.execute("update dds.s_order_cost set cost = cost + 1 where ctid = '(0,1)'")
    assert not verdict(kept, before, warehouse.fingerprint())
    world.execute(
        "delete from stg.order_events where position = (select max(position) from stg.order_events)"
    )
    broken = counted()
    assert broken.lost > 0
    assert broken.doubled == 1  # its copy in the topic
    assert not verdict(broken, before, before)
