"""From a message's bytes to the order in them, or the reason why not."""

import re

import msgspec

from ingest.errors import RejectError
from ingest.limits import Limits
from ingest.orders.message import Message
from ingest.orders.strict_json import check_nul, check_size, decode_object
from ingest.orders.values import check_values
from ingest.reasons import Reason


class SkippedError(Exception):
    """A message of another object_type: none of our business, counted and left."""


def decode(raw: bytes | None, limits: Limits) -> Message:
    """The order in the raw bytes of a message's value.

    Fields that are not named above, and keys that come twice, are left to `enrich`. Raises
    RejectError with the reason and the path of the first fault, or SkippedError.
    """
    raw = check_size(raw, limits)
    try:
        message = _decode(raw)
        if message.object_type != "order":
            raise SkippedError(message.object_type)
        check_values(message, limits)
    except Exception as error:
        raise _fault(raw, error, limits) from None
    if b"\\" in raw:
        check_nul(raw)
    return message


def check(raw: bytes | None, limits: Limits) -> Message:
    """Like `decode`, and sure of everything: whether the message would be taken.

    Redis is not asked. Raises RejectError or SkippedError.
    """
    message = decode(raw, limits)
    decode_object(raw or b"", limits)
    return message


_decode = msgspec.json.Decoder(Message).decode


def _fault(raw: bytes, error: Exception, limits: Limits) -> Exception:
    """What to say of a message that is not taken: first whether it is strict JSON at all.

    Raises RejectError too.
    """
    tree = decode_object(raw, limits)
    kind = tree.get("object_type")
    if kind is None:
        return RejectError(Reason.MISSING_FIELD, "$.object_type is missing or null")
    if isinstance(kind, str) and kind != "order":
        return SkippedError(kind)
    return _rejection(str(error)) if isinstance(error, msgspec.ValidationError) else error


def _rejection(error: str) -> RejectError:
    """The dead letter's reason and detail, of msgspec's error."""
    what, _, where = error.partition(" - at `")
    path = where.removesuffix("`") or "$"
    if missing := re.fullmatch(r"Object missing required field `(.+)`", what):
        path = f"{path}.{missing[1]}"
        is_id = path == "$.object_id"
        return RejectError(
            Reason.BAD_OBJECT_ID if is_id else Reason.MISSING_FIELD, f"{path} is missing"
        )
    if what.endswith("got `null`") and path != "$.object_id":
        return RejectError(Reason.MISSING_FIELD, f"{path} is null")
    reason = Reason.WRONG_TYPE
    if path == "$.object_id":
        reason = Reason.BAD_OBJECT_ID
    elif path.endswith(".quantity"):
        reason = Reason.BAD_QUANTITY
    elif what.startswith("Expected `str` of length"):
        reason = Reason.BAD_ID
    elif what.startswith("Invalid enum value"):
        reason = Reason.UNKNOWN_STATUS
    return RejectError(reason, f"{path}: {what}")
