"""Log lines of this process: one line per decision, to standard error, plain or as JSON.

Modules log through `logging.getLogger(__name__)` with lazy arguments; counts, versions and durations, never the text of
a message or an identifier of a person. Should one slip in all the same, or come in a library's line or in an exception,
every record of this process masks it, whichever handler writes it.
"""

import json
import logging
import os
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from matria.markdown import visible

KEEP_THEIR_OWN = ("prefect", "docket")
"""They log to a place of their own, where an operator reads them; a terminal gets the one sentence."""
OURS = ("flows", "evals", "models", "guardrails", "prompts", "matria")


class MaskedRecord(logging.LogRecord):
    """A record whose message and exception hold no personal data, for every handler, ours or a library's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.exc_info, tuple) and self.exc_info[0] is not None:
            # Formatters take this text where it is there, and would else write their own from the exception.
            self.exc_text = _redacted("".join(traceback.format_exception(*self.exc_info)).rstrip("\n"))

    def getMessage(self) -> str:  # noqa: N802  (the standard library's name)
        """The message with its arguments, masked; one whose arguments do not fit says so without them."""
        try:
            return _redacted(super().getMessage())
        except (TypeError, ValueError):
            return f"{self.msg} (its arguments do not fit)"


class JsonLines(logging.Formatter):
    """Each record as one line of JSON, for a collector."""

    def format(self, record: logging.LogRecord) -> str:
        """One line with time (UTC), level, logger and message."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_text:
            line["exception"] = record.exc_text
        return json.dumps(line, ensure_ascii=False)


class PlainLines(logging.Formatter):
    """Each record as text for a terminal, which obeys nothing that a name or an error of a server brings along."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger and message, then the traceback where there is one."""
        return visible(super().format(record))


def configure(
    level: int = logging.WARNING, shape: Literal["plain", "json"] = "plain", stream: TextIO | None = None
) -> None:
    """This project's loggers speak at `level`; libraries only from warnings on."""
    mask_records()
    handler = logging.StreamHandler(stream or sys.stderr)
    plain = PlainLines("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")
    handler.setFormatter(JsonLines() if shape == "json" else plain)
    handler.addFilter(_is_ours_or_grave)
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", logging.getLevelName(max(level, logging.WARNING)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def mask_records() -> None:
    """From now on every log record of this process is masked."""
    logging.setLogRecordFactory(MaskedRecord)


def _redacted(text: str) -> str:
    from matria.privacy.identifiers import redact

    return redact(text)


def _is_ours_or_grave(record: logging.LogRecord) -> bool:
    """Libraries are heard from warnings on, whatever level they gave their own loggers at import."""
    library = record.name.split(".")[0]
    if library in KEEP_THEIR_OWN:
        return record.levelno >= logging.CRITICAL
    return record.levelno >= logging.WARNING or library in OURS
