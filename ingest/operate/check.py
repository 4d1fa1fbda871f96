"""`ingest check`: what a service needs, asked before it starts. Changes nothing."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from ingest.errors import OutageError, RejectError, StopError
from ingest.kafka.admin import RECORD_OVERHEAD, Admin
from ingest.kafka.permits import lacking
from ingest.kafka.producer import TransactionalProducer
from ingest.kafka.reader import last_messages
from ingest.kafka.rights import TRANSACTIONAL_ID, Right, rights
from ingest.operate.init import topics
from ingest.orders.decode import SkippedError, decode
from ingest.orders.enrich import ReferenceData, reference_ids
from ingest.orders.message import Message
from ingest.postgres import Postgres
from ingest.redis import References
from ingest.retry import CHECKS
from ingest.settings import Settings

OK = "ok"
# Any size will do for a producer that sends nothing, in bytes.
BATCH = 1000
# Tables, and what a service does with them; ddl/003_grants.sql grants it to the roles.
Tables: TypeAlias = dict[str, tuple[str, ...]]
BUILT: Tables = {
    "stg.order_events": ("select",),
    "stg.load_state": ("select", "insert", "update"),
    "stg.publications": ("select", "insert", "update"),
}
SENT: Tables = {"stg.publications": ("select", "insert", "update")}
TABLES: dict[str, Tables] = {
    "stg": {
        "stg.order_events": ("select", "insert"),
        "stg.dead_letters": ("select", "insert", "update"),
        "stg.source_progress": ("select", "insert", "update"),
        **SENT,
    },
    "dds": BUILT,
    "cdm": BUILT,
    "emit": SENT,
    "status": {
        "stg.order_events": ("select",),
        "stg.event_reloads": ("select",),
        "stg.dead_letters": ("select",),
        "stg.source_progress": ("select",),
        "stg.load_state": ("select",),
        "stg.publications": ("select",),
    },
}
# Whether the user, or the role that dbt sets, may do something with a table.
SELECT_PRIVILEGE = "select has_table_privilege(coalesce(nullif(%s, ''), current_user), %s, %s)"
SELECT_MEMBER = "select pg_has_role(current_user, %s, 'member')"
ROLES = "grant the user its role: docs/reference/rights.md"


@dataclass(frozen=True)
class Finding:
    """One question and its answer: `ok`, or what to do."""

    what: str
    answer: str

    @property
    def is_ok(self) -> bool:
        """Whether nothing is to be done."""
        return self.answer.startswith(OK)


def findings(settings: Settings, services: Iterable[str]) -> Iterator[Finding]:
    """What these services need, question by question."""
    wanted = tuple(services)
    places = {
        "Kafka": f"{settings.bootstrap_servers}, {settings.kafka_protocol or 'PLAINTEXT'}",
        "Postgres": f"{settings.pg_warehouse_host}:{settings.pg_warehouse_port}/"
        f"{settings.pg_warehouse_dbname}, sslmode={settings.postgres_sslmode}",
    }
    if "stg" in wanted:
        tls = "TLS" if settings.redis_uses_tls else "no TLS"
        places["Redis"] = f"{settings.redis_host}:{settings.redis_port}, {tls}"
    further = {"Kafka": _kafka, "Postgres": _postgres, "Redis": _redis}
    for system, place in places.items():
        answer = _answer(partial(CHECKS[system], settings))
        yield Finding(f"{system}: connection ({place})", answer)
        if answer == OK:
            yield from further[system](settings, wanted)


def _answer(ask: Callable[[], str | None]) -> str:
    try:
        return ask() or OK
    except (OutageError, StopError) as error:
        return str(error).replace("\n", " ")


def _kafka(settings: Settings, services: tuple[str, ...]) -> Iterator[Finding]:
    admin = Admin(settings)
    needed = dict.fromkeys(right for service in services for right in rights(settings, service))
    for right in needed:
        yield Finding(f"Kafka: {right}", _answer(partial(_allowed, settings, admin, right)))
    for spec in topics(settings) if "stg" in services else ():
        if wanted := int(spec.config.get("max.message.bytes", 0)):
            what = f"Kafka: the topic {spec.name} takes {wanted} bytes"
            yield Finding(what, _answer(partial(_room, admin, spec.name, wanted)))


def _allowed(settings: Settings, admin: Admin, right: Right) -> str | None:
    if right.kind == TRANSACTIONAL_ID:
        # Kafka tells it only to a producer that begins: with an id that nobody publishes with.
        TransactionalProducer(settings, f"{right.name}-check", BATCH).close()
    elif missing := lacking(admin, [right]):
        return f"grant {settings.kafka_username} {missing[0]}: docs/reference/rights.md"
    return None


def _room(admin: Admin, topic: str, wanted: int) -> str | None:
    limit = admin.value_limits([topic])[topic] + RECORD_OVERHEAD
    if limit < wanted:
        return f"it takes {limit}: raise its max.message.bytes, or lower MAX_MESSAGE_BYTES"
    return None


def _postgres(settings: Settings, services: tuple[str, ...]) -> Iterator[Finding]:
    role = settings.pg_warehouse_role
    with Postgres(settings, "ingest check", prepared=False) as postgres:
        what = "Postgres: prepared by `ingest init` of this version"
        yield Finding(what, _answer(postgres.require_prepared))
        if role and {"dds", "cdm"} & set(services):
            what = f"Postgres: membership in PG_WAREHOUSE_ROLE {role}"
            yield Finding(what, _answer(partial(_granted, postgres, SELECT_MEMBER, role)))
        needed = dict.fromkeys(
            (table, word, role if service in ("dds", "cdm") else "")
            for service in services
            for table, words in TABLES[service].items()
            for word in words
        )
        for table, word, whose in needed:
            as_role = f" as {whose}" if whose else ""
            answer = _answer(partial(_granted, postgres, SELECT_PRIVILEGE, whose, table, word))
            yield Finding(f"Postgres: {word} on {table}{as_role}", answer)


def _granted(postgres: Postgres, statement: str, *values: str) -> str | None:
    return None if postgres.value(statement, *values) else ROLES


def _redis(settings: Settings, _: tuple[str, ...]) -> Iterator[Finding]:
    yield Finding("Redis: has what the newest orders name", _answer(partial(_keys, settings)))


def _keys(settings: Settings) -> str | None:
    """Whether user and restaurant of the newest message that is good are found and can be read."""
    newest = next(_newest(settings), None)
    if newest is None:
        return f"{OK}, as far as is known: no order is in {settings.kafka_stg_src_topic} yet"
    order = newest.payload
    with References(settings) as references:
        data = ReferenceData(references.fetch(reference_ids([newest])))
    try:
        _ = data.users[order.user.id], data.restaurants[order.restaurant.id]
    except RejectError as error:
        return (
            f"{error.detail}: keys must be the bare ids, values JSON as in docs/how-to/runbook.md"
            f" ({error.reason.meaning})"
        )
    return None


def _newest(settings: Settings) -> Iterator[Message]:
    source = settings.kafka_stg_src_topic
    found = last_messages(settings, Admin(settings), source, lambda _: True, 1)
    for message in sorted(found, key=lambda message: message.timestamp()[1], reverse=True):
        try:
            yield decode(message.value(), settings.limits)
        except (RejectError, SkippedError):
            continue
