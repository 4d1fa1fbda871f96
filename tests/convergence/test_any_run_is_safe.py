"""Any selection, failure, kill or overlap of dbt runs: after one full build, the model's rows.

Random sequences of what people and accidents do to a dbt project, with events that arrive meanwhile
in transactions that commit late and out of order. A sequence is a function of its seed.
"""

import json
import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

import pytest

from tests import children
from tests.convergence.comparison import assert_equals_model
from tests.convergence.harness import insert
from tests.convergence.model import Event, final_messages
from tests.convergence.test_convergence import generated
from tests.dbt_project import NO_TESTS, DbtProject
from tests.world import DATABASE, ROOT, World, connect

SEQUENCES = int(os.environ.get("SAFETY_SEQUENCES", "3"))
ACTIONS = 3
HISTORIES_EACH = 12
# A build takes about 1.5 s; a kill comes at any moment of it.
LONGEST_LIFE = 1.6

NODES = (
    *("stg_orders", "stg_order_items", "stg_order_statuses", "order_statuses"),
    *("h_order", "h_user", "h_product", "h_restaurant", "h_category"),
    *("l_order_user", "l_order_product", "l_product_restaurant", "l_product_category"),
    *("l_order_restaurant", "s_user_names", "s_product_names", "s_restaurant_names"),
    *("s_order_cost", "s_order_status", "s_order_details", "s_order_product", "s_order_user"),
    *("s_order_restaurant", "s_product_category", "b_closed_orders", "b_closed_order_products"),
    *("outbox", "user_product_counters", "user_category_counters"),
)
BUILD = ("build", "--select", "dds+", *NO_TESTS)


class Run:
    """One sequence: what has happened, and the means to make more happen."""

    def __init__(self, world: World, seed: int, events: Sequence[Event], folder: Path) -> None:
        self.world = world
        self.seed = seed
        self.random = Random(seed)
        self.to_come = list(events)
        self.folder = folder
        self.log: list[str] = []
        self.counts: Counter[str] = Counter()

    def act(self) -> None:
        """Something random, while events arrive; first of all a kill or an overlap, in turn."""
        actions: dict[Callable[[], None], int] = {
            self.build_something: 4,
            self.killed: 4,
            self.overlap: 4,
            self.failure_and_retry: 1,
            self.connection_lost: 1,
            self.empty_run: 1,
        }
        if self.log:
            (action,) = self.random.choices(list(actions), list(actions.values()))
        else:
            action = self.killed if self.seed % 2 else self.overlap
        with self.arrivals():
            action()

    @contextmanager
    def arrivals(self) -> Iterator[None]:
        """Two ingestors, whose transactions commit late and out of order while dbt runs."""
        parts = [self.some_events(), self.some_events()]
        delays = [self.random.uniform(0, 0.8), self.random.uniform(0, 0.8)]
        begun = threading.Barrier(3)

        def ingest(events: Sequence[Event], delay: float) -> None:
            connection = connect(self.world.environment, DATABASE)
            connection.autocommit = False
            with connection.cursor() as cursor:
                cursor.execute("select stg.hold_positions()")
                insert(connection, events)
            begun.wait()
            time.sleep(delay)
            connection.commit()
            connection.close()

        threads = [
            threading.Thread(target=ingest, args=pair) for pair in zip(parts, delays, strict=True)
        ]
        for thread in threads:
            thread.start()
        begun.wait()
        yield
        for thread in threads:
            thread.join()

    def some_events(self) -> list[Event]:
        count = self.random.randint(0, len(self.to_come) // 2)
        taken, self.to_come = self.to_come[:count], self.to_come[count:]
        return taken

    # --- actions ---

    def build_something(self) -> None:
        """Any selection, with any command and options."""
        chosen = self.random.sample(NODES, self.random.randint(1, 4))
        marks = (self.random.choice(("", "", "+")), self.random.choice(("", "", "+")))
        selection = [f"{marks[0]}{name}{marks[1]}" for name in chosen]
        command = self.random.choice(("build", "build", "run", "snapshot"))
        arguments = [command, *(NO_TESTS if command == "build" else ())]
        if self.random.random() < 0.7:
            arguments += ["--select", *selection]
        else:
            arguments += ["--exclude", *selection]
        if self.random.random() < 0.3:
            arguments.append("--fail-fast")
        if command != "snapshot" and self.random.random() < 0.2:
            arguments.append("--full-refresh")
        self._finish(self._start(arguments))

    def killed(self) -> None:
        """kill -9 at a random moment."""
        child = self._start(BUILD)
        child.join(self.random.uniform(0, LONGEST_LIFE))
        self.counts["killed" if child.is_alive() else "too late"] += 1
        child.kill()
        child.join()

    def overlap(self) -> None:
        """Two dbt at once, sometimes one of them with --full-refresh, sometimes one killed."""
        first = self._start(BUILD)
        time.sleep(self.random.uniform(0, 0.3))
        refresh = ["--full-refresh"] if self.random.random() < 0.25 else []
        second = self._start([*BUILD, *refresh])
        self.counts["overlaps"] += 1
        if self.random.random() < 0.3:
            first.join(self.random.uniform(0, LONGEST_LIFE))
            first.kill()
        self._finish(first)
        self._finish(second)

    def failure_and_retry(self) -> None:
        """A model fails in the middle; then perhaps dbt retry."""
        name = self.random.choice([node for node in NODES if node != "order_statuses"])
        path = str(self.folder / f"target-{len(self.log)}")
        with self._broken(name):
            self._finish(self._start([*BUILD, "--target-path", path], json=True))
        if self.random.random() < 0.5:
            self._retry(path)

    def _retry(self, path: str) -> None:
        """By the command line: it reads the project anew, and dbt's parser does not bear a fork."""
        self.log.append(f"retry --state {path}")
        done = subprocess.run(
            [str(ROOT / ".venv/bin/dbt"), "retry", "--state", path],
            cwd=ROOT,
            env={**os.environ, **self.world.environment},
            capture_output=True,
            timeout=120,
            check=False,
        )
        self.counts["retried" if done.returncode == 0 else "failed"] += 1

    def connection_lost(self) -> None:
        """The server ends dbt's connections."""
        child = self._start(BUILD)
        child.join(self.random.uniform(0.2, LONGEST_LIFE))
        self.world.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dbt'"
        )
        self._finish(child)

    def empty_run(self) -> None:
        """dbt's --empty reads nothing, so it may not count as read."""
        self._finish(self._start(["run", "--empty", "--select", *self.random.sample(NODES, 5)]))

    def _start(self, arguments: Sequence[str], *, json: bool = False) -> BaseProcess:
        self.log.append(" ".join(arguments))
        return children.dbt(self.world.environment, *arguments, json=json)

    def _finish(self, child: BaseProcess) -> None:
        child.join(120)
        assert child.exitcode is not None, "dbt hangs"
        self.counts["succeeded" if child.exitcode == 0 else "failed"] += 1

    @contextmanager
    def _broken(self, name: str) -> Iterator[None]:
        """The model's table, if it is there, refuses to be written to."""
        rows = self.world.rows("select schemaname from pg_tables where tablename = %s", name)
        if not rows:
            yield
            return
        table = f"{rows[0]['schemaname']}.{name}"
        self.world.execute(
            "create or replace function public.fail() returns trigger language plpgsql"
            " as $$ begin raise exception 'broken on purpose'; end $$"
        )
        self.world.execute(
            f"create trigger broken before insert or update or delete on {table}"
            " for each statement execute function public.fail()"
        )
        try:
            yield
        finally:
            self.world.execute(f"drop trigger if exists broken on {table}")


