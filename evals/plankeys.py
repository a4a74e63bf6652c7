"""The keys of a plan's rows with their sides, in a scratch database on disk, so that memory does not grow with them."""

import hashlib
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from evals.index import SIDES, scratch_database, scratch_error
from evals.rows import Side

_SCHEMA = "CREATE TABLE keys (key TEXT PRIMARY KEY, sides INTEGER, first INTEGER) WITHOUT ROWID;"
_ADD = "INSERT INTO keys VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET sides = sides | excluded.sides"
_NUMBERS: dict[Side, int] = {"base": 1, "head": 2}


class FirstOf(NamedTuple):
    """The number of the first trial of a row, counted from 0 in the order of the plan."""

    number: int
    key: str


class PlanKeys:
    """The key of each row, the sides that it is for, and the first trial that it comes from.

    Raises `StorageError` where temporary files find no space.
    """

    def __init__(self) -> None:
        self._database = scratch_database(_SCHEMA)

    def add(self, key: str, side: Side, number: int) -> None:
        """One trial; a row that both sides share has two."""
        try:
            self._database.execute(_ADD, (key, _NUMBERS[side], number))
        except sqlite3.Error as error:
            raise scratch_error(error) from error

    def __len__(self) -> int:
        (count,) = next(self._walk("SELECT count(*) FROM keys"))
        return int(count)

    def sides(self) -> Iterator[tuple[str, tuple[Side, ...]]]:
        """Each key with its sides, in order of the keys."""
        return ((key, SIDES[number]) for key, number in self._walk("SELECT key, sides FROM keys ORDER BY key"))

    def firsts(self) -> Iterator[FirstOf]:
        """Each key once, in the order of the plan."""
        return (FirstOf(number, key) for number, key in self._walk("SELECT first, key FROM keys ORDER BY first"))

    def digest(self) -> str:
        """SHA-256 over the keys and their sides."""
        total = hashlib.sha256()
        for key, sides in self.sides():
            total.update(f"{key} {' '.join(sides)}\n".encode())
        return total.hexdigest()

    def _walk(self, statement: str) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._database.execute(statement)
        except sqlite3.Error as error:
            raise scratch_error(error) from error
