"""docs/reference/commands.md: what `--help` says, command by command.

`python -m tests.commands` writes it anew.
"""

from collections.abc import Iterator
from typing import Any

import typer

from ingest.cli import app
from tests.world import ROOT

PAGE = ROOT / "docs" / "reference" / "commands.md"
WIDTH = 100
BEGINNING = """# Commands

What `--help` says. Exit codes: [README](../../README.md#use-it).
"""


def page() -> str:
    """The page as it has to be."""
    return BEGINNING + "".join(
        f"\n## {name}\n\n```\n{said}```\n" for name, said in _commands(typer.main.get_command(app))
    )


def _commands(command: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """Each command's whole name and help, those of a group after it."""
    name = f"{before} {command.name}".strip()
    context = typer.Context(
        command,
        info_name=name,
        max_content_width=WIDTH,
        terminal_width=WIDTH,
        help_option_names=["-h", "--help"],
    )
    said = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    yield name, f"{said}\n"
    for part in getattr(command, "commands", {}).values():
        yield from _commands(part, name)


if __name__ == "__main__":
    PAGE.write_text(page())
