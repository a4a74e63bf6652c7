"""The blocklists, in an SQLite file or in memory: lists, their terms, and which of them a text holds.

A term that is added or removed counts in an analysis only after the apply lag, as on the service, while the lists
themselves show it at once. Matching is by whole words after folding case and accents.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from guardrails.reading import fold
from matria.sqlitefile import open_file, storage_failure, transaction

APPLY_LAG_S = 300.0
"""How long the service takes to apply an edit: about five minutes."""

_IN_MEMORY = Path(":memory:")
_WORD = re.compile(r"\w+")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS blocklists (name TEXT PRIMARY KEY, description TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items (
    id TEXT PRIMARY KEY,
    list TEXT NOT NULL REFERENCES blocklists (name),
    text TEXT NOT NULL,
    description TEXT,
    place INTEGER NOT NULL,
    folded TEXT NOT NULL,
    applies_from REAL NOT NULL,
    applies_until REAL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS items_of_a_list ON items (list, place);
CREATE INDEX IF NOT EXISTS items_by_text ON items (text, list);
CREATE INDEX IF NOT EXISTS items_by_place ON items (place);
"""
_LISTED = "SELECT id, text, description FROM items WHERE list = ? AND applies_until IS NULL"


@dataclass(frozen=True)
class Blocklist:
    """One list."""

    name: str
    description: str | None


@dataclass(frozen=True)
class Item:
    """One term of a list."""

    id: str
    text: str
    description: str | None


@dataclass(frozen=True)
class Hit:
    """A term that a text holds."""

    blocklist: str
    item: str
    text: str


class Blocklists:
    """All lists. Callers see to it that a list exists before its terms are edited."""

    def __init__(self, clock: Callable[[], float], path: Path | None = None, apply_lag_s: float = APPLY_LAG_S) -> None:
        """`clock` tells seconds since 1970, so that a lag outlives a run. Raises `StorageError` if the file fails."""
        self._clock = clock
        self._apply_lag_s = apply_lag_s
        try:
            self._database = open_file(path or _IN_MEMORY, "NORMAL", _prepare)
        except sqlite3.Error as error:
            raise storage_failure(error, path or _IN_MEMORY, "emulator's state", "delete it to begin anew.") from error

    def put(self, name: str, description: str | None, *, keeps_description: bool) -> bool:
        """Makes or changes a list; whether it is new."""
        with transaction(self._database):
            is_new = self.find(name) is None
            self._database.execute("INSERT OR IGNORE INTO blocklists VALUES (?, NULL)", (name,))
            if not keeps_description:
                self._database.execute("UPDATE blocklists SET description = ? WHERE name = ?", (description, name))
        return is_new

    def find(self, name: str) -> Blocklist | None:
        """The list of that name."""
        row = self._database.execute("SELECT name, description FROM blocklists WHERE name = ?", (name,)).fetchone()
        return None if row is None else Blocklist(*row)

    def all(self) -> list[Blocklist]:
        """Every list, by name."""
        return [Blocklist(*row) for row in self._database.execute("SELECT name, description FROM blocklists")]

    def delete(self, name: str) -> bool:
        """Whether there was such a list; its terms go with it, at once."""
        with transaction(self._database):
            self._database.execute("DELETE FROM items WHERE list = ?", (name,))
            return self._database.execute("DELETE FROM blocklists WHERE name = ?", (name,)).rowcount > 0

    def add(self, name: str, terms: Sequence[tuple[str, str | None]]) -> list[Item]:
        """The terms as kept, in order; one that the list holds already keeps its id and gets the description."""
        with transaction(self._database):
            self._sweep()
            return [self._add(name, text, description) for text, description in terms]

    def remove(self, name: str, ids: Iterable[str]) -> None:
        """Takes terms off the list; an unknown id is let be."""
        until = self._clock() + self._apply_lag_s
        with transaction(self._database):
            self._database.executemany(
                "UPDATE items SET applies_until = ? WHERE list = ? AND id = ? AND applies_until IS NULL",
                [(until, name, item) for item in ids],
            )
            self._sweep()

    def item(self, name: str, item: str) -> Item | None:
        """One term of the list."""
        row = self._database.execute(f"{_LISTED} AND id = ?", (name, item)).fetchone()
        return None if row is None else Item(*row)

    def items(self, name: str, skip: int, most: int) -> list[Item]:
        """Terms of the list in the order in which they were added."""
        rows = self._database.execute(f"{_LISTED} ORDER BY place LIMIT ? OFFSET ?", (name, most, skip))
        return [Item(*row) for row in rows]

    def count(self, name: str | None = None) -> int:
        """How many terms the list holds, or all lists together."""
        where, given = ("", ()) if name is None else (" AND list = ?", (name,))
        query = f"SELECT count(*) FROM items WHERE applies_until IS NULL{where}"
        return int(self._database.execute(query, given).fetchone()[0])

    def hits(self, names: Iterable[str], text: str) -> list[Hit]:
        """Terms of these lists that apply by now and stand in the text as whole words."""
        now, folded = self._clock(), _folded(text)
        rows = [
            row
            for name in dict.fromkeys(names)
            for row in self._database.execute(
                "SELECT list, id, text FROM items WHERE list = ? AND applies_from <= ?"
                " AND (applies_until IS NULL OR applies_until > ?) AND instr(?, folded) ORDER BY place",
                (name, now, now, folded),
            )
        ]
        return [Hit(*row) for row in rows]

    def clear(self) -> None:
        """Forgets every list."""
        with transaction(self._database):
            self._database.execute("DELETE FROM items")
            self._database.execute("DELETE FROM blocklists")

    def close(self) -> None:
        """Lets the file go."""
        self._database.close()

    def _add(self, name: str, text: str, description: str | None) -> Item:
        row = self._database.execute(f"{_LISTED} AND text = ?", (name, text)).fetchone()
        if row is not None:
            self._database.execute("UPDATE items SET description = ? WHERE id = ?", (description, row[0]))
            return Item(row[0], text, description)
        item = str(uuid4())
        self._database.execute(
            "INSERT INTO items VALUES (?, ?, ?, ?, (SELECT 1 + coalesce(max(place), 0) FROM items), ?, ?, NULL)",
            (item, name, text, description, _folded(text), self._clock() + self._apply_lag_s),
        )
        return Item(item, text, description)

    def _sweep(self) -> None:
        self._database.execute("DELETE FROM items WHERE applies_until <= ?", (self._clock(),))


def _prepare(database: sqlite3.Connection) -> None:
    for statement in _SCHEMA.split(";"):
        database.execute(statement)
    # Folding may have changed since the file was written.
    texts = [text for (text,) in database.execute("SELECT DISTINCT text FROM items")]
    database.executemany("UPDATE items SET folded = ? WHERE text = ?", [(_folded(text), text) for text in texts])


def _folded(text: str) -> str:
    """The words between single spaces, one at each end, so that a term is found as whole words alone."""
    folded = fold(text)
    words = _WORD.findall(folded)
    return f" {' '.join(words)} " if words else folded.strip()
