"""Faults in the protocol from topic to topic, and the test that notices each.

`python -m tests.faults.mutants`, or with parts of names to plant only some of them.
"""

import sys

from tests.mutants import Mutant, Patch, main

LOADER = "ingest/loader.py"
STORE = "ingest/store.py"
LETTERS = "ingest/dead_letters.py"
PUBLISH = "ingest/publish.py"
PUBLICATION = "ingest/publication.py"
CONSUMER = "ingest/kafka/consumer.py"
PRODUCER = "ingest/kafka/producer.py"
READER = "ingest/kafka/reader.py"
RECOVER = "ingest/operate/put_back.py"
CUT_SQL = "ddl/005_settle.sql"

LOADING = "tests/integration/test_load.py"
OFFSETS = "tests/integration/test_offsets.py"
STORING = "tests/integration/test_store.py"
CUT = "tests/integration/test_cut.py"
CONFLICTS = "tests/integration/test_conflicts.py"
PUBLISHING = "tests/integration/test_publish.py"
RECOVERING = "tests/integration/test_recover.py"

STALE_OWNER = f"{OFFSETS}::test_of_what_another_one_has_stored_a_stale_owner_drops_its_copy"
LOST_COMMITS = f"{OFFSETS}::test_a_postgres_that_stands_before_us_has_lost_commits"
MADE_ANEW = (
    f"{OFFSETS}::test_a_topic_made_anew_under_a_loader_stops_it_and_is_loaded_after_the_command"
)
SEVERAL = f"{PUBLISHING}::test_several_at_once_send_everything_once"
TAKES_OVER = f"{PUBLISHING}::test_one_stands_by_and_takes_over_when_the_first_has_lost_its_session"
NOT_HANDED_OVER = (
    f"{PUBLISHING}::test_a_message_that_cannot_be_handed_over_takes_its_transaction_with_it"
)
BUILT_TOO_EARLY = (
    f"{RECOVERING}::test_a_restored_warehouse_that_was_built_before_anybody_noticed_recovers_too"
)

FENCE = """\
        self._producer = TransactionalProducer(self._settings, publication.transactional_id, limit)
"""
READ = """\
        progress = read_progress(self._settings, admin, publication) if compare else None
        postgres.query(ADD_PUBLICATION, publication.topic)
"""
PROMISE = """\
        self._postgres.query(PROMISE, reached, self.publication.topic)
        failpoint("promised")
"""
SENT = """\
                self._ahead = ahead.result() if ahead else None
        failpoint("sent")
"""
HELD = """\
    select min(classid::bigint << 32 | objid::bigint)
    from pg_locks
    where
        locktype = 'advisory'
        and objsubid = 1
        and database = (select oid from pg_database where datname = current_database())
    into held;
"""
ANOTHER_TOPIC = """\
        if self._systems.admin.topic_id(self._source.topic) != self._source.topic_id:
"""
REFUSED = """\
            for record in records:
                # Any exception means that the record was not taken: no commit.
                while not _taken(producer, record):
                    producer.poll(0.1)  # the queue is full: let it send
"""
REFUSAL_IGNORED = """\
            for record in records:
                with suppress(KafkaException):
                    while not _taken(producer, record):
                        producer.poll(0.1)
"""

