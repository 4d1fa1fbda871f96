"""Strict JSON: raw bytes to a tree that Postgres stores as it came, or the reason why not.

Parsers let through what would change silently or fail later: the same key twice, U+0000, numbers
that jsonb writes out in a hundred thousand digits. Every check here is linear in the size of the
message, whatever it holds. Numbers keep the digits that they came with: money never passes through
a binary float.
"""

import json
import re
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from ingest.errors import RejectError
from ingest.limits import Limits
from ingest.reasons import Reason

# A number of more characters, or beyond a double's exponent, is an attack on numeric, not a value.
MAX_NUMBER_LENGTH = 1000
MAX_EXPONENT = 308
# How much of a bad value a dead letter's detail shows, in characters.
SHOWN = 80
# A string, closed or not: one that must be closed is looked for again behind each of its quotes.
STRING = re.compile(rb'"(?:\\.|[^"\\])*+"?', re.DOTALL)

encode = msgspec.json.Encoder().encode


def check_size(raw: bytes | None, limits: Limits) -> bytes:
    """The bytes, if there are any and not too many. Raises RejectError (empty, too_large)."""
    if raw is None or not raw or raw.isspace():
        raise RejectError(Reason.EMPTY, "no value" if raw is None else f"{len(raw)} bytes of space")
    if len(raw) > limits.message_bytes:
        detail = f"{len(raw)} bytes, MAX_MESSAGE_BYTES is {limits.message_bytes}"
        raise RejectError(Reason.TOO_LARGE, detail)
    return raw


def decode_object(raw: bytes, limits: Limits) -> dict[str, Any]:
    """The object in the raw bytes, all of it as it came; a number with a fraction is its text.

    Raises RejectError (too_deep, malformed_json, encoding, not_an_object, nul_character,
    duplicate_key; bad_amount for a number beyond all bounds).
    """
    if raw.count(b"[") + raw.count(b"{") > limits.nesting and _depth(raw) > limits.nesting:
        raise RejectError(Reason.TOO_DEEP, f"MAX_NESTING is {limits.nesting}")
    try:
        tree = _decode_tree(raw)
    except msgspec.ValidationError as error:  # a number that is too long, or refused by _number
        path = str(error).partition(" - at `")[2].removesuffix("`") or "$"
        raise RejectError(Reason.BAD_AMOUNT, f"{path}: a number beyond all bounds") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_json(raw, str(error)) from None
    if not isinstance(tree, dict):
        raise RejectError(Reason.NOT_AN_OBJECT, shown(tree))
    check_nul(raw)
    _check_keys(raw)
    return tree


def check_nul(raw: bytes) -> None:
    """Raise RejectError (nul_character) if JSON has U+0000 in a string or a key."""
    # Escaped backslashes out of the way, a backslash in front of u0000 is an escape.
    if b"\\u0000" in raw and b"\\u0000" in raw.replace(b"\\\\", b""):
        raise RejectError(Reason.NUL_CHARACTER, _nul_path(_decode_tree(raw)))


def _check_keys(raw: bytes) -> None:
    """Raise RejectError (duplicate_key) if an object of JSON names a key twice."""
    twice: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        counts = Counter(key for key, _ in pairs)
        twice.extend(key for key, count in counts.items() if count > 1)

    json.loads(raw, object_pairs_hook=look, parse_int=str, parse_float=str)
    if twice:
        raise RejectError(Reason.DUPLICATE_KEY, f"the key {shown(twice[0])} twice")


def quotes(raw: bytes) -> int:
    """How many quotes JSON has: as many as what `encode` makes of it, if nothing is lost.

    A key that comes twice, or that a type does not name, is lost with two quotes or more. Every
    other quote is written as it came, or escaped as it came; but for one that came as \\u0022, and
    then nothing can be said: -1.
    """
    return -1 if b"\\" in raw and b"\\u0022" in raw else raw.count(b'"')


def shown(value: object) -> str:
    """A bad value for a person to read: JSON, cut short."""
    text = encode(value).decode() if not isinstance(value, str) else json.dumps(value[:1000])
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _number(text: str) -> msgspec.Raw:
    """The number as it came; without an exponent, as jsonb writes it: it must not grow later.

    Raises ValueError for a number beyond all bounds.
    """
    if len(text) < MAX_NUMBER_LENGTH and "e" not in text and "E" not in text:
        return msgspec.Raw(text)
    try:
        value = Decimal(text)
    except InvalidOperation:  # an exponent that not even Decimal can hold
        raise ValueError from None
    if len(text) > MAX_NUMBER_LENGTH or is_beyond(value):
        raise ValueError
    return msgspec.Raw(f"{value:f}")


def is_beyond(value: Decimal) -> bool:
    """Whether a number has an exponent that jsonb would write out in hundreds of digits."""
    return abs(value.adjusted()) > MAX_EXPONENT


_decode_tree = msgspec.json.Decoder(float_hook=_number).decode


def _depth(raw: bytes) -> int:
    depth = deepest = 0
    for bracket in re.findall(rb"[\[\]{}]", STRING.sub(b"", raw)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _not_json(raw: bytes, error: str) -> RejectError:
    try:
        raw.decode()
    except UnicodeDecodeError as wrong:
        return RejectError(Reason.ENCODING, f"byte {wrong.start} is not UTF-8")
    if 0 in raw[:4]:
        return RejectError(Reason.ENCODING, "UTF-16 or UTF-32")
    return RejectError(Reason.MALFORMED_JSON, error)


def _nul_path(value: object, path: str = "$") -> str:
    """Where the first U+0000 is, in a key or a value; the path of the object where it is a key."""
    if isinstance(value, str):
        return path if "\0" in value else ""
    if isinstance(value, dict):
        if any("\0" in key for key in value):
            return f"{path}, a key"
        return next(filter(None, (_nul_path(v, f"{path}.{k}") for k, v in value.items())), "")
    if isinstance(value, list):
        return next(filter(None, (_nul_path(v, f"{path}[{i}]") for i, v in enumerate(value))), "")
    return ""
