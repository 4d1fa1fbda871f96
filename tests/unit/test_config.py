"""`ingest config`: where each value came from, and no secret."""

from pathlib import Path
from typing import Any

import pytest

from ingest.operate.config import rows, strangers
from ingest.settings import Settings


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, tuple[Any, str]]:
    monkeypatch.delenv("PYTHON_DOTENV_DISABLED")
    monkeypatch.setenv("SECRETS_FOLDER", str(tmp_path / "secrets"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "redis_password").write_text("geheim")
    (tmp_path / "secrets" / "kafka_host").write_text("from-secrets")
    (tmp_path / ".env").write_text("KAFKA_HOST=from-file\nKAFKA_PASSWORD=geheim\n")
    monkeypatch.setenv("BATCH_SIZE", "many")  # shown though it is wrong
    monkeypatch.setenv("REDIS_PORT", "")
    return {row["setting"]: (row["value"], row["from"]) for row in rows()}


def test_each_setting_has_its_value_and_origin(
    found: dict[str, tuple[Any, str]], tmp_path: Path
) -> None:
    assert list(found) == [name.upper() for name in Settings.model_fields]
    assert found["BATCH_SIZE"] == ("many", "environment")
    assert found["KAFKA_HOST"] == ("from-file", str(tmp_path / ".env"))
    assert found["REDIS_PORT"] == (6379, "default")
    assert found["CERTIFICATE_PATH"] == (None, "default")


def test_secrets_are_masked(found: dict[str, tuple[Any, str]], tmp_path: Path) -> None:
    assert found["REDIS_PASSWORD"] == ("********", str(tmp_path / "secrets"))
    assert found["KAFKA_PASSWORD"] == ("********", str(tmp_path / ".env"))
    assert found["PG_WAREHOUSE_PASSWORD"] == (None, "default")
    assert "geheim" not in str(found)


def test_what_is_misspelt_is_named(
    found: dict[str, tuple[Any, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert strangers() == []
    monkeypatch.setenv("KAFKA_PROT", "9092")
    monkeypatch.setenv("OTHERS_VARIABLE", "1")
    (tmp_path / ".env").write_text("PG_WAREHOUSE_HSOT=db\n")
    assert strangers() == ["KAFKA_PROT", "PG_WAREHOUSE_HSOT"]
