"""Settings: where they come from, what they guard, and what a wrong one says."""

import os
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from dbt.config.runtime import load_profile
from dbt.flags import set_from_args
from dbt_common.context import set_invocation_context

from ingest.errors import SettingsError
from ingest.settings import Settings, read_settings
from tests.world import ROOT


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("PYTHON_DOTENV_DISABLED")
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


def test_without_dotenv_no_file_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither by `ingest` nor by dbt, whose library knows the variable."""
    (tmp_path / ".env").write_text("KAFKA_HOST=elsewhere\n")
    monkeypatch.setenv("PYTHON_DOTENV_DISABLED", "1")
    assert read_settings().kafka_host == "127.0.0.1"


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCH_SIZE", "")
    assert read_settings().batch_size == 10_000


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"KAFKA_PORT": "kafka"}, "KAFKA_PORT: Input should be a valid integer"),
        ({"KAFKA_PORT": "70000"}, "(it is '70000')"),
        ({"BATCH_SIZE": "0"}, "BATCH_SIZE: "),
        ({"DEFAULT_JOB_INTERVAL": "-1"}, "DEFAULT_JOB_INTERVAL: "),
        ({"PG_WAREHOUSE_SSLMODE": "yes"}, "'verify-full'"),
        ({"KAFKA_SESSION_TIMEOUT_MS": "300001"}, "less than or equal to 300000"),
        ({"KAFKA_USERNAME": "anna"}, "KAFKA_USERNAME is set, KAFKA_PASSWORD is not"),
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "that goes with KAFKA_USERNAME"),
        ({"CERTIFICATE_PATH": "ca.pem"}, "there is no file ca.pem"),
        ({"KAFKA_CERTIFICATE_PATH": "our.pem"}, "and KAFKA_KEY_PATH go together"),
        (
            {"KAFKA_CERTIFICATE_PATH": "our.pem", "KAFKA_KEY_PATH": "key.pem"},
            "KAFKA_CERTIFICATE_PATH: there is no file our.pem",
        ),
        ({"KAFKA_SASL_MECHANISM": "OAUTHBEARER"}, "KAFKA_OAUTH_TOKEN_URL go together"),
        ({"KAFKA_SASL_MECHANISM": "GSSAPI"}, "'PLAIN' or 'OAUTHBEARER'"),
        ({"REDIS_USERNAME": "anna"}, "REDIS_USERNAME is set, REDIS_PASSWORD is not"),
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
    monkeypatch.setenv("KAFKA_KEY_PASSWORD", "geheim")
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


def test_an_address_of_ipv6_is_put_into_brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_HOST", "::1, 127.0.0.1,[::1]")
    assert read_settings().bootstrap_servers == "[::1]:9092,127.0.0.1:9092,[::1]:9092"


def test_hosts_are_local_only_if_all_of_them_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_WAREHOUSE_HOST", "localhost,127.0.0.1")
    assert read_settings().postgres_sslmode == "prefer"
    monkeypatch.setenv("PG_WAREHOUSE_HOST", "localhost,db.example")
    assert read_settings().postgres_sslmode == "verify-full"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"PG_WAREHOUSE_HOST": "", "PG_WAREHOUSE_PORT": "", "PG_WAREHOUSE_USER": ""},
        {"PG_WAREHOUSE_HOST": "db.example", "PG_WAREHOUSE_SSLMODE": "", "PG_WAREHOUSE_DBNAME": ""},
        {"PG_WAREHOUSE_HOST": "db.example", "PG_WAREHOUSE_SSLMODE": "require"},
        {"PG_WAREHOUSE_HOST": "localhost, 127.0.0.1"},
        {"PG_WAREHOUSE_HOST": "127.0.0.1,db.example"},
        {"PG_WAREHOUSE_HOST": "127.8.9.10"},
        {"PG_WAREHOUSE_HOST": "::1"},
        {"PG_WAREHOUSE_HOST": "127.0.0.1.example"},
    ],
)
def test_dbt_connects_as_ingest_does(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str]
) -> None:
    """Above all: an empty variable is one that is not set, and does not turn TLS off."""
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    set_invocation_context(os.environ)
    set_from_args(Namespace(PROFILES_DIR=str(ROOT), PROJECT_DIR=str(ROOT)), None)
    credentials: Any = load_profile(str(ROOT), {}).credentials
    settings = read_settings()
    assert credentials.sslmode == settings.postgres_sslmode
    assert (credentials.host, credentials.port) == (
        settings.pg_warehouse_host,
        settings.pg_warehouse_port,
    )
    assert (credentials.database, credentials.user) == (
        settings.pg_warehouse_dbname,
        settings.pg_warehouse_user,
    )
