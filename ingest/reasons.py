"""Why a message becomes a dead letter: the closed list, each with its meaning and its mend."""

from enum import StrEnum


class Reason(StrEnum):
    """A reason code, with a sentence for what it means and one for what to do."""

    meaning: str
    mend: str

    def __new__(cls, code: str, meaning: str, mend: str) -> "Reason":
        """Make the member of `code`, a string like any other."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        member.mend = mend
        return member

    @property
    def waits_for_reference(self) -> bool:
        """Whether the message itself is good and only Redis does not know enough yet."""
        return self in (
            Reason.UNKNOWN_USER,
            Reason.UNKNOWN_RESTAURANT,
            Reason.UNKNOWN_PRODUCT,
            Reason.BAD_REFERENCE,
        )

    EMPTY = (
        "empty",
        "The message has no value, or one of white space only.",
        "Nothing to mend; find out who sends it.",
    )
    MALFORMED_JSON = (
        "malformed_json",
        "The value is not JSON.",
        "Have the producer send JSON.",
    )
    ENCODING = (
        "encoding",
        "The value is not UTF-8.",
        "Have the producer encode it as UTF-8.",
    )
    NOT_AN_OBJECT = (
        "not_an_object",
        "The value is JSON, but not an object.",
        "Have the producer send an object.",
    )
    NUL_CHARACTER = (
        "nul_character",
        "A string holds the character U+0000, which Postgres cannot store.",
        "Have the producer leave it out.",
    )
    DUPLICATE_KEY = (
        "duplicate_key",
        "An object names the same key twice, so one of the values would be lost.",
        "Have the producer name each key once.",
    )
    TOO_DEEP = (
        "too_deep",
        "The value is nested more deeply than MAX_NESTING.",
        "Have the producer flatten it, or raise MAX_NESTING.",
    )
    TOO_LARGE = (
        "too_large",
        "The message, or what it is once enriched, is larger than the limits.",
        "Raise MAX_MESSAGE_BYTES, MAX_ITEMS or the topic's max.message.bytes, then replay.",
    )
    MISSING_FIELD = (
        "missing_field",
        "A required field is missing or null.",
        "Have the producer send it.",
    )
    WRONG_TYPE = (
        "wrong_type",
        "A field has another type than the contract says.",
        "Have the producer send the right type: see docs/reference/message.schema.json.",
    )
    BAD_OBJECT_ID = (
        "bad_object_id",
        "object_id is missing, or not a whole number from 0 to 9223372036854775807.",
        "Have the producer send the order's number.",
    )
    BAD_ID = (
        "bad_id",
        "An id is empty, blank, or longer than MAX_ID_LENGTH.",
        "Have the producer send the id, or raise MAX_ID_LENGTH.",
    )
    BAD_AMOUNT = (
        "bad_amount",
        "An amount is not a decimal from 0 to 99999999999999.99999 with at most 5 decimals, "
        "or a number is beyond all bounds.",
        "Have the producer send a plain decimal.",
    )
    BAD_QUANTITY = (
        "bad_quantity",
        "A quantity is not a whole number from 1 to 2147483647.",
        "Have the producer send a whole number.",
    )
    BAD_TIMESTAMP = (
        "bad_timestamp",
        "A timestamp is not YYYY-MM-DD HH:MM:SS[.ffffff] with an optional offset, a real time "
        "from the year 2000 to 2099.",
        "Have the producer send such a timestamp.",
    )
    UNKNOWN_STATUS = (
        "unknown_status",
        "The list of statuses names one that the life cycle does not know.",
        "Add it to the seed order_statuses and to ingest/orders/message.py, then replay.",
    )
    UNKNOWN_USER = (
        "unknown_user",
        "Redis does not know the user.",
        "Put the user into Redis; the message is replayed by itself.",
    )
    UNKNOWN_RESTAURANT = (
        "unknown_restaurant",
        "Redis does not know the restaurant.",
        "Put the restaurant into Redis; the message is replayed by itself.",
    )
    UNKNOWN_PRODUCT = (
        "unknown_product",
        "The restaurant's menu in Redis does not list the product.",
        "Put the product into the menu in Redis; the message is replayed by itself.",
    )
    BAD_REFERENCE = (
        "bad_reference",
        "What Redis holds of the user or the restaurant is no JSON or lacks a field.",
        "Mend the value in Redis; the message is replayed by itself.",
    )
    UNDECODABLE = (
        "undecodable",
        "Kafka's client cannot decompress the message, or it is damaged: its bytes are not known.",
        "Look at it with another client, and have it sent again, smaller or uncompressed.",
    )
    REFUSED_BY_POSTGRES = (
        "refused_by_postgres",
        "Postgres refused the value with a data error (SQLSTATE class 22).",
        "Read the detail; it is a hole in our checks, so please report it.",
    )


REASONS = {reason.value: reason for reason in Reason}
