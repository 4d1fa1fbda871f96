"""Logs on standard error: a line each, for people or, with LOG_FORMAT=json, for machines."""

import json
import logging
import os
import sys
import warnings
from datetime import UTC, datetime

from ingest.errors import SettingsError

# The Kafka client's own log, shown with --debug only.
LIBRDKAFKA = "ingest.librdkafka"


def printable(text: str, keep: str = "") -> str:
    """The text; what drives a terminal or forges a line is escaped as in JSON. `keep` may stay."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else json.dumps(c)[1:-1] for c in text)


class TextFormatter(logging.Formatter):
    """One event a line, whatever is in it; a stack trace in more."""

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


def set_up(*, debug: bool) -> None:
    """Log to standard error. Raises SettingsError for an unknown LOG_FORMAT."""
    log_format = os.environ.get("LOG_FORMAT", "text")
    if log_format not in ("text", "json"):
        raise SettingsError(f"LOG_FORMAT: text or json (it is {log_format!r})")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter()
        if log_format == "json"
        else TextFormatter("%(asctime)s %(levelname)-7s %(name)s %(message)s")
    )
    logger = logging.getLogger("ingest")
    logger.handlers = [handler]
    logger.propagate = False
    # Of a producer that is thrown away: the next one ends its transaction.
    warnings.filterwarnings("ignore", "Producer .* during close", RuntimeWarning)
    logger.setLevel(logging.DEBUG if debug else logging.INFO)
    logging.getLogger(LIBRDKAFKA).setLevel(logging.DEBUG if debug else logging.CRITICAL + 1)
