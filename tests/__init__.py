"""The tests. They reach no server that somebody else uses: see README.md."""

import os

from sandbox.isolation import isolate, named_servers

# The servers that the tests use instead of their own, if they are asked to.
NAMED_SERVERS = named_servers() if os.environ.get("ORDERVAULT_TEST_SERVERS") == "1" else None

isolate()
