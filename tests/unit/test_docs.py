"""What the documents say is what the code does."""

import json
import re
from pathlib import Path
from typing import Any

from ingest.kafka.rights import COMMANDS, READ, TOPIC, WRITE, rights
from ingest.operate.init import topics
from ingest.orders.message import json_schema
from ingest.reasons import Reason
from ingest.settings import Settings
from tests import commands
from tests.world import ROOT

DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "tests" / "README.md"]


def settings_table() -> str:
    """The rows of docs/reference/settings.md."""
    return "\n".join(
        f"| `{name.upper()}` | {_default(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    )


def _default(field: Any) -> str:
    value = field.default
    if field.default_factory or value is None or not str(value) or "Secret" in str(field):
        return ""
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def test_every_setting_is_described_as_it_is() -> None:
    rows = settings_table()
    assert "| None |" not in rows, "a setting without a description"
    written = (ROOT / "docs" / "reference" / "settings.md").read_text()
    assert rows in written, f"docs/reference/settings.md must hold these rows:\n{rows}"


def rights_table() -> str:
    """The rows of docs/reference/rights.md; equal rights share one, four resources at most."""
    rows = []
    for command in COMMANDS:
        if command == "recover":
            rows.append("| `ingest recover`, `ingest seek` | what `ingest stg` and `emit` need | |")
        if command in ("recover", "seek"):
            continue
        together: dict[tuple[str, str], list[str]] = {}
        for right in rights(Settings(), command):
            kind = f"{right.kind} " if right.kind.startswith("trans") else right.kind
            together.setdefault((", ".join(right.operations), kind), []).append(f"`{right.name}`")
        for (operations, kind), all_names in together.items():
            for names in (all_names[i : i + 4] for i in range(0, len(all_names), 4)):
                plural = "" if kind[-1] == " " else "s " if names[1:] else " "
                rows.append(
                    f"| `ingest {command}` | {operations} | {kind}{plural}{', '.join(names)} |"
                )
    return "\n".join(rows)


def test_every_right_is_described_as_it_is() -> None:
    rows = rights_table()
    written = (ROOT / "docs" / "reference" / "rights.md").read_text()
    assert rows in written, f"docs/reference/rights.md must hold these rows:\n{rows}"


def topics_tables() -> list[str]:
    """The rows of docs/reference/topics.md: whose each topic is, and what is asked of it."""
    settings = Settings()
    whose, asked = [], []
    for topic in topics(settings):
        rights_in_it = {
            command: right.operations
            for command in ("stg", "dds", "emit", "cdm", "status")
            for right in rights(settings, command)
            if (right.kind, right.name) == (TOPIC, topic.name)
        }
        written = [f"`{name}`" for name, may in rights_in_it.items() if WRITE in may]
        read = [f"`{n}`" for n, may in rights_in_it.items() if READ in may and WRITE not in may]
        cells = [f"`{topic.name}`", _named_by(topic.name), ", ".join(written), ", ".join(read)]
        whose.append(f"| {' | '.join(cells)} |")
        wanted = [topic.config.get(name, "") for name in TOPIC_CONFIG]
        asked.append(f"| `{topic.name}` | {topic.partitions} | {' | '.join(wanted)} |")
    return ["\n".join(whose), "\n".join(asked)]


TOPIC_CONFIG = ("cleanup.policy", "retention.ms", "max.message.bytes")


def _named_by(topic: str) -> str:
    """The settings that name a topic; of one whose name comes from another's, that one's."""
    suffix = "".join(end for end in (".dlq", ".progress") if end in topic)
    names = [
        f"`{name.upper()}`"
        for name, field in Settings.model_fields.items()
        if field.default == topic.removesuffix(suffix)
    ]
    return f"{names[0]} + `{suffix}`" if suffix else ", ".join(names)


def test_every_topic_is_described_as_it_is() -> None:
    written = (ROOT / "docs" / "reference" / "topics.md").read_text()
    for rows in topics_tables():
        assert rows in written, f"docs/reference/topics.md must hold these rows:\n{rows}"


def test_every_command_is_described_as_its_help_says() -> None:
    """`python -m tests.commands` writes the page."""
    assert commands.PAGE.read_text() == commands.page()


def test_every_reason_is_described_as_it_is() -> None:
    rows = "\n".join(f"| `{r.value}` | {r.meaning} | {r.mend} |" for r in Reason)
    written = (ROOT / "docs" / "reference" / "dead-letter-reasons.md").read_text()
    assert written.endswith(f"\n{rows}\n"), f"dead-letter-reasons.md must hold these rows:\n{rows}"


def test_the_schema_in_the_docs_is_that_of_the_code() -> None:
    schema = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    path = ROOT / "docs" / "reference" / "message.schema.json"
    assert path.read_text() == schema, f"{path.name} must be:\n{schema}"


def anchors(document: Path) -> set[str]:
    """Those of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_leads_somewhere() -> None:
    for document in DOCUMENTS:
        text = document.read_text()
        links = re.findall(r"\]\((?!https:)([^)#]*)#?([^)]*)\)", text)
        links += re.findall(r"^\[[^\]]+\]: (?!https:)([^#\s]+)#?(\S*)", text, re.MULTILINE)
        for target, anchor in links:
            path = document.parent / target if target else document
            assert path.exists(), f"{document.name}: {target}"
            if anchor:
                assert anchor in anchors(path), f"{document.name}: {target}#{anchor}"


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in DOCUMENTS:
        named = set(re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", document.read_text(), re.M))
        missing = {name for pair in named for name in pair if name} - targets
        assert not missing, f"{document.name}: {missing}"


def test_the_map_of_the_docs_names_every_page() -> None:
    docs = ROOT / "docs"
    text = (docs / "README.md").read_text()
    decisions = docs / "explanation" / "decisions"
    pages = {str(p.relative_to(docs)) for p in docs.rglob("*.md") if decisions not in p.parents}
    missing = pages - set(re.findall(r"\]\(([^)]+)\)", text)) - {"README.md"}
    assert not missing, f"docs/README.md does not name {missing}"
    listed = set(re.findall(r"\]\(([^)]+)\)", (decisions / "README.md").read_text()))
    assert listed == {p.name for p in decisions.glob("0*.md")}


def test_every_decision_says_why_what_and_what_follows() -> None:
    for page in (ROOT / "docs" / "explanation" / "decisions").glob("0*.md"):
        headings = re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], page.name


def test_the_map_of_the_house_names_every_room() -> None:
    """Folders, and the modules of `ingest`."""
    named = set(re.findall(r"`([^`\n]+)`", (ROOT / "CONTRIBUTING.md").read_text()))
    rooms = {path.stem for path in (ROOT / "ingest").glob("[a-z]*.py")}
    for house, name in ((ROOT, "{}/"), (ROOT / "ingest", "{}/"), (ROOT / "tests", "tests/{}")):
        folders = [path.name for path in house.glob("[a-z]*") if path.is_dir()]
        rooms |= {name.format(folder) for folder in folders}
    missing = rooms - named - {"ingest/", "target/", "logs/", "dist/", "tests/data"}
    assert not missing, f"CONTRIBUTING.md does not name {missing}"
