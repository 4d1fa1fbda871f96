"""`ingest support-bundle`: what is in it, and that no secret is."""

import io
import json
import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from ingest.settings import Settings
from sandbox.server import free_port
from tests.integration.test_metrics import serving
from tests.world import ROOT, World, encoded, order

SECRETS = [
    name.upper()
    for name, field in Settings.model_fields.items()
    if isinstance(field.default, SecretStr)
]


def bundle(world: World, folder: Path, **overrides: str) -> dict[str, str]:
    """The files of a bundle."""
    path = folder / "bundle.tar.gz"
    done = world.ingest("support-bundle", "--output", str(path), check=True, **overrides)
    assert path.stat().st_mode & 0o077 == 0
    with tarfile.open(path) as archive:
        files = {
            entry.name.removeprefix("bundle/"): read.read().decode()
            for entry in archive
            if (read := archive.extractfile(entry))
        }
    assert done.stdout.split() == [*files, str(path)]
    assert done.stderr == ""
    return files


def rows(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_it_has_what_whoever_helps_asks_for(world: World, tmp_path: Path) -> None:
    world.send(encoded(order(1)), b"{")
    with serving(world, "stg", LOG_FOLDER=str(tmp_path)) as stg:
        stg.until(1, "messages_total", outcome="stored")
        world.ingest("dds", "--once")
        files = bundle(world, tmp_path, LOG_FOLDER=str(tmp_path), HEALTH_PORT=str(stg.port))
    assert "dbt-core 1." in files["versions.txt"]
    assert "librdkafka 2." in files["versions.txt"]
    assert "PostgreSQL 18" in files["postgres.txt"]
    found, ours = files["ddl.txt"].splitlines()
    assert found.removeprefix("database ") == ours.removeprefix("this version ")
    assert len(rows(files["applied_ddl.jsonl"])) >= 4
    assert json.loads(files["status.json"])["dead_letters"][0]["reason"] == "malformed_json"
    assert "Postgres: prepared by `ingest init` of this version: ok\n" in files["check.txt"]
    settings = {row["setting"]: row["value"] for row in rows(files["config.jsonl"])}
    assert settings["KAFKA_STG_SRC_TOPIC"] == world.settings.kafka_stg_src_topic
    marks = {row["relation"]: row["loaded_to"] for row in rows(files["models.jsonl"])}
    assert marks["dds.h_order"] > 0
    assert "stg.order_events" in {row["relation"] for row in rows(files["sizes.jsonl"])}
    assert "stored=1" in files["logs/ingest-stg.log"]
    assert 'ordervault_messages_total{outcome="stored"} 1.0\n' in files["metrics.txt"]


FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "quoted": lambda secret: quote(secret, safe=""),
    "json": lambda secret: json.dumps(secret)[1:-1],
}


@pytest.mark.parametrize("form", FORMS)
def test_no_secret_is_in_it(world: World, tmp_path: Path, form: str) -> None:
    """Of every setting, from each place, in whatever way a log line holds it."""
    planted = {name: f'p"l@nt/ed é%{number}' for number, name in enumerate(SECRETS)}
    files = tmp_path / "secrets"
    files.mkdir()
    for name in SECRETS:  # those that lose to the environment are secrets too
        (files / name.lower()).write_text(f"{planted[name]}-file\n")
    written = FORMS[form]
    secrets = [*planted.values(), *(f"{value}-file" for value in planted.values())]
    lines = [f"2026-01-01 ERROR refused ({written(secret)})" for secret in secrets]
    lines += [
        "GET https://anna:un-known-1@host:8443/path",
        "postgresql://anna:un-known-2@db1/ordervault",
        'options {"sasl.password": "un-known-3 with blanks", "port": 9092}',
        "Authorization: Bearer un-known-4",
        "PGPASSWORD=un-known-5 psql",
        "-----BEGIN PRIVATE KEY-----\nun-known-6\n-----END PRIVATE KEY-----",
        "the last line",
    ]
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in ("ingest-stg.log", "ingest-stg.log.2026-01-01", "dbt.log"):
        (logs / name).write_text("\n".join(lines))
    found = bundle(
        world,
        tmp_path,
        **planted,
        LOG_FOLDER=str(logs),
        DBT_LOG_PATH=str(logs),
        SECRETS_FOLDER=str(files),
        KAFKA_OAUTH_TOKEN_URL="https://id:un-known-7@tokens.example/token",
        MAX_OUTAGE_SECONDS="1",
    )
    whole = "\n".join(found.values())
    for secret in secrets:
        for how in FORMS.values():
            assert how(secret) not in whole
    assert "un-known" not in whole
    assert "l@nt" not in whole
    assert found["logs/ingest-stg.log"].endswith("the last line\n")
    assert found["logs/dbt.log"].count("********") >= len(lines) - 1
    assert '"port": 9092' in found["logs/dbt.log"]


def test_it_is_made_while_servers_are_away_or_a_setting_is_wrong(
    world: World, tmp_path: Path
) -> None:
    ports = ("PG_WAREHOUSE_PORT", "KAFKA_PORT", "HEALTH_PORT")
    files = bundle(world, tmp_path, **{name: str(free_port()) for name in ports})
    assert files["status.json"].startswith("cannot be read: OutageError")
    assert "Connection refused" in files["models.jsonl"]
    assert "Postgres: connection" in files["check.txt"]
    assert files["metrics.txt"].startswith("cannot be read: URLError")
    (tmp_path / "bundle.tar.gz").unlink()
    files = bundle(world, tmp_path, BATCH_SIZE="many")
    assert files["status.json"].startswith("cannot be read: SettingsError: BATCH_SIZE")
    assert '"many"' in files["config.jsonl"]


def test_it_leaves_a_container_that_nothing_can_be_written_in(world: World) -> None:
    command = [str(ROOT / ".venv/bin/ingest"), "support-bundle", "--output", "-"]
    done = subprocess.run(
        command, cwd="/", env={**os.environ, **world.environment}, capture_output=True, check=True
    )
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    assert names == done.stderr.decode().split()
    assert "status.json" in names


def test_it_overwrites_nothing(world: World, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("kept")
    done = world.ingest("support-bundle", "--output", str(there), check=False)
    assert (done.returncode, there.read_text()) == (1, "kept")
    assert f"{there}: File exists" in done.stderr
