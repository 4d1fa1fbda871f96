"""Headers: as Kafka's client gives them, as they are stored, and as they come out again."""

import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.kafka.client import headers_of
from ingest.kafka.message import Received, headers_for_json, headers_of_json, headers_size


class MessageOfAnotherClient:
    """What this client shows of a header whose name is not UTF-8; it cannot send one itself."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def headers(self) -> Any:
        raise self._error


@pytest.mark.parametrize(
    "error",
    [
        SystemError("returned a result with an exception set"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    ],
    ids=["a SystemError", "a UnicodeDecodeError"],
)
def test_a_header_whose_name_is_no_text_stops_nothing(error: Exception) -> None:
    found = headers_of(cast("Received", MessageOfAnotherClient(error)))
    assert found == [("unreadable", b"the headers: the name of one is not UTF-8")]


NAMES = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(NAMES, st.none() | st.binary() | NAMES.map(str.encode))))
def test_headers_come_out_of_jsonb_as_they_went_in(headers: list[tuple[str, bytes | None]]) -> None:
    stored = json.dumps(headers_for_json(headers))
    assert "\\u0000" not in stored.replace("\\\\", "")
    assert headers_of_json(json.loads(stored)) == headers
    assert headers_size(headers) >= sum(len(n.encode()) + len(v or b"") for n, v in headers)
