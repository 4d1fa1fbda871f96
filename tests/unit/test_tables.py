"""Rows as they are printed."""

import json
from decimal import Decimal

import pytest

from ingest.tables import print_rows

ROWS = [{"detail": '$.x: "[/b] [bold]end"', "count": Decimal(3), "raw": memoryview(b"\xff{")}]


def test_what_a_producer_sent_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, ("detail", "count"), as_json=False)
    assert '$.x: "[/b] [bold]end"' in capsys.readouterr().out


def test_as_json_numbers_are_numbers_and_bytes_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, (), as_json=True)
    assert json.loads(capsys.readouterr().out) == {**ROWS[0], "count": 3, "raw": "\\xff{"}
