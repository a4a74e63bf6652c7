"""What is remembered of a database between two runs: its id, and those of its properties and options.

Notion keeps an id when somebody renames a property or an option, so a renamed one is found again. It is kept with the
records, beside the cursors; without it everything is found by name.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from evals.review.notion.words import Code
from evals.review.records import ReviewRecords

_KEPT_AS = "notion-database"


@dataclass(frozen=True)
class Memory:
    """Ids as Notion gave them; all empty before the first time."""

    database_id: str = ""
    source_id: str = ""
    parent_id: str = ""
    """Page that was set when it was found; another one set since means another database."""
    fields: Mapping[Code, str] = field(default_factory=dict)
    """Property id by code."""
    options: Mapping[Code, Mapping[str, str]] = field(default_factory=dict)
    """Of a select: option id by what it means."""


def recall(records: ReviewRecords) -> Memory:
    """What was remembered; nothing where it cannot be read."""
    try:
        return Memory(**json.loads(records.cursor(_KEPT_AS) or "{}"))
    except (ValueError, TypeError):
        return Memory()


def remember(records: ReviewRecords, memory: Memory) -> None:
    """Kept where it is new."""
    if memory != recall(records):
        records.set_cursor(_KEPT_AS, json.dumps(asdict(memory), sort_keys=True))
