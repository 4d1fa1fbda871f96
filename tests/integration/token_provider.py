"""A provider of OAuth tokens: one client, which has a secret, and the keys that brokers check."""

import base64
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from sandbox.server import HOST

CLIENT, SECRET, AUDIENCE = "token-user", "token-secret", "kafka"
VALIDATOR = "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler"
MODULE = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
LISTENER = "listener.name.sasl_ssl.oauthbearer."


class TokenProvider:
    """Its key, in a file that brokers read."""

    def __init__(self, folder: Path) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = {**RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True), "kid": "1"}
        self._keys = folder / "keys.json"
        self._keys.write_text(json.dumps({"keys": [{**public, "use": "sig", "alg": "RS256"}]}))
        self.url = ""

    @property
    def java_options(self) -> str:
        """What a broker's Java must be told before it reads the keys."""
        return f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={self._keys.as_uri()}"

    def broker(self) -> dict[str, str]:
        """The properties of a broker that takes the tokens."""
        return {
            "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN,OAUTHBEARER",
            f"{LISTENER}sasl.server.callback.handler.class": VALIDATOR,
            f"{LISTENER}sasl.jaas.config": f"{MODULE} required;",
            f"{LISTENER}sasl.oauthbearer.jwks.endpoint.url": self._keys.as_uri(),
            f"{LISTENER}sasl.oauthbearer.expected.audience": AUDIENCE,
        }

    def token(self) -> str:
        now = int(time.time())
        claims = {"sub": CLIENT, "aud": AUDIENCE, "iat": now, "exp": now + 300}
        return jwt.encode(claims, self._key, "RS256", {"kid": "1"})

    @contextmanager
    def serving(self, certificate: Path) -> Iterator[None]:
        """Answer at `url` until the block ends."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        with ThreadingHTTPServer((HOST, 0), _handler(self)) as server:
            server.socket = context.wrap_socket(server.socket, server_side=True)
            self.url = f"https://{HOST}:{server.server_port}/token"
            Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            yield
            server.shutdown()


def _handler(provider: TokenProvider) -> type[BaseHTTPRequestHandler]:
    wanted = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
            is_known = self.headers["Authorization"] == wanted and "client_credentials" in asked
            answer = {"access_token": provider.token()} if is_known else {"error": "invalid_client"}
            body = json.dumps({**answer, "token_type": "Bearer", "expires_in": 300}).encode()
            self.send_response(200 if is_known else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
