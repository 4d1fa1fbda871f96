"""Users of secured servers, each with the rights that it is given and no others."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from ingest.kafka.client import configuration
from ingest.kafka.rights import GROUP, TOPIC, TRANSACTIONAL_ID, Right
from tests.world import World, connect

KINDS = {
    TOPIC: (ResourceType.TOPIC, ResourcePatternType.LITERAL),
    GROUP: (ResourceType.GROUP, ResourcePatternType.LITERAL),
    TRANSACTIONAL_ID: (ResourceType.TRANSACTIONAL_ID, ResourcePatternType.PREFIXED),
}
PASSWORD = "a-password"


def user_of_kafka(world: World, name: str, rights: Iterable[Right]) -> dict[str, str]:
    """Make a user with these rights alone; returns the variables that name it."""
    admin = AdminClient(configuration(world.settings))
    scram = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    new = UserScramCredentialUpsertion(name, scram, PASSWORD.encode())
    admin.alter_user_scram_credentials([new])[name].result()
    allow(admin, name, rights)
    return {"KAFKA_USERNAME": name, "KAFKA_PASSWORD": PASSWORD}


def allow(admin: AdminClient, name: str, rights: Iterable[Right]) -> None:
    """Give a user these rights, in place of those that it had."""
    everything = AclBindingFilter(
        ResourceType.ANY,
        None,  # type: ignore[arg-type]
        ResourcePatternType.ANY,
        f"User:{name}",
        None,  # type: ignore[arg-type]
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    for future in admin.delete_acls([everything]).values():
        future.result()
    bindings = [
        AclBinding(
            kind, right.name, pattern, f"User:{name}", "*", operation(word), AclPermissionType.ALLOW
        )
        for right in rights
        for kind, pattern in [KINDS[right.kind]]
        for word in right.operations
    ]
    for future in admin.create_acls(bindings).values() if bindings else ():
        future.result()


def operation(word: str) -> AclOperation:
    """The operation that Kafka's documents call so."""
    return AclOperation[re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word).upper()]


def user_of_postgres(world: World, name: str, attributes: str = "") -> dict[str, str]:
    """Make a user of the server anew; returns the variables that name it."""
    connection = connect(world.environment, "postgres")
    with connection.cursor() as cursor:
        cursor.execute(f"drop role if exists {name}")
        cursor.execute(f"create role {name} login password '{PASSWORD}' {attributes}")
    connection.close()
    return {"PG_WAREHOUSE_USER": name, "PG_WAREHOUSE_PASSWORD": PASSWORD}


def user_of_redis(world: World, name: str, *rules: str) -> dict[str, str]:
    """Make a user with these rules of an ACL; returns the variables that name it."""
    client: Any = world.redis
    client.execute_command("ACL", "SETUSER", name, "reset", "on", f">{PASSWORD}", *rules)
    return {"REDIS_USERNAME": name, "REDIS_PASSWORD": PASSWORD}


def as_user(world: World, *users: Mapping[str, str]) -> World:
    """The world as these users see it; it is closed with the other one."""
    other = object.__new__(type(world))
    other.__dict__ |= world.__dict__
    other.environment = {**world.environment, **{k: v for u in users for k, v in u.items()}}
    return other
