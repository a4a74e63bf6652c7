"""Log lines of this process: one line per decision, to standard error, plain or as JSON.

Modules log through `logging.getLogger(__name__)` with lazy arguments; counts, versions and durations, never the text of
a message or an identifier of a person.
"""

import json
import logging
import os
import sys
from datetime import UTC, datetime
from typing import Literal, TextIO

from matria.markdown import visible

KEEP_THEIR_OWN = ("prefect", "docket")
"""They log to a place of their own, where an operator reads them; a terminal gets the one sentence."""
OURS = ("flows", "evals", "models", "guardrails", "prompts", "matria")


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
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
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
    handler = logging.StreamHandler(stream or sys.stderr)
    plain = PlainLines("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")
    handler.setFormatter(JsonLines() if shape == "json" else plain)
    handler.addFilter(_is_ours_or_grave)
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", logging.getLevelName(max(level, logging.WARNING)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def _is_ours_or_grave(record: logging.LogRecord) -> bool:
    """Libraries are heard from warnings on, whatever level they gave their own loggers at import."""
    library = record.name.split(".")[0]
    if library in KEEP_THEIR_OWN:
        return record.levelno >= logging.CRITICAL
    return record.levelno >= logging.WARNING or library in OURS
