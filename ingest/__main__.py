"""`python -m ingest`: the same as the command `ingest`."""

from ingest.cli import main

main()
