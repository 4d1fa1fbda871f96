"""How large a message may be: settings, so that an operator can raise them and replay."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Larger messages are dead letters; `docs/how-to/dead-letters.md` names the variables."""

    message_bytes: int = 1_048_576
    nesting: int = 64
    items: int = 1_000
    id_length: int = 64  # in characters
