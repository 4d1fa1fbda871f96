"""Faults in the protocol from topic to topic, and the test that notices each.

`python -m tests.faults.mutants`, or with parts of names to plant only some of them.
"""

import sys

from tests.mutants import Mutant, Patch, main

STG = "ingest/stg.py"
STORE = "ingest/store.py"
EMIT = "ingest/emit.py"
RECOVER = "ingest/recover.py"
AGREEMENT = "ingest/agreement.py"
PRODUCER = "ingest/kafka/producer.py"
SOURCE = "ingest/kafka/source.py"
READER = "ingest/kafka/reader.py"
LEFT_OPEN = "ingest/kafka/left_open.py"

REDELIVERY = "tests/integration/test_redelivery.py"
IN_DOUBT = "tests/faults/test_commit_in_doubt.py"
KAFKA_DIES = "tests/faults/test_kafka_dies.py"
ELECTIONS = "tests/faults/test_kafka_elections.py"
OUTBOX = "tests/integration/test_emit.py"
RECOVERY = "tests/integration/test_recover.py"
GROUP = "tests/integration/test_source.py"
TRANSACTIONS = "tests/integration/test_producer.py"
READING = "tests/integration/test_reader.py"
STORING = "tests/integration/test_store.py"
STORED_AND_NOT_SENT = (
    f"{REDELIVERY}::test_a_batch_stored_and_not_published_is_published_as_it_was_stored"
)
REJECTED_AND_NOT_SENT = (
    f"{REDELIVERY}::test_a_batch_rejected_and_not_published_is_published_as_it_was_rejected"
)
REPLAY_REJECTED_AND_NOT_SENT = (
    f"{REDELIVERY}::test_a_replay_rejected_and_not_published_is_published_as_it_was_rejected"
)
LAG = f"{REDELIVERY}::test_lag_reaches_zero_behind_transaction_markers"
FENCED_OFF = (
    f"{TRANSACTIONS}::test_a_producer_that_is_fenced_off_in_a_transaction_can_be_opened_again"
)
LOST_DURING_POLL = (
    f"{GROUP}::test_messages_of_a_partition_that_is_lost_during_their_poll_are_dropped"
)
GIVEN_UP = f"{GROUP}::test_a_partition_that_the_client_gives_up_is_read_from_where_the_group_stands"
GIVEN_UP_UNHEARD = (
    f"{GROUP}::test_a_partition_that_the_client_gave_up_unheard_is_read_after_an_outage"
)
LEAVES_AT_ONCE = "tests/faults/test_service_dies.py::test_told_to_stop_while_the_broker_is_away"
LOST_COMMIT = f"{GROUP}::test_a_commit_that_kafka_answered_and_has_lost_is_read_again"
MEANWHILE = f"{STORING}::test_an_event_that_another_ingestor_stores_after_the_look_is_a_repeat"
REFUSED = f"{TRANSACTIONS}::test_a_message_that_is_refused_takes_its_transaction_with_it"
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

ALL_TAKEN = "            self._start(self._unread & self._owned, read=False)\n"
POSITION = (
    "batch.offsets.update({(p.topic, p.partition): p.offset for p in self._consumer.position("
    "[TopicPartition(*place) for place in batch.offsets])})"
)
NOT_OWNED = "if place not in self._owned:"
ASSIGNED_ANEW = """\
        self._consumer.incremental_unassign(starts)
        self._consumer.incremental_assign(starts)
"""
SOUGHT = """\
        for start in starts:
            self._consumer.seek(start)
"""

READ_COMMITTED = '"isolation.level": "read_committed"'
READ_UNCOMMITTED = '"isolation.level": "read_uncommitted"'

OURS = "if event and stored_by == delivery.coordinates:"

UNIQUE_VIOLATION = """\
    except errors.UniqueViolation as error:
"""
VIOLATION_IGNORED = """\
    except errors.UniqueViolation:
        cursor.execute("rollback to savepoint before_copy")
        return {}
    except errors.NoData as error:
"""

SILENCE = """\
            self._look_for_silence()
        return batch
"""

