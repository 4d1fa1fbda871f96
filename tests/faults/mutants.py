"""Faults in the protocol from topic to topic, and the test that notices each.

`python -m tests.faults.mutants`, or with parts of names to plant only some of them.
"""

import sys

from tests.mutants import Mutant, Patch, main

STG = "ingest/stg.py"
STORE = "ingest/store.py"
EMIT = "ingest/emit.py"
AGREEMENT = "ingest/agreement.py"
PRODUCER = "ingest/kafka/producer.py"
SOURCE = "ingest/kafka/source.py"

REDELIVERY = "tests/integration/test_redelivery.py"
OUTBOX = "tests/integration/test_emit.py"
STORED_AND_NOT_SENT = (
    f"{REDELIVERY}::test_a_batch_stored_and_not_published_is_published_as_it_was_stored"
)
LAG = f"{REDELIVERY}::test_lag_reaches_zero_behind_transaction_markers"
REPEAT = f"{REDELIVERY}::test_a_repeat_in_the_source_publishes_nothing"

POSTGRES_FIRST = """\
    stored = store(systems.postgres, prepared, batch.offsets, source_topic)
    failpoint("stored")
    records = [_onward(onward, systems.settings) for onward in stored.events]
    records += [_dead_letter(row, systems) for row in stored.dead_letters]
    systems.producer.send(records, batch.offsets, batch.group)
"""
POSTGRES_LAST = """\
    from ingest.store import _store
    with systems.postgres.transaction() as cursor:
        stored = _store(cursor, prepared, batch.offsets, source_topic)
        records = [_onward(onward, systems.settings) for onward in stored.events]
        records += [_dead_letter(row, systems) for row in stored.dead_letters]
        systems.producer.send(records, batch.offsets, batch.group)
"""

MUTANTS = (
    Mutant(
        "Kafka commits before Postgres",
        [Patch(STG, POSTGRES_FIRST, POSTGRES_LAST)],
        [STORED_AND_NOT_SENT],
    ),
    Mutant(
        "every redelivery is sent",
        [Patch(STORE, "if coordinates == delivery.coordinates:", "if True:")],
        [REPEAT],
    ),
    Mutant(
        "no redelivery is sent",
        [Patch(STORE, "if coordinates == delivery.coordinates:", "if False:")],
        [STORED_AND_NOT_SENT],
    ),
    Mutant(
        "a redelivery is sent as it is enriched now",
        [
            Patch(
                STORE,
                "stored.events.append(Onward(delivery, event, payload))",
                'stored.events.append(Onward(delivery, event, getattr(row, "payload", payload)))',
            )
        ],
        [STORED_AND_NOT_SENT],
    ),
    Mutant(
        "no look for what is stored already",
        [
            Patch(
                STORE,
                "known = _known(cursor, {row.event.event_id for row in rows if row.event})",
                "known = {}",
            ),
            Patch(STORE, "raise StoredMeanwhileError from None", "raise"),
        ],
        [REPEAT],
    ),
    Mutant(
        "repeats counted at every attempt",
        [
            Patch(
                STORE,
                "unnest(%(duplicates)s::bigint[]) as o where o >= known.next_offset",
                "unnest(%(duplicates)s::bigint[]) as o",
            )
        ],
        [f"{REDELIVERY}::test_a_repeat_is_counted_once_however_often_it_is_delivered"],
    ),
    Mutant(
        "offsets not in the transaction",
        [Patch(PRODUCER, "            if offsets:\n", "            if False:\n")],
        [LAG],
    ),
    Mutant(
        "the offset of the last message, not of the next",
        [Patch(SOURCE, "batch.offsets[place] = offset + 1", "batch.offsets[place] = offset")],
        ["tests/faults/test_ingestor_dies.py::test_killed_between_any_two_steps"],
    ),
    Mutant(
        "a partition that was lost stays paused",
        [
            Patch(
                SOURCE,
                "        self._consumer.resume(partitions)\n",
                "        pass\n",
            )
        ],
        [
            "tests/integration/test_source.py"
            "::test_a_partition_lost_during_an_outage_is_read_when_it_comes_back"
        ],
    ),
    Mutant(
        "a group that is ahead of the warehouse goes on",
        [Patch(AGREEMENT, "if offset is not None and offset > reached:", "if False:")],
        ["tests/integration/test_recover.py::test_an_empty_warehouse_is_filled_from_the_topics"],
    ),
    Mutant(
        "a fenced producer cannot be replaced",
        [Patch(PRODUCER, "with suppress(KafkaException):", "if True:")],
        [
            "tests/integration/test_producer.py"
            "::test_a_producer_that_is_fenced_off_in_a_transaction_can_be_opened_again"
        ],
    ),
    Mutant(
        "the outbox is not compared with what was sent",
        [Patch(EMIT, "if known == [(progress.row_hash,)]:", "if known:")],
        [f"{OUTBOX}::test_an_outbox_that_was_restored_is_noticed"],
    ),
    Mutant(
        "two emitters at once",
        [Patch(EMIT, "elif postgres.query(TRY_LOCK, topic) == [(True,)]:", "else:")],
        [f"{OUTBOX}::test_a_replay_beside_another_emitter_is_refused"],
    ),
    Mutant(
        "no position with the messages",
        [
            Patch(
                EMIT,
                "return [*records, progress.record(self.settings.progress_topic)]",
                "return records",
            )
        ],
        [f"{OUTBOX}::test_an_outbox_that_was_made_anew_is_noticed"],
    ),
    Mutant(
        "each emitter has a transactional id of its own",
        [
            Patch(
                EMIT,
                "TransactionalProducer(settings, settings.dds_transactional_id)",
                "TransactionalProducer(settings, settings.instance_id)",
            )
        ],
        ["tests/faults/test_emitter_dies.py::test_frozen_until_another_one_has_taken_over"],
    ),
    Mutant(
        "an error of a transaction ignored",
        [
            Patch(
                PRODUCER,
                "            cause = self._failed or error.args[0]\n",
                "            return\n",
            )
        ],
        [
            "tests/integration/test_producer.py"
            "::test_a_producer_that_is_fenced_off_in_a_transaction_can_be_opened_again"
        ],
    ),
)

if __name__ == "__main__":
    sys.exit(main(MUTANTS, sys.argv[1:]))
