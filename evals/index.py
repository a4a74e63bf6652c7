"""Where each row of a log lies, in a scratch database on disk, so that memory does not grow with the rows.

The index is private to its process and gone with it: the log alone is kept, and an index can always be made from it.
SQLite spills a database without a name to a temporary file and holds some 2 MB of it in memory.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from evals.rows import Row, Side
from matria.errors import StorageError

SIDES: tuple[tuple[Side, ...], ...] = ((), ("base",), ("head",), ("base", "head"))
"""Sides by their number: 1 for the base, 2 for the head, 3 for both."""

_GROUP = 500
_SLOTS = 1 << 20
_IS_FINAL = 3
"""Where `is_final` stands in a row of the table."""

_SCHEMA = """
CREATE TABLE rows (
    key TEXT PRIMARY KEY, place INTEGER, length INTEGER, is_final INTEGER,
    suite TEXT, case_id TEXT, prompt TEXT, prompt_hash TEXT, epoch INTEGER
) WITHOUT ROWID;
CREATE TABLE answers (answer_key TEXT PRIMARY KEY, place INTEGER, length INTEGER) WITHOUT ROWID;
CREATE TABLE wanted (key TEXT PRIMARY KEY, sides INTEGER) WITHOUT ROWID;
"""
_IN_ORDER = """
SELECT place, length, sides FROM wanted JOIN rows USING (key)
ORDER BY suite, case_id, prompt, prompt_hash, epoch, key
"""
_MISSING = "SELECT count(*) FROM wanted WHERE key NOT IN (SELECT key FROM rows)"


class Place(NamedTuple):
    """Which bytes of the log."""

    start: int
    length: int


class RowIndex:
    """The newest row of each key, and the newest answer of each answer key. Raises `StorageError` as a disk does."""

    def __init__(self) -> None:
        self._database = scratch_database(_SCHEMA)
        self._rows: dict[str, tuple[object, ...]] = {}
        self._answers: dict[str, Place] = {}
        """What is new, until it goes to the database in a group: one at a time would take five times as long."""
        self._met = bytearray(_SLOTS)
        """1 where a key of that hash was met: most keys that are asked for are new, and need no look into the database,
        which costs little by itself but hands the interpreter to whichever thread waits for it."""

    def put_row(self, row: Row, place: Place) -> None:
        """The row is known to lie there, in place of an older one of its key."""
        suite, case, prompt, prompt_hash, epoch, key = row.order
        self._met[hash(key) % _SLOTS] = 1
        self._rows[key] = (key, *place, row.is_final, suite, case, prompt, prompt_hash, epoch)
        if len(self._rows) >= _GROUP:
            self._store()

    def put_answer(self, answer_key: str, place: Place) -> None:
        """The answer lies there, or its row does."""
        self._met[hash(answer_key) % _SLOTS] = 1
        self._answers[answer_key] = place
        if len(self._answers) >= _GROUP:
            self._store()

    def is_final(self, key: str) -> bool:
        """Whether there is a row of this key that needs nothing more."""
        if not self._met[hash(key) % _SLOTS]:
            return False
        new = self._rows.get(key)
        if new is not None:
            return bool(new[_IS_FINAL])
        found = self._run("SELECT is_final FROM rows WHERE key = ?", (key,)).fetchone()
        return bool(found and found[0])

    def answer(self, answer_key: str) -> Place | None:
        """Where an answer lies that may be taken over."""
        if not self._met[hash(answer_key) % _SLOTS]:
            return None
        new = self._answers.get(answer_key)
        if new is not None:
            return new
        found = self._run("SELECT place, length FROM answers WHERE answer_key = ?", (answer_key,)).fetchone()
        return Place(*found) if found else None

    def in_order(self, sides: Iterable[tuple[str, tuple[Side, ...]]]) -> Iterator[tuple[Place, tuple[Side, ...]]]:
        """The rows of the keys given, as `Row.order` sorts them. Raises LookupError where a key has none."""
        self._store()
        self._run("DELETE FROM wanted")
        numbered = ((key, SIDES.index(of)) for key, of in sides)
        try:
            self._database.executemany("INSERT INTO wanted VALUES (?, ?)", numbered)
            (missing,) = self._database.execute(_MISSING).fetchone()
            if missing:
                raise LookupError(f"{missing} rows of the plan were never made")
            for start, length, number in self._database.execute(_IN_ORDER):
                yield Place(start, length), SIDES[number]
        except sqlite3.Error as error:
            raise scratch_error(error) from error

    def close(self) -> None:
        """The temporary file is gone."""
        self._database.close()

    def _store(self) -> None:
        try:
            self._database.executemany(
                "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", self._rows.values()
            )
            answers = ((key, *place) for key, place in self._answers.items())
            self._database.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", answers)
        except sqlite3.Error as error:
            raise scratch_error(error) from error
        self._rows.clear()
        self._answers.clear()

    def _run(self, statement: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        try:
            return self._database.execute(statement, values)
        except sqlite3.Error as error:
            raise scratch_error(error) from error


def scratch_database(schema: str) -> sqlite3.Connection:
    """A database of this process alone, on disk as it grows. Raises `StorageError` where it cannot be made."""
    try:
        database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        database.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {schema} BEGIN;")
    except sqlite3.Error as error:
        raise scratch_error(error) from error
    return database


def scratch_error(error: sqlite3.Error) -> StorageError:
    """The error in a sentence that says what to do."""
    return StorageError(
        f"The temporary index of the evaluation cannot be kept ({error}): free some space for temporary files, or "
        "point TMPDIR at a larger disk."
    )
