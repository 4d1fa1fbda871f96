"""A real browser that opens a page from disk, and what it makes of it."""

import shutil
import subprocess
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
VOID = {"meta", "link", "br", "img", "hr", "input", "base", "source"}


@dataclass
class Element:
    """A node of the page as the browser has built it."""

    tag: str
    attributes: dict[str, str]
    parent: "Element | None"
    children: list["Element"] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def all(self, tag: str, **attributes: str) -> list["Element"]:
        """The elements below with this tag; `class_` names one of the classes."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        own = [self] if self.tag == tag and all(map(self._has, wanted, wanted.values())) else []
        return own + [found for child in self.children for found in child.all(tag, **attributes)]

    def one(self, tag: str, **attributes: str) -> "Element":
        """The only one."""
        (found,) = self.all(tag, **attributes)
        return found

    @property
    def text(self) -> str:
        """Everything that is written in it, without the white space around and between."""
        words = "".join(self.texts).split()
        return " ".join(words)

    def _has(self, name: str, value: str) -> bool:
        said = self.attributes.get(name, "")
        return value in said.split() if name == "class" else said == value


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.at = Element("", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(made)
        if tag not in VOID:
            self.at = made

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.at.tag == tag, f"</{tag}> in <{self.at.tag}>"
            assert self.at.parent is not None
            self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        at: Element | None = self.at
        while at is not None:
            at.texts.append(data)
            at = at.parent


def opened(file: Path) -> tuple[Element, list[str]]:
    """The page as the browser shows it, and what it says on its console."""
    if CHROMIUM is None:
        pytest.skip("no chromium: apt install chromium")
    profile = file.parent / "profile"
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr")
    done = subprocess.run(
        [CHROMIUM, *options, f"--user-data-dir={profile}", "--dump-dom", file.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    builder = _Builder()
    builder.feed(done.stdout)
    return builder.root, [line for line in done.stderr.splitlines() if "CONSOLE" in line]
