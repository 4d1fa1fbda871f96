"""What the documents say is what the code does."""

import json
import re
from typing import Any

from ingest.orders.message import json_schema
from ingest.reasons import Reason
from ingest.settings import Settings
from tests.world import ROOT

DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "tests" / "README.md"]


def settings_table() -> str:
    """The rows of docs/settings.md."""
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
    written = (ROOT / "docs" / "settings.md").read_text()
    assert rows in written, f"docs/settings.md must hold these rows:\n{rows}"


def test_every_reason_is_described_as_it_is() -> None:
    rows = "\n".join(f"| `{r.value}` | {r.meaning} | {r.mend} |" for r in Reason)
    written = (ROOT / "docs" / "dead-letters.md").read_text()
    assert written.endswith(f"\n{rows}\n"), f"docs/dead-letters.md must hold these rows:\n{rows}"


def test_the_schema_in_the_docs_is_that_of_the_code() -> None:
    schema = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    path = ROOT / "docs" / "message.schema.json"
    assert path.read_text() == schema, f"{path.name} must be:\n{schema}"


def test_every_link_leads_somewhere() -> None:
    for document in DOCUMENTS:
        for target in re.findall(r"\]\((?!https:)([^)#]+)[^)]*\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in DOCUMENTS:
        named = set(re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", document.read_text(), re.M))
        missing = {name for pair in named for name in pair if name} - targets
        assert not missing, f"{document.name}: {missing}"
