"""The three kinds of error: retry, reject, stop. Each says what is wrong and what to do."""

from ingest.reasons import Reason

# Of a dead letter's detail, in characters: a path may hold keys as long as the message.
DETAIL_LENGTH = 300


class OutageError(Exception):
    """An outside system is away: close everything, wait for it, begin anew. Nothing is lost."""

    def __init__(self, system: str, what: object) -> None:
        self.system, self.what = system, str(what).strip()
        super().__init__(f"{system}: {self.what}")


class RejectError(Exception):
    """One message cannot be loaded: it becomes a dead letter, its neighbours go on."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail if len(detail) <= DETAIL_LENGTH else f"{detail[:DETAIL_LENGTH]}…"


class StopError(Exception):
    """The command cannot go on until somebody changes something; the message says what."""

    exit_code = 1


class SettingsError(StopError):
    """A setting is missing or wrong."""

    exit_code = 2


class UnreachableError(StopError):
    """A host is unknown, or a system refuses the user, the password, or the database."""

    exit_code = 3

    def __init__(self, system: str, what: object) -> None:
        self.system, self.what = system, str(what).strip()
        super().__init__(f"{system}: {self.what}")


class UntrustedError(UnreachableError):
    """A system is there, but not with the TLS that the settings ask for."""

    exit_code = 2
