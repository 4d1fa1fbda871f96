"""Logs: a line for each event, whatever a producer has put into it."""

import json
import logging
from collections.abc import Iterator
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path

import pytest

from ingest import logs
from ingest.errors import SettingsError

# A forged line, a cleared screen (twice: ESC, and CSI as one character), text turned around, a
# title of the terminal, and what only looks like a space.
NASTY = "a\nERROR forged\r\x1b[2J\x9b2J\u202eright to left\u2066\x1b]0;title\x07\xa0\x7f\U000e0001b"


@pytest.fixture(autouse=True)
def logger() -> Iterator[logging.Logger]:
    """The package's logger, as it was when the test ends."""
    found = logging.getLogger("ingest")
    before = (found.handlers, found.propagate, found.level)
    yield found
    found.handlers, found.propagate = before[:2]
    found.setLevel(before[2])


def test_what_drives_a_terminal_is_escaped_and_words_of_any_language_are_not() -> None:
    assert logs.printable("Борщ 🍲 שלום 1.5 €") == "Борщ 🍲 שלום 1.5 €"
    escaped = logs.printable(NASTY)
    assert escaped.isprintable()
    assert escaped.startswith(r"a\nERROR forged\r")
    assert r"right to left" in escaped
    assert escaped.endswith("b")
    assert logs.printable("two\nlines\x1b", keep="\n").split("\n") == ["two", "lines\\u001b"]


def test_what_is_escaped_can_be_read_again() -> None:
    assert json.loads(f'"{logs.printable(NASTY)}"') == NASTY


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_one_event_is_one_line(
    log_format: str,
    logger: logging.Logger,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LOG_FORMAT", log_format)
    logs.set_up(debug=False, command="stg")
    logger.warning("unknown user %s", NASTY)
    logger.info("next")
    first, second, end = capsys.readouterr().err.split("\n")
    assert end == ""
    assert first.isprintable()
    assert "next" in second
    if log_format == "json":
        assert json.loads(first)["message"] == f"unknown user {NASTY}"


def test_an_unknown_format_is_an_error_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_FORMAT", "xml")
    with pytest.raises(SettingsError, match="LOG_FORMAT: text or json"):
        logs.set_up(debug=False, command="stg")


def test_the_last_line_is_one_of_the_same_kind_for_machines_and_a_sentence_for_people(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up(debug=False, command="stg")
    logs.say_last(f"dbt says:\n{NASTY}")
    first, *_ = capsys.readouterr().err.split("\n")
    assert first == "ingest: dbt says:"
    monkeypatch.setenv("LOG_FORMAT", "json")
    logs.set_up(debug=False, command="stg")
    logs.say_last(f"dbt says:\n{NASTY}")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["message"] == f"dbt says:\n{NASTY}"
    assert json.loads(line)["level"] == "ERROR"


def test_a_folder_keeps_the_lines_of_a_week(
    logger: logging.Logger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LOG_FOLDER", str(tmp_path))
    logs.set_up(debug=False, command="stg")
    (file,) = [h for h in logger.handlers if isinstance(h, TimedRotatingFileHandler)]
    for day in range(1, 11):
        (tmp_path / f"ingest-stg.log.2024-03-{day:02}").write_text("older\n")
    logger.info("yesterday")
    logs.say_last("two\nlines")
    file.doRollover()  # as if it were midnight
    logger.info("today")
    *dated, yesterday = sorted(tmp_path.glob("ingest-stg.log.*"))
    assert [path.suffix for path in dated] == [f".2024-03-{day:02}" for day in range(5, 11)]
    first, last = yesterday.read_text().splitlines()
    assert first.endswith("INFO    ingest yesterday")
    assert last.endswith(r"ERROR   ingest two\nlines")
    assert (tmp_path / "ingest-stg.log").read_text().endswith("ingest today\n")
    file.close()


def test_a_folder_that_cannot_be_written_is_an_error_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LOG_FOLDER", str(tmp_path / "missing"))
    with pytest.raises(SettingsError, match=r"LOG_FOLDER: cannot write .*No such file"):
        logs.set_up(debug=False, command="stg")
