"""Every command and query that README.md shows does what it says there."""

import re
import subprocess

import pytest

from tests.convergence.comparison import assert_equals_model
from tests.world import ROOT, World

README = (ROOT / "README.md").read_text()
# What stands between fences: a language, and lines.
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.M | re.S)
COMMANDS = [
    line.partition("#")[0].split()
    for language, block in BLOCKS
    if not language
    for line in block.splitlines()
]
# Those of the warehouse are run in their order; make demo has tests of its own.
STEPS = [words for words in COMMANDS if words[0].startswith(".venv/bin/")]
NAMED = sorted(
    set(re.findall(r"`ingest ([a-z-]+(?: (?:list|show|replay|drop|reasons))?)[ `]", README))
)


def blocks(wanted: str) -> list[str]:
    return [block for language, block in BLOCKS if language == wanted]


def run(world: World, words: list[str]) -> str:
    """A command as the page shows it, in the project's folder."""
    if words[0].endswith("/ingest"):
        return world.ingest(*words[1:]).stdout
    done = subprocess.run(
        words, cwd=ROOT, env=world.process_environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_message_of_the_page_comes_through_its_commands_to_its_queries(world: World) -> None:
    (message,), (queries,) = blocks("json"), blocks("sql")
    world.send(" ".join(message.split("\n")).encode())
    world.execute("drop schema stg cascade")
    said = [run(world, words) for words in STEPS]
    assert len(said) == 4
    assert "1 sent" in said[-1]
    counts, spans = (world.rows(query) for query in queries.split(";") if "select" in query)
    assert [(row["product_name"], row["order_cnt"]) for row in counts] == [("Борщ", 1)]
    assert [row["status"] for row in spans] == ["CLOSED"]
    assert_equals_model(world)


def test_the_page_shows_no_other_commands() -> None:
    others = [words for words in COMMANDS if words not in STEPS]
    assert others == [["make", "demo"]]
    assert [language for language, _ in BLOCKS if language not in ("", "json", "sql")] == [
        "mermaid"
    ]


@pytest.mark.parametrize("command", NAMED)
def test_a_command_that_is_named_exists(command: str) -> None:
    done = subprocess.run(
        [str(ROOT / ".venv/bin/ingest"), *command.split(), "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
