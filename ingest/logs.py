"""Logs on standard error: a line each, for people or, with LOG_FORMAT=json, for machines.

With LOG_FOLDER the same lines go to a file there; each day (UTC) begins a new one, seven are kept.
"""

import json
import logging
import os
import sys
import time
import warnings
from datetime import UTC, datetime
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path
from typing import TextIO

from ingest.errors import SettingsError

# The Kafka client's own log, shown with --debug only.
LIBRDKAFKA = "ingest.librdkafka"
TEXT = "%(asctime)s %(levelname)-7s %(name)s %(message)s"
NEWLINE = "\n"
# Files of the days before that are kept in LOG_FOLDER.
DAYS_KEPT = 7


def printable(text: str, keep: str = "") -> str:
    """The text; what drives a terminal or forges a line is escaped as in JSON. `keep` may stay."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else json.dumps(c)[1:-1] for c in text)


class TextFormatter(logging.Formatter):
    """One event a line, whatever is in it; a stack trace in more. Times are UTC."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        text = super().format(record)
        return printable(text, "\n") if record.exc_info else printable(text)


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True)


class _Console(logging.StreamHandler[TextIO]):
    """Standard error."""


def set_up(*, debug: bool, command: str) -> None:
    """Log to standard error, and to `ingest-<command>.log` in LOG_FOLDER if there is one.

    Raises SettingsError for an unknown LOG_FORMAT, or a folder that cannot be written.
    """
    log_format = os.environ.get("LOG_FORMAT", "text")
    if log_format not in ("text", "json"):
        raise SettingsError(f"LOG_FORMAT: text or json (it is {log_format!r})")
    handlers: list[logging.Handler] = [_Console(sys.stderr)]
    if folder := os.environ.get("LOG_FOLDER", ""):
        handlers.append(_file(Path(folder) / f"ingest-{command}.log"))
    formatter = JsonFormatter() if _is_json() else TextFormatter(TEXT)
    for handler in handlers:
        handler.setFormatter(formatter)
    logger = logging.getLogger("ingest")
    for ours in (logger, logging.getLogger("waitress")):
        ours.handlers = handlers
        ours.propagate = False
    logging.raiseExceptions = False  # a full disk loses lines, and nothing else
    # Of a producer that is thrown away: the next one ends its transaction.
    warnings.filterwarnings("ignore", "Producer .* during close", RuntimeWarning)
    logger.setLevel(logging.DEBUG if debug else logging.INFO)
    logging.getLogger(LIBRDKAFKA).setLevel(logging.DEBUG if debug else logging.CRITICAL + 1)


def say_last(message: str) -> None:
    """Say why the command ends: for people in a sentence of its own, else as any other line."""
    logger = logging.getLogger("ingest")
    record = logger.makeRecord(logger.name, logging.ERROR, "", 0, message, (), None)
    consoles = [handler for handler in logger.handlers if isinstance(handler, _Console)]
    for handler in logger.handlers:
        if _is_json() or handler not in consoles:
            handler.handle(record)
    if not consoles or not _is_json():
        sys.stderr.write(f"ingest: {printable(message, keep=NEWLINE)}\n")


def _is_json() -> bool:
    return os.environ.get("LOG_FORMAT") == "json"


def _file(path: Path) -> logging.Handler:
    try:
        return TimedRotatingFileHandler(
            path, when="midnight", utc=True, backupCount=DAYS_KEPT, encoding="utf-8"
        )
    except OSError as error:
        raise SettingsError(f"LOG_FOLDER: cannot write {path} ({error.strerror})") from error
