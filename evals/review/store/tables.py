"""The tables as queries name them; `migrations/` makes them, with their indexes and triggers."""

from typing import Any

from sqlalchemy import BigInteger, Column, Double, Integer, MetaData, Table, Text

_METADATA = MetaData()


def _table(name: str, *columns: Column[Any]) -> Table:
    return Table(f"review_{name}", _METADATA, *columns)


def _texts(*names: str) -> tuple[Column[Any], ...]:
    return tuple(Column(name, Text) for name in names)


def _moments(*names: str) -> tuple[Column[Any], ...]:
    return tuple(Column(f"{name}_us", BigInteger) for name in names)


def _number(name: str) -> Column[Any]:
    return Column(name, Integer, primary_key=True, autoincrement=True)


BATCHES = _table(
    "batches",
    *_texts("batch_id", "seed", "state", "strata", "missed"),
    *_moments("since", "until", "drawn"),
    Column("is_simulated", Integer),
)
ITEMS = _table(
    "items",
    _number("put"),
    *_texts("item_id", "batch_id", "kind", "locale", "persona", "stage", "conversation", "criterion"),
    *_moments("erased"),
)
ORIGINS = _table("origins", *_texts("item_id", "conversation_id", "source", "trace_id", "facts"))
PEOPLE = _table(
    "people",
    *_texts("reviewer_id", "name", "address", "role", "languages", "absences"),
    Column("is_active", Integer),
)
ASSIGNMENTS = _table(
    "assignments",
    _number("made"),
    *_texts("item_id", "reviewer_id", "part", "state", "disputed"),
    *_moments("due", "assigned", "reminded"),
)
DRAFTS = _table("drafts", *_texts("item_id", "reviewer_id", "fields"), *_moments("saved"), Column("version", Integer))
REVIEWS = _table(
    "reviews",
    _number("sequence"),
    *_texts("item_id", "reviewer_id", "part", "form", "given", "comment", "highlights"),
    *_moments("submitted", "retracted"),
    Column("revision", Integer),
    Column("teach", Integer),
    Column("seconds", Double),
)
CURSORS = _table("cursors", *_texts("form", "cursor"))
ERASED = _table("erased", *_texts("conversation_id"), *_moments("erased"))
AUDIT = _table("audit", _number("line"), *_moments("at"), *_texts("who", "did", "thing", "detail"))
KEYS = _table("keys", *_texts("kind", "key_hash", "reviewer_id", "data"), *_moments("expires"))
NOTES = _table("notes", _number("note"), *_texts("kind", "subject"), *_moments("at"))
