"""A word for everything that there is: in `dbt docs`, docs/reference/topics.md and tables.md."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from dbt.artifacts.resources.types import NodeType
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import GenericTestNode, ManifestNode

from ingest.kafka.client import headers_of
from ingest.kafka.message import Received
from ingest.settings import Settings
from tests.dbt_project import DbtProject
from tests.world import CLOSED, RESTAURANT, ROOT, USER, World, encoded, order

PAGE = ROOT / "target" / "docs" / "static_index.html"
LAYERS = ("staging", "hubs", "links", "snapshots", "bridges", "outbox", "cdm", "marts")
DESCRIBED = (NodeType.Model, NodeType.Snapshot, NodeType.Seed, NodeType.Source)
PAGES = ROOT / "docs" / "reference"
SCHEMAS = ("stg", "staging", "dds", "cdm", "marts")
WIDTH = 150
# What differs from run to run, as the page has it.
MADE_UP = {
    "loaded_at": "2024-03-01 13:00:02.345678",
    "created_at": "2024-03-01 13:00:05.678901",
    "outbox_id": "0c4f3a5e-6a0e-4d43-9c8b-0f5f2f6d7a11",
    "table": "9d2b6f0e-31c5-4f0b-8a57-5f1f0f6b2c34",
    "topic_id": "p7vTqGkRQXGwLgrq5z0bSg",
    "__connect.errors.topic.id": "p7vTqGkRQXGwLgrq5z0bSg",
    "__connect.errors.timestamp": "2024-03-01 13:00:01.234",
    "__connect.errors.first_seen_at": "2024-03-01 13:00:02.345678",
}
# The tables and views of a schema, and the columns of each unique index; of the primary key first.
SELECT_RELATIONS = """
select
    relname as name,
    obj_description(oid, 'pg_class') as comment,
    array(
        select (
            select string_agg(format('`%%s`', attname), ', ' order by place)
            from unnest(indkey) with ordinality as part (number, place)
            inner join pg_attribute on attrelid = indrelid and attnum = number
        )
        from pg_index
        where indrelid = pg_class.oid and indisunique
        order by not indisprimary, indexrelid
    ) as keys
