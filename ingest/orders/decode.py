"""From a message's bytes to the order in them, or the reason why not.

Messages of other kinds have a `Decoder` of their own.
"""

import re
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import msgspec

from ingest.errors import RejectError
from ingest.limits import Limits
from ingest.orders.message import Envelope, Message
from ingest.orders.strict_json import check_nul, check_size, decode_object
from ingest.orders.values import are_good, check_envelope, check_values
from ingest.reasons import Reason

M = TypeVar("M", bound=Envelope)
# So many messages are looked at together, where nothing is wrong with any.
TOGETHER = 64


class SkippedError(Exception):
    """A message of another object_type: none of our business, counted and left."""


class Decoder(Generic[M]):
    """Takes messages of one `object_type`, as their class says.

    `check` raises RejectError for a value of a payload that is not as it must be. `are_good` says
    whether it need not be asked of any of many messages, nor `check_envelope`.
    """

    def __init__(
        self,
        message: type[M],
        object_type: str,
        check: Callable[[M, Limits], None] = lambda message, limits: None,
        are_good: Callable[[Sequence[M], Limits], bool] | None = None,
    ) -> None:
        self.object_type = object_type
        self._decode = msgspec.json.Decoder(message).decode
        self._check = check
        self._are_good = are_good

    def decode(self, raw: bytes | None, limits: Limits) -> M:
        """The message in the raw bytes of its value.

        Fields that are not named in its class, and keys that come twice, are left to `enrich`.
        Raises RejectError with the reason and the path of the first fault, or SkippedError.
        """
        raw = check_size(raw, limits)
        try:
            message = self._decode(raw)
            if message.object_type != self.object_type:
                raise SkippedError(message.object_type)
            check_envelope(message)
            self._check(message, limits)
        except Exception as error:
            raise self._fault(raw, error, limits) from None
        if b"\\" in raw:
            check_nul(raw)
        return message

    def decode_all(
        self, raws: Sequence[bytes | None], limits: Limits
    ) -> list[M | RejectError | SkippedError]:
        """What `decode` returns or raises for each."""
        outcomes: list[M | RejectError | SkippedError] = []
        for start in range(0, len(raws), TOGETHER):
            outcomes += self._decode_chunk(raws[start : start + TOGETHER], limits)
        return outcomes

    def _decode_chunk(
        self, raws: Sequence[bytes | None], limits: Limits
    ) -> Sequence[M | RejectError | SkippedError]:
        """All together; if that fails by halves, until those that are not good are alone."""
        if (messages := self._good(raws, limits)) is not None:
            return messages
        if len(raws) == 1:
            try:
                return [self.decode(raws[0], limits)]
            except (RejectError, SkippedError) as error:
                return [error]
        half = len(raws) // 2
        return [*self._decode_chunk(raws[:half], limits), *self._decode_chunk(raws[half:], limits)]

    def _good(self, raws: Sequence[bytes | None], limits: Limits) -> list[M] | None:
        """The messages in all of them; None unless each is as nearly all of them are."""
        if self._are_good is None:
            return None
        try:
            messages = list(map(self._decode, raws))  # type: ignore[arg-type]  # TypeError for None
        except Exception:  # `decode` says of each what it means
            return None
        is_good = (
            all([message.object_type == self.object_type for message in messages])
            and all([len(raw) <= limits.message_bytes and b"\\u0000" not in raw for raw in raws])  # type: ignore[arg-type,operator]
            and self._are_good(messages, limits)
        )
        return messages if is_good else None

    def _fault(self, raw: bytes, error: Exception, limits: Limits) -> Exception:
        """What to say of a message that is not taken: first whether it is strict JSON at all.

        Raises RejectError too.
        """
        tree = decode_object(raw, limits)
        kind = tree.get("object_type")
        if kind is None:
            return RejectError(Reason.MISSING_FIELD, "$.object_type is missing or null")
        if isinstance(kind, str) and kind != self.object_type:
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


ORDERS = Decoder(Message, "order", check_values, are_good)
decode = ORDERS.decode