@pytest.fixture(scope="module")
def module_world(servers: dict[str, str]) -> Iterator[World]:
    world = World(servers)
    yield world
    world.close()


@pytest.mark.timeout(0)
def test_after_any_sequence_one_build_gives_the_models_rows(
    module_world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    world, counts = module_world, Counter[str]()
    histories = [h for several in generated(SEQUENCES * HISTORIES_EACH, 1) for h in several]
    for seed in range(SEQUENCES):
        own = histories[seed * HISTORIES_EACH : (seed + 1) * HISTORIES_EACH]
        events = [e for number, h in enumerate(own) for e in h.renamed(number).events]
        world.connection.close()
        world.new_database()
        sequence = Run(world, seed, events, tmp_path / str(seed))
        try:
            if seed % 3:  # the other third meets an empty warehouse
                insert(world.connection, sequence.some_events())
                dbt.build(world)
            for _ in range(ACTIONS):
                sequence.act()
            insert(world.connection, sequence.to_come)
            dbt.build(world)
            assert_equals_model(world, events)
            assert_outbox_is_right(world, events)
        except AssertionError as error:
            story = "\n".join(sequence.log)
            raise AssertionError(f"seed {seed}: {error}\nWhat was run:\n{story}") from error
        counts += sequence.counts
    # Half of them begin with a kill, some of which come too late; half with an overlap.
    assert counts["killed"] >= SEQUENCES // 3
    assert counts["overlaps"] >= SEQUENCES // 2
    assert counts["retried"] >= SEQUENCES // 50
    assert counts["succeeded"] > counts["failed"]


def assert_outbox_is_right(world: World, events: Sequence[Event]) -> None:
    """Positions without a gap, no state twice in a row, and the last state the model's."""
    rows = world.rows("select position, order_id, message from dds.outbox order by position")
    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
    last: dict[int, object] = {}
    for row in rows:
        payload = json.loads(row["message"])["payload"]
        assert last.get(row["order_id"]) != payload, f"order {row['order_id']} twice: {payload}"
        last[row["order_id"]] = payload
    expected = {number: m["payload"] for number, m in final_messages(events).items()}
    assert {number: last.get(number) for number in expected} == expected