QUEUE_FULL = """\
            except BufferError:  # the queue is full: let it send
                producer.poll(0.1)
"""

LATE_FENCE = """\
        position = self._position()
        self.producer.reopen()
        sent = 0
"""

MUTANTS = (
    Mutant(
        "Kafka commits before Postgres",
        [Patch(STG, POSTGRES_FIRST, POSTGRES_LAST)],
        [STORED_AND_NOT_SENT],
    ),
    Mutant(
        "every redelivery is sent",
        [Patch(STORE, OURS, "if event and stored_by:")],
        [REPEAT],
    ),
    Mutant(
        "no redelivery is sent",
        [Patch(STORE, OURS, "if event and False:")],
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
        "no second look when another ingestor was faster",
        [Patch(STORE, "raise StoredMeanwhileError from None", "raise")],
        [MEANWHILE],
    ),
    Mutant(
        "what another ingestor has stored meanwhile is sent",
        [Patch(STORE, UNIQUE_VIOLATION, VIOLATION_IGNORED)],
        [MEANWHILE],
    ),
    Mutant(
        "what was rejected and not published is looked at anew",
        [Patch(STORE, "        elif delivery.coordinates in rejected:\n", "        elif False:\n")],
        [REJECTED_AND_NOT_SENT],
    ),
    Mutant(
        "what was rejected first and stored then is published as it was rejected",
        [Patch(STORE, OURS, f"{OURS[:-1]} and delivery.coordinates not in rejected:")],
        [f"{STORING}::test_what_is_stored_is_published_though_it_was_rejected_before"],
    ),
    Mutant(
        "of a replay that was rejected and not published only the origin is known",
        [
            Patch(
                STORE,
                "        (last_kafka_topic, last_kafka_partition, last_kafka_offset)\n",
                "        (kafka_topic, kafka_partition, kafka_offset)\n",
            )
        ],
        [REPLAY_REJECTED_AND_NOT_SENT],
    ),
    Mutant(
        "a dead letter is known by its coordinates alone",
        [Patch(STORE, "        and event_hash = hash\n", "")],
        [f"{REDELIVERY}::test_another_message_where_a_dead_letter_was_is_not_taken_for_it"],
    ),
    Mutant(
        "two ingestors look at the same delivery at once",
        [
            Patch(
                STORE,
                "reached = _hold_progress(cursor, offsets)",
                "reached: Any = defaultdict(lambda: MAX_BIGINT)",
            )
        ],
        [f"{STORING}::test_a_delivery_that_two_hold_at_once_becomes_one_thing"],
    ),
    Mutant(
        "positions drawn without the lock",
        [Patch(STORE, "    cursor.execute(HOLD_POSITIONS)\n", "")],
        [f"{STORING}::test_a_cut_waits_for_a_batch_that_is_being_stored"],
    ),
    Mutant(
        "repeats counted at every attempt",
        [
            Patch(
                STORE,
                "unnest(%(duplicates)s::bigint[]) as o where o >= next_offset",
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
        "offsets as the client's position says, ends included",
        [Patch(SOURCE, ALL_TAKEN, f"            {POSITION}\n{ALL_TAKEN}")],
        [LAG],
    ),
    Mutant(
        "the group's metadata taken when the offsets are sent",
        [
            Patch(
                SOURCE,
                "Batch(group=self._consumer.consumer_group_metadata())",
                "Batch(group=self._consumer)",
            ),
            Patch(
                PRODUCER,
                "places, group, timeout",
                "places, group.consumer_group_metadata(), timeout",
            ),
        ],
        [f"{GROUP}::test_a_batch_is_refused_when_the_group_has_gone_on_since_its_poll"],
    ),
    Mutant(
        "messages of a partition that was lost are handed out",
        [Patch(SOURCE, "if place not in self._owned or place in self._taken:", "if False:")],
        [f"{LOST_DURING_POLL}[a known group-and stays away]"],
    ),
    Mutant(
        "messages of a partition that was lost and came back are handed out",
        [Patch(SOURCE, "if place not in self._owned or place in self._taken:", NOT_OWNED)],
        [f"{LOST_DURING_POLL}[a known group-and comes back]"],
    ),
    Mutant(
        "messages that the group has passed by the time they are fetched are handed out",
        [Patch(SOURCE, "if offset < self._committed.get(place, 0):", "if False:")],
        [f"{GROUP}::test_what_the_group_has_passed_by_the_time_it_is_fetched_is_dropped"],
    ),
    Mutant(
        "a partition that was lost and came back is not read again",
        [Patch(SOURCE, "if self._taken & self._owned:", "if False:")],
        [LOST_DURING_POLL],
    ),
    Mutant(
        "a partition that is shorter than what was read goes unnoticed",
        [Patch(SOURCE, "if offset > high:", "if False:")],
        [f"{GROUP}::test_a_partition_that_is_shorter_than_what_was_read_is_noticed"],
    ),
    Mutant(
        "what a new leader takes for the end is believed",
        [Patch(READER, "if offset >= ends[number] - (0 if error else 1):", "if error:")],
        [f"{READING}::test_an_end_that_a_new_leader_does_not_have_yet_is_waited_for"],
    ),
    Mutant(
        "recover does not wait for open transactions",
        [Patch(READER, "    if _unreadable(settings, topics, 0):\n", "    if False:\n")],
        [
            "tests/integration/test_recover.py"
            "::test_what_lies_behind_a_transaction_that_a_kill_left_open_is_put_back"
        ],
    ),
    Mutant(
        "a position that the client gives up is taken for deleted messages",
        [Patch(SOURCE, "if offset < low:", "if True:")],
        [GIVEN_UP],
    ),
    Mutant(
        "after an outage a partition that the client gave up is sought in",
        [Patch(SOURCE, ASSIGNED_ANEW, SOUGHT)],
        [f"{GIVEN_UP_UNHEARD}[a known group]"],
    ),
    Mutant(
        "what we have committed is believed rather than the group",
        [
            Patch(
                SOURCE,
                "            self._believe(committed)\n            # Whoever",
                "            # Whoever",
            )
        ],
        [f"{LOST_COMMIT}[an outage]"],
    ),
    Mutant(
        "the source read uncommitted",
        [Patch(SOURCE, READ_COMMITTED, READ_UNCOMMITTED)],
        [f"{GROUP}::test_what_a_source_has_not_committed_is_not_read"],
    ),
    Mutant(
        "topics read uncommitted",
        [Patch(READER, '"isolation.level": isolation_level', READ_UNCOMMITTED)],
        [f"{READING}::test_what_was_taken_back_or_is_not_committed_yet_is_not_read"],
    ),
    Mutant(
        "a partition that was lost stays paused",
        [
            Patch(
                SOURCE,
                "            self._consumer.resume(partitions)\n",
                "            pass\n",
            )
        ],
        [f"{GROUP}::test_a_partition_lost_during_an_outage_is_read_when_it_comes_back"],
    ),
    Mutant(
        "a group that is ahead of the warehouse goes on",
        [Patch(AGREEMENT, "if offset is not None and offset > reached:", "if False:")],
        ["tests/integration/test_recover.py::test_an_empty_warehouse_is_filled_from_the_topics"],
    ),
    Mutant(
        "where the group stood before the topics were read is believed",
        [Patch(AGREEMENT, "            offset = committed_since.get(place)\n", "")],
        [f"{REDELIVERY}::test_a_group_that_has_gone_on_while_it_is_looked_at_was_not_moved_back"],
    ),
    Mutant(
        "a fenced producer cannot be replaced",
        [Patch(PRODUCER, "suppress(KafkaException, SystemError, TimeoutError)", "suppress()")],
        [FENCED_OFF],
    ),
    Mutant(
        "a close that fails hides why",
        [Patch(PRODUCER, "KafkaException, SystemError, ", "KafkaException, ")],
        [f"{TRANSACTIONS}::test_a_close_that_fails_hides_no_error"],
    ),
    Mutant(
        "a close waits for as long as the broker is away",
        [Patch(PRODUCER, "within(ANSWER_TIMEOUT, producer.close)", "producer.close()")],
        [f"{KAFKA_DIES}::test_told_to_stop_while_the_broker_is_away"],
    ),
    Mutant(
        "offsets wait for as long as the coordinator is away",
        [Patch(PRODUCER, "timeout + RETURN_TIMEOUT", "600")],
        [f"{IN_DOUBT}::test_the_broker_dies_while_it_is_sent_offsets"],
    ),
    Mutant(
        "a commit waits for as long as the coordinator is away",
        [Patch(SOURCE, "asynchronous=True", "asynchronous=False")],
        [LEAVES_AT_ONCE],
    ),
    Mutant(
        "a commit that was refused goes unheard",
        [Patch(SOURCE, '                "on_commit": self._answered,\n', "")],
        [f"{GROUP}::test_a_later_poll_tells_that_a_commit_was_refused"],
    ),
    Mutant(
        "who leaves waits for as long as the coordinator is away",
        [Patch(SOURCE, "within(ANSWER_TIMEOUT, consumer.close)", "consumer.close()")],
        [LEAVES_AT_ONCE],
    ),
    Mutant(
        "a fatal error is waited out, whatever it was",
        [Patch(PRODUCER, "cause = self._cause(producer, error.args[0])", "cause = error.args[0]")],
        [f"{TRANSACTIONS}::test_a_producer_that_is_fenced_off_while_it_produces_says_so"],
    ),
    Mutant(
        "a message that Kafka's client refuses is left out",
        [
            Patch(
                PRODUCER,
                "            except BufferError:",
                "            except KafkaException:\n                return\n"
                "            except BufferError:",
            )
        ],
        [f"{REFUSED}[the client]"],
    ),
    Mutant(
        "a message that finds the queue full is left out",
        [Patch(PRODUCER, QUEUE_FULL, "            except BufferError:\n                return\n")],
        [f"{TRANSACTIONS}::test_messages_that_find_the_queue_full_are_sent_all_the_same"],
    ),
    Mutant(
        "what the broker says of a message ignored",
        [Patch(PRODUCER, "self._failed = self._failed or error", "pass")],
        [f"{REFUSED}[the broker]"],
    ),
    Mutant(
        "the position read before the emitter before us is fenced off",
        [
            Patch(EMIT, "        position = self._position()\n        sent = 0\n", LATE_FENCE),
            Patch(EMIT, "            emitter.producer.reopen()\n", ""),
        ],
        [f"{OUTBOX}::test_what_an_emitter_that_has_lost_its_lock_still_sends_is_not_sent_twice"],
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
                "TransactionalProducer(settings, settings.dds_transactional_id, predecessor)",
                "TransactionalProducer(settings, settings.instance_id, predecessor)",
            )
        ],
        ["tests/faults/test_emitter_dies.py::test_frozen_until_another_one_has_taken_over"],
    ),
    Mutant(
        "a producer stays after a slow commit",
        [Patch(PRODUCER, "if time.monotonic() - began > self._socket_timeout / 2:", "if False:")],
        [f"{IN_DOUBT}::test_after_a_slow_commit_comes_a_new_producer"],
    ),
    Mutant(
        "what was stored by a commit in doubt is taken for a repeat",
        [Patch(STORE, OURS, "if event and False:")],
        [f"{IN_DOUBT}::test_a_commit_to_postgres_cut_or_answered_late"],
    ),
    Mutant(
        "after a commit in doubt the batch is sent again without a look",
        [
            Patch(
                "ingest/stg.py",
                "                    resume=(producer.reopen, source.rewind,",
                "                    resume=(producer.reopen, lambda: load(batch, systems),"
                " source.rewind,",
            )
        ],
        [f"{IN_DOUBT}::test_a_commit_to_kafka_without_an_answer_in_time"],
    ),
    Mutant(
        "an error of a transaction ignored",
        [
            Patch(
                PRODUCER,
                "            cause = self._cause(producer, error.args[0])\n",
                "            return\n",
            )
        ],
        [FENCED_OFF],
    ),
    Mutant(
        "what an ended transaction left open is not looked for",
        [Patch(PRODUCER, "            if self._predecessor:\n", "            if False:\n")],
        [f"{ELECTIONS}::test_what_was_aborted_stays_so_though_its_partitions_had_no_leader"],
    ),
    Mutant(
        "what an ended transaction left open is looked for in topics only",
        [Patch(LEFT_OPEN, "    if predecessor.group is not None:\n", "    if False:\n")],
        [f"{ELECTIONS}::test_what_was_aborted_stays_so_though_its_partitions_had_no_leader"],
    ),
    Mutant(
        "what was committed is aborted where its marker was left out",
        [Patch(STG, "if offset >= (committed.get((topic, partition)) or 0):", "if True:")],
        [f"{ELECTIONS}::test_what_was_aborted_stays_so_though_its_partitions_had_no_leader"],
    ),
    Mutant(
        "what another ingestor has sent again is taken for committed",
        [
            Patch(
                STG, "return all(_made_from(other) != made_from for other in behind)", "return True"
            )
        ],
        [f"{ELECTIONS}::test_what_was_aborted_stays_so_though_its_partitions_had_no_leader"],
    ),
    Mutant(
        "offsets that another ingestor has open count for nothing committed",
        [
            Patch(
                LEFT_OPEN,
                "            committed = committed_offsets(\n",
                "            committed = {} and committed_offsets(\n",
            )
        ],
        [f"{ELECTIONS}::test_what_was_aborted_stays_so_though_its_partitions_had_no_leader"],
    ),
    Mutant(
        "a position that is committed and cannot be read yet is not waited for",
        [Patch(EMIT, "        for _ in open_messages(", "        for _ in () and open_messages(")],
        [f"{OUTBOX}::test_a_position_that_cannot_be_read_yet_is_waited_for"],
    ),
    Mutant(
        "an outage is not waited through when the group cannot be asked",
        [Patch(SOURCE, "with suppress(OutageError):  # else", "if True:  # else")],
        [f"{GROUP}::test_an_outage_in_which_the_client_gives_a_partition_up_ends"],
    ),
    Mutant(
        "what the client waits for in silence is not asked for",
        [Patch(SOURCE, SILENCE, "        return batch\n")],
        [f"{GROUP}::test_offsets_that_somebody_has_left_in_a_transaction_are_an_outage"],
    ),
    Mutant(
        "what the client waits for in silence is asked for when nothing else comes only",
        [
            Patch(
                SOURCE,
                SILENCE,
                SILENCE.replace("self._look", "messages or self._look"),
            )
        ],
        [f"{GROUP}::test_offsets_that_somebody_has_left_in_a_transaction_are_an_outage"],
    ),
    Mutant(
        "a client that does not join its group is waited for without a word",
        [Patch(SOURCE, "self._look_for_silence()\n                return", "return")],
        [f"{GROUP}::test_a_client_that_does_not_join_its_group_is_an_outage_and_replaced"],
    ),
    Mutant(
        "a client that does not join its group is kept",
        [Patch(SOURCE, "if not self._consumer.memberid():  #", "if False:  #")],
        [f"{GROUP}::test_a_client_that_does_not_join_its_group_is_an_outage_and_replaced"],
    ),
    Mutant(
        "a group that gives no partitions is waited for without a word",
        [Patch(SOURCE, "if not self._is_assigned and passed >", "if False and passed >")],
        [f"{GROUP}::test_a_group_that_gives_no_partitions_is_an_outage"],
    ),
    Mutant(
        "recover puts back what an operator has left at that",
        [Patch(RECOVER, " or position > progress.position", "")],
        [f"{OUTBOX}::test_what_was_left_at_that_is_not_put_back"],
    ),
    Mutant(
        "recover leaves what was built too early to chance",
        [Patch(RECOVER, "orders.state_hash is distinct from (", "false and null = (")],
        [f"{RECOVERY}::test_a_state_that_came_back_is_sent_again_if_the_topic_has_another_since"],
    ),
)

if __name__ == "__main__":
    sys.exit(main(MUTANTS, sys.argv[1:]))
