"""Rows as they are printed."""

import json
from datetime import datetime
from decimal import Decimal

import pytest

from ingest.operate.tables import print_rows, text
from tests.unit.test_logs import NASTY

ROWS = [{"detail": '$.x: "[/b] [bold]end"', "count": Decimal(3), "raw": memoryview(b"\xff{")}]


def test_what_a_producer_sent_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, ("detail", "count"), as_json=False)
    assert '$.x: "[/b] [bold]end"' in capsys.readouterr().out


def test_what_a_producer_sent_drives_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"detail": NASTY}], ("detail",), as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert all(line.isprintable() for line in lines)
    assert any(r"a\nERROR forged\r" in line for line in lines)
    assert text(memoryview(NASTY.encode())).isprintable()
    assert text(datetime(2024, 3, 1, 12)) == "2024-03-01 12:00:00"


def test_as_json_numbers_are_numbers_and_bytes_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, (), as_json=True)
    assert json.loads(capsys.readouterr().out) == {**ROWS[0], "count": 3, "raw": "\\xff{"}


def test_json_is_one_line_and_says_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"detail": NASTY}, {"detail": "Борщ"}], (), as_json=True)
    first, second = capsys.readouterr().out.splitlines()
    assert first.isprintable()
    assert json.loads(first) == {"detail": NASTY}
    assert second == '{"detail": "Борщ"}'
