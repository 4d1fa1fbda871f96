"""`ingest status` as an operator runs it: each fault is named with its hop and what to type."""

import fcntl
import json
import os
import shlex
import signal
import struct
import subprocess
import termios
import time
from contextlib import suppress
from typing import Any

from ingest.operate.status import Status
from tests.dbt_project import DbtFailed, DbtProject
from tests.integration.running import make_anew, until
from tests.integration.test_hops import aged
from tests.integration.test_services import BROKEN
from tests.world import CLOSED, DATABASE, ROOT, World, encoded, new_database, order, orders

SOON = {"STALLED_AFTER_SECONDS": "1"}


def status(world: World, **variables: str) -> dict[str, Any]:
    """What the JSON says; the exit code and the first line for people agree with it."""
    done = world.ingest("status", "--json", check=False, **(SOON | variables))
    assert done.stderr == ""
    (line,) = done.stdout.splitlines()
    found: dict[str, Any] = json.loads(line)
    assert list(found) == list(Status.__dataclass_fields__)
    assert done.returncode == (0 if found["is_well"] else 1)
    return found


def fault(world: World, **variables: str) -> tuple[str, str]:
    """The hop and the command of the first line."""
    found = status(world, **variables)
    first = found["findings"][0]
    assert found["verdict"].startswith(f"{first['hop']} stands still")
    assert ("since 20" in found["verdict"]) == (first["since"] is not None)
    assert found["verdict"].count(first["command"]) == 1
    return first["hop"], first["command"]


def run(world: World, command: str) -> None:
    """Type what the status says."""
    program, *arguments = shlex.split(command)
    environment = {**os.environ, **world.environment}
    subprocess.run(
        [ROOT / ".venv/bin" / program, *arguments],
        cwd=ROOT,
        env=environment,
        check=True,
        timeout=120,
    )


def test_all_is_well_on_a_fresh_install_and_once_all_is_done(world: World, dbt: DbtProject) -> None:
    found = status(world)
    assert found["verdict"] == "all well: no step has stood still for 1 s"
    assert {hop["rows"] for hop in found["hops"]} == {0}
    world.send(encoded(order(1, statuses=CLOSED)))
    world.stg()
    dbt.build(world)  # nobody has ever used the groups of the services
    world.emit()
    time.sleep(1.1)
    shown = world.ingest("status", STALLED_AFTER_SECONDS="1").stdout.splitlines()
    assert shown[0] == "all well: no step has stood still for 1 s"
    assert len(shown) < 24
    assert "stands still" not in "".join(shown[1:])


def test_each_step_that_nobody_runs_is_named_with_what_runs_it(
    world: World, dbt: DbtProject
) -> None:
    world.send(*orders(range(3)), encoded(order(9, statuses=CLOSED)))
    time.sleep(1.1)
    assert fault(world) == ("load", "ingest stg --once")
    assert status(world, STALLED_AFTER_SECONDS="600")["is_well"]
    run(world, "ingest stg --once")
    aged(world, "stg.order_events", "loaded_at", 10)
    assert fault(world) == ("dds", "dbt build --select dds+")
    dbt.build(world, "--select", "dds")
    aged(world, "stg.load_state", "updated_at", 10)
    aged(world, "dds.outbox", "created_at", 10)
    assert fault(world) == ("cdm", "dbt build --select cdm marts")
    assert [found["hop"] for found in status(world)["findings"]] == ["cdm", "emit"]
    run(world, "dbt build --select cdm marts")
    assert fault(world) == ("emit", "ingest emit")
    run(world, "ingest emit")
    assert status(world)["is_well"]


def test_events_and_dead_letters_that_nobody_publishes_are_named(world: World) -> None:
    world.send(*orders(range(3)), b"{")
    world.stg()
    for table, hop, written in (
        ("stg.dead_letters", "dead-letters", "first_seen_at"),
        ("stg.order_events", "publish", "loaded_at"),
    ):
        world.execute(f"update {table} set position = nextval('stg.positions')")
        aged(world, table, written, 10)
        time.sleep(1.1)
        assert fault(world) == (hop, "ingest stg --once")


def test_what_waits_and_moves_is_well(world: World) -> None:
    world.send(*orders(range(3)), partition=0)
    world.stg()
    world.execute("update stg.source_progress set next_offset = 1 where kafka_partition = 0")
    time.sleep(1.1)
    assert fault(world)[0] == "load"
    moving = "now() at time zone 'UTC' + interval '1 minute'"  # whatever the machine is busy with
    world.execute(f"update stg.source_progress set updated_at = {moving}")
    found = status(world)
    assert "load" not in [finding["hop"] for finding in found["findings"]]
    assert found["hops"][1]["behind"] == 2


def test_a_model_that_fails_is_named_with_the_build_that_shows_why(
    world: World, dbt: DbtProject
) -> None:
    world.send(encoded(order(1)))
    world.stg()
    dbt.build(world)
    world.execute(BROKEN)
    world.send(encoded(order(2)))
    world.stg()
    aged(world, "stg.order_events", "loaded_at", 10)
    aged(world, "stg.load_state", "updated_at", 10)
    try:
        dbt.build(world)
    except DbtFailed as error:
        assert "s_user_names" in str(error)  # noqa: PT017 (that it fails is not the point)
    assert fault(world) == ("dds", "dbt build --select s_user_names+")
    table = world.ingest("status", check=False).stdout
    assert "dds.s_user_names" in table
    world.execute("drop trigger broken on dds.s_user_names")
    run(world, "dbt build --select s_user_names+")
    assert status(world)["is_well"]


