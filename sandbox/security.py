"""What makes the servers of a sandbox secure: an authority of its own, and an administrator.

The administrator may do everything; whoever else is to be let in is made with his rights.
"""

import secrets
from datetime import datetime
from pathlib import Path

import trustme
from cryptography.hazmat.primitives import serialization

ADMIN = "admin"
HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"


class Security:
    """Certificates in a folder, and the administrator's password."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self._folder = folder
        self.password = secrets.token_urlsafe()
        self.authority = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(self.authority)
        self.authority.chmod(0o644)
        self.server = self.certificate("server", *HOSTS)

    def certificate(self, name: str, *hosts: str, not_after: datetime | None = None) -> Path:
        """The file of a new key and its certificate, `name` its subject, for these hosts."""
        made = self._authority.issue_cert(*hosts, common_name=name, not_after=not_after)
        key = serialization.load_pem_private_key(made.private_key_pem.bytes(), password=None)
        pem = key.private_bytes(  # the only form that Kafka reads
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        chain = b"".join(blob.bytes() for blob in made.cert_chain_pems)
        path = self._folder / f"{name}.pem"
        path.touch(mode=0o600)
        path.write_bytes(pem + chain)
        return path

    def settings(self, system: str) -> dict[str, str]:
        """The variables with which the administrator reaches a system: KAFKA, REDIS."""
        return {
            f"{system}_USERNAME": ADMIN,
            f"{system}_PASSWORD": self.password,
            "CERTIFICATE_PATH": str(self.authority),
        }

    def kafka_client(self) -> dict[str, str]:
        """What a client of Kafka needs to be the administrator."""
        return {
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": ADMIN,
            "sasl.password": self.password,
            "ssl.ca.location": str(self.authority),
        }

    def kafka_broker(self) -> dict[str, str]:
        """The broker's properties: SCRAM, PLAIN, and on a listener named SSL client certificates.

        Nobody but the administrator and the controllers may do anything that no ACL allows.
        """
        scram = f'{SCRAM} required username="{ADMIN}" password="{self.password}";'
        plain = f'{PLAIN} required user_{ADMIN}="{self.password}";'
        return {
            "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
            "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": scram,
            "listener.name.sasl_ssl.plain.sasl.jaas.config": plain,
            "listener.name.ssl.ssl.client.auth": "required",
            "ssl.principal.mapping.rules": "RULE:^.*CN=([^,]*).*$/$1/",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.server),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.authority),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:{ADMIN};User:ANONYMOUS",
        }
