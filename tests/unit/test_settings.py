"""Settings: where they come from, what they guard, and what a wrong one says."""

from pathlib import Path

import pytest

from ingest.errors import SettingsError
from ingest.settings import Settings, read_settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("SECRETS_FOLDER", str(tmp_path / "secrets"))
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_everything_is_on_loopback_and_plain() -> None:
    settings = read_settings()
    assert settings.bootstrap_servers == "127.0.0.1:9092"
    assert not settings.redis_uses_tls
    assert settings.postgres_sslmode == "prefer"


def test_the_environment_wins_over_the_file_and_the_file_over_the_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secrets").mkdir()
    for name in ("redis_host", "kafka_host", "pg_warehouse_host"):
        (tmp_path / "secrets" / name).write_text("localhost")
    (tmp_path / ".env").write_text("KAFKA_HOST=127.0.0.1\nPG_WAREHOUSE_HOST=127.0.0.1\n")
    monkeypatch.setenv("PG_WAREHOUSE_HOST", "::1")
    settings = read_settings()
    assert settings.redis_host == "localhost"
    assert settings.kafka_host == "127.0.0.1"
    assert settings.pg_warehouse_host == "::1"


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCH_SIZE", "")
    assert read_settings().batch_size == 1000


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"KAFKA_PORT": "kafka"}, "KAFKA_PORT: Input should be a valid integer"),
        ({"KAFKA_PORT": "70000"}, "(it is '70000')"),
        ({"BATCH_SIZE": "0"}, "BATCH_SIZE: "),
        ({"DEFAULT_JOB_INTERVAL": "-1"}, "DEFAULT_JOB_INTERVAL: "),
        ({"PG_WAREHOUSE_SSLMODE": "yes"}, "'verify-full'"),
        ({"KAFKA_USERNAME": "anna"}, "KAFKA_USERNAME is set, KAFKA_PASSWORD is not"),
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "that goes with KAFKA_USERNAME"),
        ({"CERTIFICATE_PATH": "ca.pem"}, "there is no file ca.pem"),
        ({"KAFKA_HOST": "kafka.example"}, "KAFKA_SECURITY_PROTOCOL=PLAINTEXT if"),
        ({"KAFKA_HOST": "127.0.0.1,10.0.0.2"}, "KAFKA_SECURITY_PROTOCOL=PLAINTEXT if"),
    ],
)
def test_a_wrong_setting_is_named(
    variables: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert said in str(caught.value)
    assert caught.value.exit_code == 2


def test_every_wrong_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_PORT", "0")
    monkeypatch.setenv("REDIS_PORT", "0")
    with pytest.raises(SettingsError, match=r"KAFKA_PORT.*; REDIS_PORT"):
        read_settings()


def test_passwords_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_PASSWORD", "geheim")
    monkeypatch.setenv("REDIS_PASSWORD", "geheim")
    monkeypatch.setenv("PG_WAREHOUSE_PASSWORD", "geheim")
    settings = read_settings()
    assert "geheim" not in f"{settings!r} {settings}"
    assert settings.environment()["PG_WAREHOUSE_PASSWORD"] == "geheim"


def test_other_hosts_are_reached_over_tls_unless_asked_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REDIS_HOST", "redis.example")
    monkeypatch.setenv("PG_WAREHOUSE_HOST", "postgres.example")
    settings = read_settings()
    assert settings.redis_uses_tls
    assert settings.postgres_sslmode == "verify-full"
    monkeypatch.setenv("REDIS_TLS", "false")
    monkeypatch.setenv("PG_WAREHOUSE_SSLMODE", "disable")
    settings = read_settings()
    assert not settings.redis_uses_tls
    assert settings.postgres_sslmode == "disable"


def test_several_brokers_share_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_HOST", "localhost, 127.0.0.1,127.0.0.2")
    servers = "localhost:9092,127.0.0.1:9092,127.0.0.2:9092"
    assert read_settings().bootstrap_servers == servers
