"""The command line without servers: help, and errors that say what to do."""

import os
import re
import subprocess

import pytest

from ingest.settings import Settings
from tests.world import ROOT, encoded, order


def ingest(
    *arguments: str, given: bytes = b"", **variables: str
) -> subprocess.CompletedProcess[bytes]:
    ours = {name.upper() for name in Settings.model_fields}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(
        [str(ROOT / ".venv/bin/ingest"), *arguments],
        input=given,
        env=environment | variables,
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_help_names_every_command() -> None:
    shown = ingest("--help").stdout.decode()
    commands = (
        "init stg dds cdm emit seek status report support-bundle check config check-message repair"
        " recover dead-letters"
    )
    for command in commands.split():
        assert f"\n  {command} " in shown
    assert "..." not in shown.split("Commands:")[1]
    assert ingest("-h").stdout.decode() == shown


def test_help_waits_for_nothing_that_it_does_not_need() -> None:
    """Each of these takes a good part of a second to import."""
    heavy = ("pydantic", "confluent_kafka", "redis", "dbt", "rich.console", "prometheus_client")
    code = f"import sys, ingest.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [str(ROOT / ".venv/bin/python"), "-c", code], cwd=ROOT, capture_output=True, check=True
    )
    assert done.stdout == b"[]\n"


def test_the_version_is_that_of_all_parts() -> None:
    shown = ingest("--version").stdout.decode()
    for part in ("ordervault", "dbt-core", "dbt-postgres", "confluent-kafka", "librdkafka"):
        assert re.search(rf"^{part} \d+\.\d+", shown, re.MULTILINE), part


@pytest.mark.parametrize("flags", [(), ("--debug",)])
def test_a_wrong_setting_is_one_sentence_and_its_own_exit_code(flags: tuple[str, ...]) -> None:
    done = ingest(*flags, "stg", "--once", BATCH_SIZE="many")
    assert done.returncode == 2
    said = done.stderr.decode().strip()
    assert "BATCH_SIZE" in said.splitlines()[-1]
    assert ("Traceback" in said) == bool(flags)


def test_an_unknown_command_or_option_is_explained() -> None:
    for arguments in (("strg",), ("stg", "--twice")):
        done = ingest(*arguments)
        assert done.returncode == 2
        assert b"Traceback" not in done.stderr


def test_check_message_says_what_is_wrong_with_each_line() -> None:
    good = encoded(order())
    bad = good.replace(b'"quantity": 1', b'"quantity": 0')
    done = ingest("check-message", "-", given=b"\n".join((good, bad, b"{")))
    first, second, *rest = done.stdout.decode().splitlines()
    assert done.returncode == 1
    assert first.startswith("1: ok")
    assert second.startswith("2: bad_quantity: $.payload.order_items[0].quantity")
    assert any(line.startswith("3: malformed_json") for line in rest)
    assert ingest("check-message", "-", given=good).returncode == 0


def test_check_message_says_one_thing_of_each_line_whatever_is_in_it() -> None:
    forged = encoded({"object_type": "courier\n2: ok (event 1)\x1b[2J"})
    unknown = encoded(order(statuses=[{"status": "\x9b2J\n3: ok", "dttm": "2024-03-01 12:00:00"}]))
    done = ingest("check-message", "-", given=b"\n".join((forged, unknown)))
    lines = done.stdout.decode().splitlines()
    assert [line[:2] for line in lines] == ["1:", "2:", "  "]
    assert all(line.isprintable() for line in lines)
    assert lines[0] == r"1: skipped: object_type courier\n2: ok (event 1)\u001b[2J"
