"""Settings: environment variables, else a `.env` file, else a folder of secrets, else defaults.

dbt's `profiles.yml` reads the same PG_WAREHOUSE_* variables.
"""

import os
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingest.errors import SettingsError
from ingest.hosts import bracketed, is_loopback
from ingest.limits import Limits

SECRETS_FOLDER = "/run/secrets"

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseSettings):
    """All settings; a field's name in capitals is the name of its variable."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", validate_default=False)

    certificate_path: Path | None = Field(None, description="CA certificates for all TLS")
    default_job_interval: Seconds = Field(
        25.0,
        description="seconds after which `ingest dds` and `cdm` look for work without being woken",
    )
    batch_size: int = Field(
        10_000, ge=1, le=100_000, description="most messages in one transaction"
    )

    kafka_host: str = Field("127.0.0.1", description="one or several, separated by commas")
    kafka_port: Port = Field(9092, description="of all of them")
    kafka_username: str = Field("", description="with it: SASL_SSL; of OAUTHBEARER the client id")
    kafka_password: SecretStr = Field(
        SecretStr(""), description="of KAFKA_USERNAME; of OAUTHBEARER the client secret"
    )
    kafka_sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "OAUTHBEARER"] = Field(
        "SCRAM-SHA-512", description="or SCRAM-SHA-256, PLAIN, OAUTHBEARER"
    )
    kafka_oauth_token_url: str = Field("", description="of OAUTHBEARER: where tokens come from")
    kafka_oauth_scope: str = Field("", description="likewise, if the provider wants one")
    kafka_oauth_extensions: str = Field(
        "", description="likewise, if the broker wants any: `name=value,name=value`"
    )
    kafka_certificate_path: Path | None = Field(
        None, description="our own certificate, where brokers want one"
    )
    kafka_key_path: Path | None = Field(None, description="the key of that certificate")
    kafka_key_password: SecretStr = Field(SecretStr(""), description="of that key, if it has one")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] | None = (
        Field(
            None,
            description="default: SASL_SSL with a user name, SSL with a certificate,"
            " else PLAINTEXT on loopback",
        )
    )
    kafka_session_timeout_ms: int = Field(
        15_000,
        ge=1000,
        le=300_000,
        description="after which a silent consumer loses its partitions",
    )
    kafka_transaction_timeout_ms: int = Field(
        45_000,
        ge=1000,
        le=120_000,
        description="after which the broker ends a transaction whose process is gone",
    )
    kafka_topic_partitions: int = Field(6, ge=1, description="for topics that `ingest init` makes")
    kafka_topic_replication: int = Field(-1, description="likewise; -1 is the broker's default")

    kafka_stg_consumer_group: str = Field("stg-service", description="of `ingest stg`")
    kafka_stg_src_topic: str = Field("order-service_orders", description="where orders come from")
    kafka_stg_dst_topic: str = Field("stg-service-orders", description="where stored orders go")
    stg_transactional_id: str = Field(
        "stg-service",
        description="of `ingest stg`, the same for all replicas; with `-dlq` for dead letters",
    )
    kafka_dds_consumer_group: str = Field("dds-service", description="of `ingest dds`")
    kafka_dds_src_topic: str = Field("stg-service-orders", description="what wakes `ingest dds`")
    kafka_dds_dst_topic: str = Field("dds-service-orders", description="where closed orders go")
    dds_transactional_id: str = Field("dds-service", description="of `ingest emit`, as it is")
    kafka_cdm_consumer_group: str = Field("cdm-service", description="of `ingest cdm`")
    kafka_cdm_src_topic: str = Field("dds-service-orders", description="what wakes `ingest cdm`")

    redis_host: str = Field("127.0.0.1", description="Redis or Valkey with the reference data")
    redis_port: Port = Field(6379, description="likewise")
    redis_username: str = Field("", description="likewise, if it is not the default user")
    redis_password: SecretStr = Field(SecretStr(""), description="likewise, if it wants one")
    redis_tls: bool | None = Field(None, description="default: unless the host is loopback")

    pg_warehouse_host: str = Field(
        "127.0.0.1", description="Postgres, the warehouse; several: the one that can be written to"
    )
    pg_warehouse_port: Port = Field(5432, description="likewise")
    pg_warehouse_dbname: str = Field("ordervault", description="likewise; the database must exist")
    pg_warehouse_user: str = Field("ordervault", description="likewise")
    pg_warehouse_password: SecretStr = Field(SecretStr(""), description="likewise")
    pg_warehouse_role: str = Field("", description="role that dbt sets, and so the tables' owner")
    pg_warehouse_distributed: bool = Field(
        False, description="whether it is the coordinator of a Citus: docs/scaling.md"
    )
    pg_warehouse_sslmode: (
        Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] | None
    ) = Field(None, description="default verify-full, on loopback prefer")

    health_host: str = Field(
        "127.0.0.1",
        description="where /health, /ready, /metrics and the page under / are served",
    )
    health_port: int = Field(0, ge=0, le=65535, description="likewise; 0: not at all")
    health_page: bool | None = Field(
        None,
        description="whether the page, which names users, is; default: if HEALTH_HOST is loopback",
    )
    stuck_after_seconds: float = Field(
        600.0,
        ge=100,
        description="after which a service ends whose loop does not turn: no step may take longer",
    )

    stalled_after_seconds: Seconds = Field(
        600.0,
        description="of waiting without moving, after which `ingest status` says that a step stands"
        " still; where cron runs dbt, more than its interval",
    )

    max_message_bytes: int = Field(1_048_576, ge=1, description="larger messages are dead letters")
    max_nesting: int = Field(64, ge=4, le=500, description="likewise")
    max_items: int = Field(1000, ge=1, description="likewise")
    max_id_length: int = Field(64, ge=1, le=255, description="likewise")
    max_unknown_share: float = Field(
        0.5,
        gt=0,
        le=1,
        description="of the last 50 events without reference data: more is an outage of Redis",
    )
    reference_retry_seconds: Seconds = Field(
        30.0, description="between looks whether Redis knows by now what a dead letter waits for"
    )
    max_outage_seconds: Seconds = Field(
        60.0, description="how long a command with --once waits for a service that is away"
    )

    @model_validator(mode="after")
    def _check_security(self) -> Self:
        if self.kafka_username and not self.kafka_password.get_secret_value():
            raise ValueError("KAFKA_USERNAME is set, KAFKA_PASSWORD is not")
        protocol = self.kafka_security_protocol or ""
        if protocol.startswith("SASL") != bool(self.kafka_username) and protocol:
            raise ValueError(
                f"KAFKA_SECURITY_PROTOCOL is {protocol}: that goes"
                f" {'without' if self.kafka_username else 'with'} KAFKA_USERNAME"
            )
        if (self.kafka_sasl_mechanism == "OAUTHBEARER") != bool(self.kafka_oauth_token_url):
            raise ValueError(
                "KAFKA_SASL_MECHANISM=OAUTHBEARER and KAFKA_OAUTH_TOKEN_URL go together"
            )
        if self.redis_username and not self.redis_password.get_secret_value():
            raise ValueError("REDIS_USERNAME is set, REDIS_PASSWORD is not")
        is_local = all(map(is_loopback, self.kafka_host.split(",")))
        if self.kafka_protocol is None and not is_local:
            raise ValueError(
                f"Kafka on {self.kafka_host} without KAFKA_USERNAME: set it and KAFKA_PASSWORD,"
                " or KAFKA_SECURITY_PROTOCOL=PLAINTEXT if the network may read everything"
            )
        return self

    @model_validator(mode="after")
    def _check_files(self) -> Self:
        if bool(self.kafka_certificate_path) != bool(self.kafka_key_path):
            raise ValueError("KAFKA_CERTIFICATE_PATH and KAFKA_KEY_PATH go together")
        for name in ("certificate_path", "kafka_certificate_path", "kafka_key_path"):
            path: Path | None = getattr(self, name)
            if path and not path.is_file():
                raise ValueError(f"{name.upper()}: there is no file {path}")
        return self

    @property
    def kafka_protocol(self) -> str | None:
        """Kafka's security.protocol; None where nothing says so, which is right on loopback."""
        if self.kafka_security_protocol:
            return self.kafka_security_protocol
        if self.kafka_username:
            return "SASL_SSL"
        return "SSL" if self.kafka_certificate_path else None

    @property
    def bootstrap_servers(self) -> str:
        """Kafka's first addresses, `host:port` separated by commas."""
        hosts = map(bracketed, self.kafka_host.split(","))
        return ",".join(f"{host}:{self.kafka_port}" for host in hosts)

    @property
    def dead_letter_topic(self) -> str:
        """The copy of stg.dead_letters."""
        return f"{self.kafka_stg_src_topic}.dlq"

    @property
    def redis_uses_tls(self) -> bool:
        """Whether Redis is asked over TLS."""
        return not is_loopback(self.redis_host) if self.redis_tls is None else self.redis_tls

    @property
    def page_is_served(self) -> bool:
        """Whether whoever reaches HEALTH_PORT may see the names of users."""
        return is_loopback(self.health_host) if self.health_page is None else self.health_page

    @property
    def postgres_sslmode(self) -> str:
        """libpq's sslmode."""
        if self.pg_warehouse_sslmode is not None:
            return self.pg_warehouse_sslmode
        is_local = all(map(is_loopback, self.pg_warehouse_host.split(",")))
        return "prefer" if is_local else "verify-full"

    @cached_property
    def limits(self) -> Limits:
        """How large a message may be."""
        return Limits(self.max_message_bytes, self.max_nesting, self.max_items, self.max_id_length)

    def environment(self) -> dict[str, str]:
        """What dbt's profiles.yml needs, also where it came from a file."""
        values: dict[str, Any] = {
            "PG_WAREHOUSE_HOST": self.pg_warehouse_host,
            "PG_WAREHOUSE_PORT": self.pg_warehouse_port,
            "PG_WAREHOUSE_DBNAME": self.pg_warehouse_dbname,
            "PG_WAREHOUSE_USER": self.pg_warehouse_user,
            "PG_WAREHOUSE_PASSWORD": self.pg_warehouse_password.get_secret_value(),
            "PG_WAREHOUSE_ROLE": self.pg_warehouse_role,
            "PG_WAREHOUSE_DISTRIBUTED": str(self.pg_warehouse_distributed).lower(),
            "PG_WAREHOUSE_SSLMODE": self.postgres_sslmode,
            "CERTIFICATE_PATH": self.certificate_path or "",
            # libpq's own: of several hosts the one that may be written to.
            "PGTARGETSESSIONATTRS": "read-write",
        }
        return {name: str(value) for name, value in values.items()}


def read_settings() -> Settings:
    """The settings of this process. Raises SettingsError that names each wrong variable."""
    env_file, secrets = places()
    try:
        return Settings(_secrets_dir=secrets, _env_file=env_file)
    except ValidationError as error:
        raise SettingsError("; ".join(map(_sentence, error.errors()))) from None


def places() -> tuple[str | None, str | None]:
    """The file and the folder, if any, that settings are read from beside the environment."""
    secrets = os.environ.get("SECRETS_FOLDER", SECRETS_FOLDER)
    # Who forbids dbt to read `.env`, by this variable of its library's, forbids it to us too.
    env_file = None if os.environ.get("PYTHON_DOTENV_DISABLED") else ".env"
    return env_file, secrets if secrets and Path(secrets).is_dir() else None


def _sentence(error: Any) -> str:
    what = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return str(what)
    name = str(error["loc"][0]).upper()
    is_secret = "PASSWORD" in name
    return f"{name}: {what}" + ("" if is_secret else f" (it is {error['input']!r})")