def test_an_open_transaction_of_the_source_is_named_with_its_partition(world: World) -> None:
    producer = world.begun()
    topic = world.settings.kafka_stg_src_topic
    producer.produce(topic, encoded(order(1)), partition=2)
    producer.flush(10)
    time.sleep(1.1)
    hop, command = fault(world)
    assert hop == "produce"
    assert command.endswith(f"describe-producers --topic {topic} --partition 2")
    producer.commit_transaction()
    assert fault(world)[0] == "load"


def test_dead_letters_are_counted_by_reason_and_stop_nobody(world: World) -> None:
    nobody = encoded(order(4, user={"id": "nobody"}))
    world.send(encoded(order(1)), b"{", nobody, encoded(order(5, user={"id": "\x1b[2J"})))
    world.stg(max_unknown_share=1.0)
    found = status(world, STALLED_AFTER_SECONDS="600")
    assert found["is_well"]
    assert found["verdict"].endswith("3 dead letters are open. Look: ingest dead-letters list")
    counts = {row["reason"]: row["dead_letters"] for row in found["dead_letters"]}
    assert counts == {"unknown_user": 2, "malformed_json": 1}


def test_one_dead_letter_is_one(world: World) -> None:
    world.send(b"{")
    world.stg()
    found = status(world, STALLED_AFTER_SECONDS="600")
    assert found["verdict"].endswith("; 1 dead letter is open. Look: ingest dead-letters list")


def test_a_narrow_terminal_shows_a_line_for_each_hop(world: World, dbt: DbtProject) -> None:
    world.send(encoded(order(1)))
    world.stg()
    dbt.build(world)
    assert any("stg.order_events" in line for line in on_a_terminal(world, 200))
    narrow = on_a_terminal(world, 80)
    hops = [hop["name"] for hop in status(world, STALLED_AFTER_SECONDS="600")["hops"]]
    assert [cells(line)[0] for line in narrow if "│" in line] == hops
    world.send(encoded(order(2)))
    world.stg()
    aged(world, "stg.order_events", "loaded_at", 3 * 86_400 + 7_200)
    narrow = on_a_terminal(world, 80)
    assert max(len(line) for line in narrow if "│" in line) <= 80
    shown = {cells(line)[0]: cells(line) for line in narrow if "│" in line}
    assert len(shown) == len([line for line in narrow if "│" in line])
    assert shown["dds"][3] == "3 d 2 h"
    assert shown["staging"][-1] == "3 models"


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("│")[1:-1]]


def on_a_terminal(world: World, columns: int) -> list[str]:
    """The lines of `ingest status` on a terminal so wide."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {**world.process_environment, "NO_COLOR": "1", "TERM": "xterm"}
    environment.pop("COLUMNS", None)
    with subprocess.Popen(
        [ROOT / ".venv/bin/ingest", "status"], cwd=ROOT, env=environment, stdout=theirs
    ):
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # what Linux answers once nobody has it open
            while read := os.read(ours, 65_536):
                shown += read
    os.close(ours)
    return shown.decode().splitlines()


def test_a_topic_made_anew_and_commits_that_are_lost_are_named_at_once(world: World) -> None:
    world.send(*orders(range(3)), b"{")
    world.stg()
    world.execute("update stg.publications set promised = 1")
    found = status(world, STALLED_AFTER_SECONDS="600")["findings"]
    assert [one["hop"] for one in found] == ["publish", "dead-letters"]
    shown = world.ingest("status", check=False).stdout.splitlines()
    assert [line.count("ingest recover") for line in shown[:3]] == [1, 1, 0]
    world.execute("update stg.publications set promised = 1000")
    topic = world.settings.kafka_stg_src_topic
    make_anew(world, topic)
    hop, command = fault(world, STALLED_AFTER_SECONDS="600")
    assert (hop, command) == ("load", f"ingest seek {topic} --to beginning")
    run(world, command)
    assert status(world, STALLED_AFTER_SECONDS="600")["is_well"]


def test_what_cannot_be_read_is_an_error_and_no_cell(world: World) -> None:
    world.execute("create role blind login")
    done = world.ingest("status", check=False, PG_WAREHOUSE_USER="blind")
    assert (done.returncode, done.stdout) == (1, "")
    assert "permission denied" in done.stderr
    assert "Grant the user its role" in done.stderr
    world.execute("drop role blind")
    done = world.ingest("status", check=False, KAFKA_DDS_DST_TOPIC="missing")
    assert done.returncode == 0  # no outbox yet
    done = world.ingest("status", check=False, KAFKA_STG_DST_TOPIC="missing")
    assert (done.returncode, done.stdout) == (1, "")
    assert "run `ingest init`" in done.stderr
    world.connection.close()
    new_database(world.environment, DATABASE)
    done = world.ingest("status", check=False)
    assert done.returncode == 2
    assert "Run `ingest init` first" in done.stderr


def test_watching_shows_it_again_until_it_is_interrupted(world: World) -> None:
    watching = subprocess.Popen(
        [ROOT / ".venv/bin/ingest", "status", "--watch", "0.5"],
        cwd=ROOT,
        env={**os.environ, **world.environment},
        stdout=subprocess.PIPE,
        text=True,
        # Whoever runs tests in the background may have it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        shown: list[str] = []
        assert watching.stdout is not None
        for line in watching.stdout:
            shown.append(line)
            if "".join(shown).count("all well") == 3:
                break
        watching.send_signal(signal.SIGINT)
        until(lambda: watching.poll() is not None, "its end", 20)
        assert watching.returncode == 0
    finally:
        watching.kill()
        watching.wait()
