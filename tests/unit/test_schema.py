"""The JSON Schema of the accepted message, against every sample."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ingest.orders.message import json_schema
from ingest.reasons import Reason
from tests.bad_input import MESSAGES, OK, Case

# A schema sees values: not the text that they were read from, nor whether a date exists.
BEYOND_A_SCHEMA_BY_NAME = ("extra field", "a value written too long")
BEYOND_A_SCHEMA = {
    Reason.EMPTY,
    Reason.MALFORMED_JSON,
    Reason.ENCODING,
    Reason.NUL_CHARACTER,
    Reason.DUPLICATE_KEY,
    Reason.TOO_DEEP,
    Reason.TOO_LARGE,
    Reason.BAD_TIMESTAMP,
}
ACCEPTED = [case for case in MESSAGES if case.outcome == OK]
REFUSED = [
    case
    for case in MESSAGES
    if case.outcome not in {OK, *BEYOND_A_SCHEMA}
    and not any(words in case.name for words in BEYOND_A_SCHEMA_BY_NAME)
]


def read(text: Any) -> Any:
    """With exact numbers, as the ingestor reads them."""
    return json.loads(text, parse_float=Decimal, parse_constant=str, parse_int=_integer)


def _integer(digits: str) -> int | Decimal:
    return int(digits) if len(digits) < 100 else Decimal(digits)  # Python refuses 4,300 digits


VALIDATOR = Draft202012Validator(read(json.dumps(json_schema())))


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case.name)
def test_the_schema_accepts_what_the_ingestor_accepts(case: Case) -> None:
    VALIDATOR.validate(read(case.value))


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_the_schema_refuses_what_a_schema_can_refuse(case: Case) -> None:
    try:
        assert not VALIDATOR.is_valid(read(case.value))
    except InvalidOperation:
        assert case.outcome == Reason.BAD_AMOUNT, "an exponent beyond what the validator computes"
