"""Strict JSON: raw bytes to a tree that Postgres stores as it came, or the reason why not.

Parsers let through what would change silently or fail later: the same key twice, U+0000, numbers
that jsonb writes out in a hundred thousand digits. Every check here is linear in the size of the
message, whatever it holds. Numbers with a fraction are `Decimal`: money never passes through a
binary float.
"""

import json
import re
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

import msgspec

from ingest.errors import RejectError
from ingest.limits import Limits
from ingest.reasons import REASONS, Reason

# A number of more characters, or beyond a double's exponent, is an attack on numeric, not a value.
MAX_NUMBER_LENGTH = 1000
MAX_EXPONENT = 308
# How much of a bad value a dead letter's detail shows, in characters.
SHOWN = 80
# A string, closed or not: one that must be closed is looked for again behind each of its quotes.
STRING = re.compile(rb'"(?:\\.|[^"\\])*+"?', re.DOTALL)


class BadValueError(ValueError):
    """A value that its type's `parse` does not accept; msgspec adds the path."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")


def decode_object(raw: bytes | None, limits: Limits) -> dict[str, Any]:
    """The object in the raw bytes, all of it as it came.

    Raises RejectError (empty, too_large, too_deep, malformed_json, encoding, not_an_object,
    nul_character, duplicate_key; bad_amount for a number beyond all bounds).
    """
    if raw is None or not raw.strip():
        raise RejectError(Reason.EMPTY, "no value" if raw is None else f"{len(raw)} bytes of space")
    if len(raw) > limits.message_bytes:
        detail = f"{len(raw)} bytes, MAX_MESSAGE_BYTES is {limits.message_bytes}"
        raise RejectError(Reason.TOO_LARGE, detail)
    if raw.count(b"[") + raw.count(b"{") > limits.nesting and _depth(raw) > limits.nesting:
        raise RejectError(Reason.TOO_DEEP, f"MAX_NESTING is {limits.nesting}")
    try:
        tree = _decode_tree(raw)
    except msgspec.ValidationError as error:  # a number that is too long, or refused by _number
        raise rejection(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_json(raw, str(error)) from None
    if not isinstance(tree, dict):
        raise RejectError(Reason.NOT_AN_OBJECT, shown(tree))
    # Escaped backslashes out of the way, a backslash in front of u0000 or of a quote is an escape.
    unescaped = raw.replace(b"\\\\", b"")
    if b"\\u0000" in unescaped:
        raise RejectError(Reason.NUL_CHARACTER, _nul_path(tree))
    # A parser keeps the last of two equal keys, so what it read has fewer strings than the bytes.
    if _quotes(unescaped) != _quotes(encode(tree).replace(b"\\\\", b"")):
        raise RejectError(Reason.DUPLICATE_KEY, _duplicate_path(raw))
    return tree


def compact(stored: str) -> bytes:
    """A stored payload, as Postgres writes jsonb, in the form in which `encode` writes it."""
    return encode(_decode_stored(stored))


def shown(value: object) -> str:
    """A bad value for a person to read: JSON, cut short."""
    text = encode(value).decode() if not isinstance(value, str) else json.dumps(value)[:1000]
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def wrong_type(expected: str, value: object) -> NoReturn:
    """Raise BadValueError for a value of another JSON type; null counts as missing."""
    if value is None:
        raise BadValueError(Reason.MISSING_FIELD, "null")
    raise BadValueError(Reason.WRONG_TYPE, f"expected a {expected}, got {shown(value)}")


def rejection(error: str) -> RejectError:
    """The dead letter's reason and detail, of msgspec's error or of a BadValueError in it."""
    what, _, where = error.partition(" - at `")
    path = where.removesuffix("`") or "$"
    code, _, detail = what.partition(": ")
    if code in REASONS:
        return RejectError(REASONS[code], f"{path}: {detail}")
    if missing := re.fullmatch(r"Object missing required field `(.+)`", what):
        path = f"{path}.{missing[1]}"
        is_id = path == "$.object_id"
        return RejectError(
            Reason.BAD_OBJECT_ID if is_id else Reason.MISSING_FIELD, f"{path} is missing"
        )
    if what.endswith("got `null`"):
        return RejectError(Reason.MISSING_FIELD, f"{path} is null")
    if what == "Integer value out of range":
        return RejectError(Reason.BAD_AMOUNT, f"{path}: an integer of too many digits")
    return RejectError(Reason.WRONG_TYPE, f"{path}: {what}")


def _number(text: str) -> Decimal:
    """The exact number, without an exponent, as jsonb writes it: no payload grows once stored."""
    try:
        value = Decimal(text)
    except InvalidOperation:  # an exponent that not even Decimal can hold
        raise BadValueError(Reason.BAD_AMOUNT, text[:SHOWN]) from None
    if len(text) > MAX_NUMBER_LENGTH or abs(value.adjusted()) > MAX_EXPONENT:
        raise BadValueError(Reason.BAD_AMOUNT, text[:SHOWN])
    return Decimal(f"{value:f}") if "e" in text or "E" in text else value


encode = msgspec.json.Encoder(decimal_format="number").encode
_decode_tree = msgspec.json.Decoder(float_hook=_number).decode
# What is stored has passed the checks; jsonb writes some numbers longer than they came.
_decode_stored = msgspec.json.Decoder(float_hook=Decimal).decode


def _quotes(unescaped: bytes) -> int:
    return unescaped.count(b'"') - unescaped.count(b'\\"')


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


def _duplicate_path(raw: bytes) -> str:
    """The first key that an object names twice."""
    twice: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        counts = Counter(key for key, _ in pairs)
        twice.extend(key for key, count in counts.items() if count > 1)

    json.loads(raw, object_pairs_hook=look, parse_int=str, parse_float=str)
    return f"the key {shown(twice[0])} twice" if twice else "a key twice"