MUTANTS = (
    # --- load ---
    Mutant(
        "no lock on the row of a partition",
        [Patch(STORE, "order by kafka_partition\nfor update\n", "order by kafka_partition\n")],
        [f"{OFFSETS}::test_what_several_read_at_once_is_counted_once"],
    ),
    Mutant(
        "the offset that comes next counts as stored",
        [
            Patch(
                STORE,
                "(s, row) for s, row in events if row.offset >= reached",
                "(s, row) for s, row in events if row.offset > reached",
            )
        ],
        [STALE_OWNER],
    ),
    Mutant(
        "what another one has stored is stored again",
        [
            Patch(
                STORE,
                "row for row in rejected if row.offset >= reached[row.partition]",
                "row for row in rejected",
            ),
            Patch(
                STORE,
                "p, offset) for p, offset in skipped if offset >= reached[p]",
                "p, offset) for p, offset in skipped",
            ),
        ],
        [STALE_OWNER],
    ),
    Mutant(
        "a batch begins at the offset of its first message",
        [
            Patch(
                LOADER,
                "began={number: began[number] for number in ends},",
                "began={\n"
                "                number: min(\n"
                "                    [o for p, o in map(place_of, fetched.messages)"
                " if p == number],\n"
                "                    default=began[number],\n"
                "                )\n"
                "                for number in ends\n"
                "            },",
            )
        ],
        [f"{LOADING}::test_a_batch_begins_where_the_one_before_ended_not_at_its_first_message"],
    ),
    Mutant(
        "progress goes back",
        [
            Patch(
                STORE,
                "next_offset = greatest(progress.next_offset, batch.next_offset),",
                "next_offset = batch.next_offset,",
            )
        ],
        [STALE_OWNER],
    ),
    Mutant(
        "a Postgres that has lost commits goes on",
        [Patch(STORE, "if next_offset < batch.began[partition] or topic_id", "if topic_id")],
        [LOST_COMMITS],
    ),
    Mutant(
        "partitions are read from the group's offsets",
        [
            Patch(
                CONSUMER,
                "self._consumer.assign(self._places(offsets))",
                "self._consumer.assign([TopicPartition(self._topic, n) for n in offsets])",
            )
        ],
        [f"{OFFSETS}::test_offsets_of_the_group_that_somebody_moves_change_nothing"],
    ),
    Mutant(
        "partitions are given up before their last batch is stored",
        [Patch(CONSUMER, "        self.before_revoked()\n", "")],
        [f"{CONFLICTS}::test_who_gives_partitions_up_first_stores_what_was_read_of_them"],
    ),
    Mutant(
        "the group is told before Postgres has committed",
        [
            Patch(
                LOADER,
                "        self._storing = self._pool.submit(work)\n",
                "        self._systems.consumer.commit(batch.ends)\n"
                "        self._storing = self._pool.submit(work)\n",
            )
        ],
        [f"{OFFSETS}::test_the_group_is_told_when_postgres_has_committed"],
    ),
    Mutant(
        "the topic's id is asked for at assignment only",
        [Patch(LOADER, ANOTHER_TOPIC, "        if False:\n")],
        [MADE_ANEW],
    ),
    Mutant(
        "a row of another topic's id is taken for ours",
        [
            Patch(
                STORE,
                "if next_offset < batch.began[partition] or topic_id != source.topic_id:",
                "if next_offset < batch.began[partition]:",
            )
        ],
        [f"{STORING}::test_a_topic_made_anew_has_other_messages_at_the_same_offsets"],
    ),
    Mutant(
        "a dead letter is known without the topic's id",
        [
            Patch(
                "ddl/001_stg.sql",
                "unique (kafka_topic, topic_id, kafka_partition, kafka_offset)",
                "unique (kafka_topic, kafka_partition, kafka_offset)",
            )
        ],
        [f"{STORING}::test_a_topic_made_anew_has_other_messages_at_the_same_offsets"],
    ),
    Mutant(
        "nobody waits for the comparison with the topics",
        [Patch(STORE, "if cursor.fetchone() != (True,):", "if cursor.fetchone() is None:")],
        [
            f"{STORING}::test_nothing_is_stored_in_a_server_that_was_not_compared_with_the_topics",
        ],
    ),
    Mutant(
        "the source read uncommitted",
        [
            Patch(
                CONSUMER,
                '"isolation.level": "read_committed"',
                '"isolation.level": "read_uncommitted"',
            )
        ],
        [f"{LOADING}::test_what_the_source_took_back_is_not_loaded_and_counts_as_read"],
    ),
    Mutant(
        "no look for what is stored already",
        [Patch(STORE, "        if row.event_id in known:\n", "        if False:\n")],
        [f"{LOADING}::test_the_same_bytes_at_another_offset_change_and_publish_nothing"],
    ),
    Mutant(
        "an event that another one has just stored is an error",
        [
            Patch(
                STORE,
                "        raise ConflictError(error) from None\n",
                '        raise OutageError("Postgres", str(error)) from None\n',
            )
        ],
        [f"{CONFLICTS}::test_a_new_event_that_two_load_at_once_is_stored_once"],
    ),
    # --- the cut ---
    Mutant(
        "a cut that does not look for writers",
        [Patch(CUT_SQL, "return least(highest, held);", "return highest;")],
        [f"{CUT}::test_no_row_at_or_below_a_cut_appears_later"],
    ),
    Mutant(
        "writers are looked for before the highest position",
        [
            Patch(CUT_SQL, HELD, ""),
            Patch(CUT_SQL, "    select greatest(\n", HELD + "    select greatest(\n"),
        ],
        [f"{CUT}::test_writers_are_looked_for_after_the_highest_position"],
    ),
    Mutant(
        "positions drawn without the lock",
        [Patch(STORE, "    cursor.execute(HOLD_POSITIONS)\n", "")],
        [f"{CUT}::test_a_batch_on_its_way_pins_it"],
    ),
    # --- publish ---
    Mutant(
        "the position is read before the one before is fenced off",
        [
            Patch(PUBLISH, FENCE, ""),
            Patch(PUBLISH, READ, READ.replace("        postgres", FENCE + "        postgres", 1)),
        ],
        [f"{PUBLISHING}::test_the_position_is_read_when_the_one_before_is_fenced_off"],
    ),
    Mutant(
        "two publish at once",
        [Patch(PUBLISH, "if not postgres.value(TRY_LOCK, publication.topic):", "if False:")],
        [f"{PUBLISHING}::test_it_stands_by_while_another_one_has_the_lock"],
    ),
    Mutant(
        "the promise is written after Kafka's commit",
        [Patch(PUBLISH, PROMISE, ""), Patch(PUBLISH, SENT, SENT + PROMISE)],
        [f"{PUBLISHING}::test_the_promise_is_there_before_the_rows_leave"],
    ),
    Mutant(
        "what was promised is not compared with what was sent",
        [Patch(PUBLISH, "if progress.position > promised:", "if False:")],
        [f"{PUBLISHING}::test_a_position_above_the_promise_stops_it_before_anything_is_loaded"],
    ),
    Mutant(
        "another table goes on in the topic",
        [Patch(PUBLISH, "progress.table not in (None, identity):", "False:")],
        [f"{PUBLISHING}::test_a_table_made_anew_stops_it"],
    ),
    Mutant(
        "a topic made anew is gone on with",
        [Patch(PUBLISH, 'if progress.topic_id not in ("", topic_id):', "if False:")],
        [f"{PUBLISHING}::test_a_topic_made_anew_stops_it"],
    ),
    Mutant(
        "no position with the messages",
        [
            Patch(
                PUBLISH,
                "self._producer.send([*records, progress.record(self.publication)])",
                "self._producer.send(list(records))",
            )
        ],
        [f"{PUBLISHING}::test_the_position_names_the_table_and_the_topic"],
    ),
    Mutant(
        "a position that is lost is not looked for in the messages",
        [
            Patch(
                PUBLICATION,
                "    position = max(map(position_of, last))\n",
                "    return None\n    position = max(map(position_of, last))\n",
            )
        ],
        [f"{PUBLISHING}::test_a_progress_topic_made_anew_is_read_from_the_messages"],
    ),
    Mutant(
        "an exception of produce is ignored",
        [Patch(PRODUCER, REFUSED, REFUSAL_IGNORED)],
        [NOT_HANDED_OVER],
    ),
    Mutant(
        "a record that finds the queue full is left out",
        [
            Patch(
                PRODUCER,
                "                while not _taken(producer, record):\n",
                "                if not _taken(producer, record):\n",
            )
        ],
        [NOT_HANDED_OVER, f"{PUBLISHING}::test_a_queue_that_is_full_is_waited_for"],
    ),
    Mutant(
        "a producer stays after a slow commit",
        [Patch(PRODUCER, "if time.monotonic() - began > self._socket_timeout / 2:", "if False:")],
        [f"{PUBLISHING}::test_a_producer_whose_commit_was_slow_is_thrown_away"],
    ),
    Mutant(
        "topics read uncommitted",
        [
            Patch(
                READER,
                '"isolation.level": "read_committed"',
                '"isolation.level": "read_uncommitted"',
            )
        ],
        [f"{PUBLISHING}::test_what_was_taken_back_tells_no_position"],
    ),
    # --- recover ---
    Mutant(
        "what was stored since keeps its position",
        [
            Patch(
                RECOVER,
                "from (select event_id from unpublished order by position) as o",
                "from (select event_id from unpublished where false) as o",
            )
        ],
        [f"{RECOVERING}::test_what_was_loaded_before_anybody_noticed_moves_behind"],
    ),
    Mutant(
        "the models do not read what was put back",
        [
            Patch(
                RECOVER,
                "where position > %(promised)s order by position;\n",
                "where false and position > %(promised)s;\n",
            )
        ],
        [
            f"{RECOVERING}::test_a_restored_warehouse_is_noticed_and_recovers_everything",
            BUILT_TOO_EARLY,
        ],
    ),
    Mutant(
        "states that were built too early stay in the outbox",
        [Patch(RECOVER, "delete from dds.outbox where position > %(promised)s;\n", "")],
        [BUILT_TOO_EARLY],
    ),
)

if __name__ == "__main__":
    sys.exit(main(MUTANTS, sys.argv[1:]))