from pg_class
where relkind in ('r', 'v', 'm') and relnamespace = %s::regnamespace
order by relname collate "C"
"""
# That one is older than ddl/, where comments are made.
UNCOMMENTED = {"applied_ddl": "The files of `ddl/` that were applied"}


@pytest.fixture(scope="module")
def filled(servers: dict[str, str], dbt: DbtProject) -> Iterator[World]:
    """A closed order and half a message, gone as far as they go."""
    world = World(servers)
    world.know(USER, RESTAURANT)
    steps = [{"status": "OPEN", "dttm": "2024-03-01 12:00:00"}, *CLOSED]
    changes = {"statuses": steps, "final_status": "CLOSED", "update_ts": "2024-03-01 13:00:00"}
    good = encoded({**order(322519, **changes), "sent_dttm": "2024-03-01 13:00:01"})
    world.send(good, b'{"object_id": 322520, "object_type": "ord', key=b"322519", partition=0)
    world.stg()
    dbt.build(world)
    world.emit()
    yield world
    world.close()


def test_every_table_and_column_is_described(filled: World, dbt: DbtProject) -> None:
    manifest = dbt.parsed(filled)
    described = [
        node
        for node in (*manifest.nodes.values(), *manifest.sources.values())
        if node.resource_type in DESCRIBED
    ]
    missing = [node.name for node in described if not node.description]
    columns = 0
    for node in described:
        known = {name for name, column in node.columns.items() if column.description}
        there = filled.rows(
            "select column_name from information_schema.columns"
            " where table_schema = %s and table_name = %s",
            node.schema,
            node.identifier,
        )
        columns += len(there)
        named = {row["column_name"] for row in there} or set(node.columns)
        missing += [f"{node.name}.{column}" for column in named - known]
        missing += [f"{node.name}.{column}, which is not there" for column in known - named]
    assert not missing
    assert columns > 150
    satellites = [node.name for node in described if node.resource_type == NodeType.Snapshot]
    assert len(satellites) == 10


def test_every_macro_and_argument_is_described(filled: World, dbt: DbtProject) -> None:
    """By its own name: dbt only warns of another one."""
    macros = [m for m in dbt.parsed(filled).macros.values() if m.package_name == "ordervault"]
    missing = [macro.name for macro in macros if not macro.description]
    for macro in macros:
        signature = re.search(r"macro\s+\w+\((.*?)\)", macro.macro_sql, re.DOTALL)
        names = re.findall(r"(\w+)(?:=[^,]+)?(?:, |$)", signature[1]) if signature else []
        described = [argument.name for argument in macro.arguments if argument.description]
        if names != described:
            missing.append(f"{macro.name}{tuple(names)}: {described}")
    assert not missing
    assert len(macros) > 60


def test_make_docs_makes_one_file_of_all_that_is_described() -> None:
    """Without a warehouse: none answers at this port."""
    PAGE.unlink(missing_ok=True)
    done = subprocess.run(
        ["make", "docs"],
        cwd=ROOT,
        env={**os.environ, "PG_WAREHOUSE_PORT": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    page = PAGE.read_text()
    assert "The vault of orders" in page
    assert "One row per order and time span" in page
    manifest = json.loads((PAGE.parent / "manifest.json").read_text())
    colours = {layer: set[str]() for layer in LAYERS}
    tables = [n for n in manifest["nodes"].values() if n["resource_type"] in ("model", "snapshot")]
    for node in tables:
        for layer in set(re.split("/", node["original_file_path"])) & set(LAYERS):
            colours[layer].add(node["docs"]["node_color"])
    assert all(len(found) == 1 and None not in found for found in colours.values()), colours
    assert len(set.union(*colours.values())) == 6
    assert manifest["nodes"]["model.ordervault.h_order"]["columns"]["order_id"]["type"] == "bigint"
    tests = [n for n in manifest["nodes"].values() if n["resource_type"] == "test"]
    assert all("test_metadata" in test for test in tests), "the lineage shows those"
    macros = [m for id, m in manifest["macros"].items() if id.startswith("macro.ordervault.test_")]
    assert not any(macro["docs"]["show"] for macro in macros)
    assert tests
    assert macros


def message(record: Received, world: World) -> str:
    """A message as the page shows it."""
    lines = [f"key: {(record.key() or b'').decode()}"]
    for name, value in headers_of(record):
        lines.append(f"{name}: {MADE_UP.get(name, (value or b'').decode())}")
    lines += ["", *_lines((record.value() or b"").decode())]
    text, ours = "\n".join(lines), world.settings
    for name, field in Settings.model_fields.items():
        if name.endswith("_topic"):
            text = text.replace(getattr(ours, name), field.default)
    return f"```\n{text}\n```\n"


def _lines(value: str) -> list[str]:
    """JSON in lines that a screen holds."""
    for name, made_up in MADE_UP.items():
        value = re.sub(rf'("{name}": ?)"[^"]*"', rf'\1"{made_up}"', value)
    lines = [""]
    for part in re.split(r'(?<=,) (?=["{])', value):
        whole = f"{lines[-1]} {part}".lstrip()
        lines[-1:] = [whole] if len(whole) <= WIDTH else [lines[-1], part]
    return lines


def test_the_page_of_topics_shows_a_message_of_each(filled: World) -> None:
    page, settings = (PAGES / "topics.md").read_text(), filled.settings
    published = (
        settings.kafka_stg_dst_topic,
        settings.dead_letter_topic,
        settings.kafka_dds_dst_topic,
    )
    for topic in (settings.kafka_stg_src_topic, *published, f"{published[0]}.progress"):
        shown = message(filled.topic(topic)[0], filled)
        assert shown in page, f"docs/reference/topics.md must show:\n{shown}"


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_page_of_tables_has_every_table(filled: World, dbt: DbtProject, schema: str) -> None:
    page, manifest = (PAGES / "tables.md").read_text(), dbt.parsed(filled)
    page = re.split(r"^## ", page.split(f"\n## {schema}\n")[1], flags=re.MULTILINE)[0]
    relations = filled.rows(SELECT_RELATIONS, schema)
    rows = [
        f"| `{found['name']}` | {_is_a_row(found, manifest)} | {_keys(found, manifest)} |"
        for found in relations
    ]
    if schema == "stg":  # behind a table of it stands who writes it
        page = re.sub(r"^(\| `.*\|) .+ \|$", r"\1", page, flags=re.MULTILINE)
    assert rows
    written = re.findall(r"^\| `.*\|$", page, re.MULTILINE)
    table = "\n".join(rows)
    assert written == rows, f"docs/reference/tables.md must hold these rows:\n{table}"


def _is_a_row(relation: dict[str, Any], manifest: Manifest) -> str:
    """The first sentence of dbt's description; of the catalogue's comment where dbt has none."""
    described = [node.description for node in _nodes(relation, manifest)]
    texts = [*described, relation["comment"], UNCOMMENTED.get(relation["name"])]
    sentence = next(text for text in texts if text).split(". ")[0].rstrip(".")
    return re.sub(r"^.*: one row", "One row", sentence)  # its name says which layer it is of


def _keys(relation: dict[str, Any], manifest: Manifest) -> str:
    """Of what has no index what the tests say that is unique."""
    tested = [
        ", ".join(f"`{name}`" for name in kwargs.get("columns") or [kwargs["column_name"]])
        for node in _nodes(relation, manifest)
        for test in manifest.nodes.values()
        if isinstance(test, GenericTestNode)
        and test.attached_node == node.unique_id
        and test.test_metadata.name in ("unique", "is_unique")
        for kwargs in [test.test_metadata.kwargs]
    ]
    return "; ".join(relation["keys"] or sorted(tested))


def _nodes(relation: dict[str, Any], manifest: Manifest) -> list[ManifestNode]:
    """What of dbt makes the relation."""
    made = (NodeType.Model, NodeType.Snapshot, NodeType.Seed)
    nodes = manifest.nodes.values()
    return [n for n in nodes if n.resource_type in made and n.name == relation["name"]]
