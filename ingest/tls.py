"""Why TLS with a server fails, in words: client libraries tell it poorly, or not at all."""

import socket
import ssl
from pathlib import Path

# In seconds.
TIMEOUT = 3.0
# What Postgres is asked before TLS, and what it answers if it has it.
POSTGRES_REQUEST, POSTGRES_YES = b"\x00\x00\x00\x08\x04\xd2\x16\x2f", b"S"
# Of OpenSSL: what is wrong with a certificate, and what is to be done.
EXPIRED, NOT_YET_VALID = 10, 9
WRONG_NAME = (62, 64)  # a host name, an address


def speaks_tls(host: str, port: int) -> bool:
    """Whether whoever listens there answers in TLS, whatever its certificate is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((host, port), TIMEOUT) as plain:
            context.wrap_socket(plain).close()
    except OSError:
        return False
    return True


def distrust(host: str, port: int, authority: Path | None, *, postgres: bool = False) -> str:
    """What is wrong with the certificate of a server; nothing if it is good, or none is shown."""
    context = ssl.create_default_context(cafile=authority)
    try:
        with socket.create_connection((host, port), TIMEOUT) as plain:
            if postgres:
                plain.sendall(POSTGRES_REQUEST)
                if plain.recv(1) != POSTGRES_YES:
                    return ""
            context.wrap_socket(plain, server_hostname=host).close()
    except ssl.SSLCertVerificationError as error:
        return f"{host}:{port}: {_words(error, authority)}"
    except OSError:
        return ""
    return ""


def _words(error: ssl.SSLCertVerificationError, authority: Path | None) -> str:
    said = f"({error.verify_message})"
    if error.verify_code in (EXPIRED, NOT_YET_VALID):
        return f"the server's certificate is out of date: have it renewed {said}"
    if error.verify_code in WRONG_NAME:
        return f"the server's certificate is for other names: set the host to one of them {said}"
    file = f"CERTIFICATE_PATH ({authority})" if authority else "CERTIFICATE_PATH, which is not set,"
    return f"{file} does not hold the authority of the server's certificate {said}"
