"""What the page shows, without servers."""

from datetime import datetime, timedelta

import pytest

from ingest import serve
from ingest.errors import OutageError
from ingest.report.chart import columns_over_time


def test_a_page_is_made_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bytes] = []

    def make() -> bytes:
        made.append(b"%d" % len(made))
        return made[-1]

    cached = serve.Cached(make)
    assert [cached(), cached()] == [b"0", b"0"]
    monkeypatch.setattr(serve, "FRESH_FOR", -1.0)
    assert cached() == b"1"


def test_a_failure_is_not_kept() -> None:
    answers: list[bytes | Exception] = [OutageError("Kafka", "away"), b"page"]

    def make() -> bytes:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    cached = serve.Cached(make)
    with pytest.raises(OutageError):
        cached()
    assert cached() == b"page"


def test_nobody_waits_while_somebody_makes_the_page() -> None:
    asked: list[bytes | None] = []

    def make() -> bytes:
        asked.append(cached())  # as another thread would, meanwhile
        return b"page"

    cached = serve.Cached(make)
    assert cached() == b"page"
    assert asked == [None]


@pytest.mark.parametrize("count", [1, 2, 72])
def test_a_chart_has_a_column_for_each_time_and_no_script(count: int) -> None:
    begin = datetime(2024, 3, 1)
    columns = [(begin + timedelta(minutes=n), n * 1000) for n in range(count)]
    for drawn in columns_over_time(columns, timedelta(minutes=1)).values():
        assert drawn.count('class="bar"') == count
        assert "script" not in drawn
        assert "http" not in drawn.replace("http://www.w3.org/", "")
