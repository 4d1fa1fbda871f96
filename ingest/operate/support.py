"""`ingest support-bundle`: one archive with what whoever helps has to know, and no secret.

Each file is made by itself: where a server is away, or a setting wrong, the file says so.
"""

import io
import json
import os
import platform
import re
import tarfile
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import distributions
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, quote_plus

import confluent_kafka
from pydantic import SecretStr

from ingest.ddl_version import SELECT_VERSION, ddl_version
from ingest.hosts import bracketed
from ingest.operate import config
from ingest.postgres import Postgres
from ingest.project import project_folder
from ingest.settings import Settings, read_settings

# Of each log, in bytes: its end.
TAIL = 500_000
# For the metrics of a service on this host, in seconds.
METRICS_TIMEOUT = 5
SERVICES = ("stg", "dds", "cdm", "emit")
SELECT_POSTGRES = "select version()"
SELECT_DDL = "select file_name, sha256, applied_at from stg.applied_ddl order by file_name"
SELECT_MODELS = "select * from stg.load_state order by relation"
SELECT_PARTITIONS = "select * from stg.source_progress order by kafka_topic, kafka_partition"
SELECT_PUBLICATIONS = "select * from stg.publications order by topic"
SELECT_SIZES = """
select
    schemaname || '.' || relname as relation,
    pg_total_relation_size(relid) as bytes,
    n_live_tup as live_rows,
    n_dead_tup as dead_rows,
    greatest(last_vacuum, last_autovacuum) as last_vacuum
from pg_stat_user_tables
order by bytes desc
"""
# What looks like a secret, though no setting of ours holds it.
LOOKS_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<=://)(?P<user>[^\s/:@]*):[^\s/@]+(?=@)"
    r"|(?i:(?P<name>password|passwd|secret|token|authorization)(?P<sign>\"?\s*[=:]\s*))"
    r"(\"[^\"]*\"|'[^']*'|(?i:bearer |basic )?[^\s,;]+)",
    re.DOTALL,
)


def write(file: IO[bytes], name: str) -> Iterator[str]:
    """Write the archive, all of it in the folder `name`; yields the name of each file in it."""
    hide = masks()
    with tarfile.open(fileobj=file, mode="w|gz") as archive:
        for entry_name, content in _files():
            data = hide(content).encode()
            entry = tarfile.TarInfo(f"{name}/{entry_name}")
            entry.size, entry.mtime = len(data), int(datetime.now(UTC).timestamp())
            archive.addfile(entry, io.BytesIO(data))
            yield entry_name


def masks() -> Callable[[str], str]:
    """A function that puts asterisks in the place of every secret, however it is written."""
    secrets = {os.environ.get("PGPASSWORD", "")}
    for values in config.values_by_place().values():
        for name, field in Settings.model_fields.items():
            if isinstance(field.default, SecretStr) and values.get(name):
                value = values[name]
                plain = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
                secrets |= {plain, plain.strip()}
    written = {
        form
        for secret in secrets - {""}
        for form in (
            *(secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]),
            *(json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]),
        )
    }
    any_of = "|".join(map(re.escape, sorted(written, key=len, reverse=True))) or r"(?!)"

    def hide(text: str) -> str:
        return LOOKS_SECRET.sub(_masked, re.sub(any_of, config.MASKED, text))

    return hide


def _masked(match: re.Match[str]) -> str:
    if match["name"]:
        return f"{match['name']}{match['sign']}{config.MASKED}"
    return f"{match['user'] or ''}:{config.MASKED}" if match["user"] is not None else config.MASKED


def _files() -> Iterator[tuple[str, str]]:
    yield "versions.txt", _told(_versions)
    yield "config.jsonl", _told(lambda: _lines(config.rows()))
    asked: dict[str, Callable[[Settings], str]] = {
        "status.json": _status,
        "check.txt": _check,
        "postgres.txt": lambda settings: str(_ask(settings, SELECT_POSTGRES)),
        "ddl.txt": _ddl,
        "applied_ddl.jsonl": lambda settings: _lines(_ask(settings, SELECT_DDL)),
        "models.jsonl": lambda settings: _lines(_ask(settings, SELECT_MODELS)),
        "partitions.jsonl": lambda settings: _lines(_ask(settings, SELECT_PARTITIONS)),
        "publications.jsonl": lambda settings: _lines(_ask(settings, SELECT_PUBLICATIONS)),
        "sizes.jsonl": lambda settings: _lines(_ask(settings, SELECT_SIZES)),
        "metrics.txt": _metrics,
    }
    for name, ask in asked.items():
        yield name, _told(partial(_asked, ask))
    for name, file in _logs():
        yield f"logs/{name}", _told(partial(_end, file))


def _asked(ask: Callable[[Settings], str]) -> str:
    return ask(read_settings())


def _told(make: Callable[[], str]) -> str:
    """What it makes, or why it cannot."""
    try:
        return make().rstrip("\n") + "\n"
    except Exception as error:  # whatever it is, the other files are wanted
        return f"cannot be read: {type(error).__name__}: {error}\n"


def _versions() -> str:
    packages = sorted({f"{found.name} {found.version}" for found in distributions()})
    ours = [f"Python {platform.python_version()}", f"librdkafka {confluent_kafka.libversion()[0]}"]
    return "\n".join([platform.platform(), *ours, f"ddl {ddl_version()}", "", *packages])


def _status(settings: Settings) -> str:
    from ingest.operate.status import look

    return json.dumps(look(settings).plain(), default=str, indent=1, ensure_ascii=False)


def _check(settings: Settings) -> str:
    from ingest.operate.check import findings

    return "\n".join(f"{found.what}: {found.answer}" for found in findings(settings, SERVICES))


def _ddl(settings: Settings) -> str:
    ((found,),) = (row.values() for row in _ask(settings, SELECT_VERSION))
    return f"database {found}\nthis version {ddl_version()}"


def _ask(settings: Settings, statement: str) -> list[dict[str, Any]]:
    with Postgres(settings, "ingest support-bundle", prepared=False) as postgres:
        return postgres.rows(statement)


def _metrics(settings: Settings) -> str:
    if not settings.health_port:
        return "HEALTH_PORT is 0: nothing is served"
    url = f"http://{bracketed(settings.health_host)}:{settings.health_port}/metrics"
    with urllib.request.urlopen(url, timeout=METRICS_TIMEOUT) as answer:
        return str(answer.read().decode())


def _logs() -> Iterator[tuple[str, Path]]:
    """Those in LOG_FOLDER, and dbt's."""
    if folder := os.environ.get("LOG_FOLDER", ""):
        yield from ((file.name, file) for file in sorted(Path(folder).glob("ingest-*.log*")))
    folder = os.environ.get("DBT_LOG_PATH") or str(project_folder() / "logs")
    yield from ((file.name, file) for file in sorted(Path(folder).glob("dbt.log*")))


def _end(file: Path) -> str:
    with file.open("rb") as log:
        log.seek(max(0, file.stat().st_size - TAIL))
        return log.read().decode(errors="backslashreplace")


def _lines(rows: Any) -> str:
    return "\n".join(json.dumps(row, default=str, ensure_ascii=False) for row in rows)
