"""The table at the end of a run under faults says no more than was seen."""

import pytest

from tests.faults import table


def test_a_load_counts_once_however_many_kinds_of_faults_it_met(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(table, "LINES", [])
    table.add({"kill -9": 100, "SIGTERM": 50}, seen=1_000, lost=1, doubled=2)
    table.add({"a full disk": 5}, seen=30, lost=0, doubled=0)
    head, *rows = (row.split() for row in table.table(table.LINES))
    assert head == ["fault", "injected", "messages", "lost", "doubled"]
    assert rows == [
        ["kill", "-9", "100", "1,000", "1", "2"],
        ["SIGTERM", "50", '"', '"', '"'],
        ["a", "full", "disk", "5", "30", "0", "0"],
        ["all", "155", "1,030", "1", "2"],
    ]
