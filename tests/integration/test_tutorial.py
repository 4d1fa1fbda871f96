"""Whoever follows docs/tutorial page by page sees what the pages show."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.mutants import copy_of_project
from tests.world import DATABASE, ROOT, World, new_database

TUTORIAL = ROOT / "docs" / "tutorial"
# In the order in which they are read.
PAGES = ("first-message", "add-an-attribute", "add-a-mart", "add-a-kind-of-message")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```\n(?:^```\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)
# The tests have servers of their own.
SERVERS = "git switch -c tutorial\nmake install\n.venv/bin/python -m sandbox up\n"
COMMITTER = {
    f"GIT_{who}_{what}": "newcomer" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}
# What the pages made is as `make lint` wants it.
LINT = """
made() { git ls-files --others --modified --exclude-standard -- "$@"; }
.venv/bin/ruff check $(made '*.py')
.venv/bin/ruff format --check $(made '*.py')
.venv/bin/sqlfluff lint $(made 'models/*.sql' 'tests/dbt/assert_*.sql')
.venv/bin/yamllint --strict $(made '*.yml')
"""
# What is another one each time: of times and ids of events only the look is compared.
VARYING = {
    r"\b20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9:.]{8,}": "<time>",
    r"\b[0-9]{2}:[0-9]{2}:[0-9]{2}\b": "<time>",
    r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b": "<id>",
    " +$": "",
}


def test_every_page_does_what_it_says(world: World) -> None:
    world.redis.delete("user-2")
    world.connection.close()
    new_database(world.environment, DATABASE)
    with copy_of_project() as folder:
        run(world, folder, "git init --quiet && git add --all && git commit --quiet --message all")
        for page in PAGES:
            for commands, shown in steps(page):
                said = run(world, folder, commands)
                assert matches(shown, said), f"{page}.md\n{commands}\nshows\n{shown}\nsaid\n{said}"
        run(world, folder, LINT)
    world.reconnect()
    assert {path.stem for path in TUTORIAL.glob("*.md")} == set(PAGES)


def steps(page: str) -> Iterator[tuple[str, str]]:
    """The commands of the page, block by block, and what it shows that they print."""
    text = (TUTORIAL / f"{page}.md").read_text()
    for language, commands, shown in BLOCK.findall(text):
        assert language == "sh", f"{page}.md: {commands}"
        if commands != SERVERS:
            yield commands, shown


def run(world: World, folder: Path, commands: str) -> str:
    """What the commands print, in the names that topics have by default."""
    done = subprocess.run(
        ["bash", "-ec", commands],
        cwd=folder,
        env={**world.process_environment, **COMMITTER, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
    said = done.stdout
    for name, field in type(world.settings).model_fields.items():
        if name.endswith("_topic"):
            said = said.replace(getattr(world.settings, name), field.default)
    return said


def matches(shown: str, said: str) -> bool:
    """Whether it is what is shown; `…` stands for anything."""
    for varying, look in VARYING.items():
        shown, said = (re.sub(varying, look, text, flags=re.M) for text in (shown, said))
    return re.fullmatch(re.escape(shown).replace("…", ".*"), said, re.DOTALL) is not None
