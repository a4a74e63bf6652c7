"""Entries written to and read from the ledger's tables, and added up there, whichever database they lie in.

A batch is one transaction. What a series' number is, is remembered once the transaction that made it is durable.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from matria.costs.base import LedgerEntry
from matria.costs.ledger.cells import microseconds
from matria.costs.ledger.database import Database
from matria.costs.ledger.partials import PASS_AFTER, keep_up
from matria.costs.ledger.rows import ENTRY_COLUMNS, POSTGRES_TYPES, SERIES_COLUMNS, EntryRow, entry_of, entry_row
from matria.costs.ledger.sums import call_sums, message_sums
from matria.costs.sums import CallSums, MessageSums, Window

if TYPE_CHECKING:
    from sqlalchemy import Connection

BETWEEN = (
    "SELECT * FROM ledger_entries e JOIN ledger_series s ON s.id = e.series WHERE e.at_us >= :start AND e.at_us < :end"
)


_PLACES = {"qmark": "?", "pyformat": "%s", "format": "%s"}
"""By the driver's way to name them."""


class SqlLedger:
    """See `matria.costs.base.Ledger` and `matria.costs.sums.CostSums`; for threads that share it."""

    def __init__(self, database: Database, pass_after: int = PASS_AFTER) -> None:
        self._database = database
        self._pass_after = pass_after
        self._numbers: dict[bytes, int] = {}
        self._lock = threading.Lock()
        self._keeping_up = threading.Lock()

    def record(self, entries: Iterable[LedgerEntry]) -> int:
        """How many entries were new; all of one call are written together or not at all."""
        rows = _first_of_each(entries)
        return self._database.again(lambda: self._write(rows)) if rows else 0

    def between(self, start: datetime, end: datetime) -> Sequence[LedgerEntry]:
        """The entries with `start <= at < end`, in order of `at`, then `call_id`."""
        window = {"start": microseconds(start), "end": microseconds(end)}

        def read() -> list[LedgerEntry]:
            with self._database.reading() as connection:
                return [entry_of(row) for row in _select(connection, BETWEEN, window)]

        return sorted(self._database.again(read), key=lambda entry: (entry.at, entry.call_id))

    def mark(self) -> str:
        """What is in the ledger now, as a token."""

        def read() -> str:
            with self._database.reading() as connection:
                return self._database.mark(connection)

        return self._database.again(read)

    def calls(self, window: Window) -> Sequence[CallSums]:
        """Calls of the window's messages."""
        return self._database.again(lambda: call_sums(self._database, window, self._mark_of(window)))

    def messages(self, window: Window) -> Sequence[MessageSums]:
        """Messages of the window."""
        return self._database.again(lambda: message_sums(self._database, window, self._mark_of(window)))

    def ping(self) -> str:
        """What holds the ledger, and how many calls it holds."""

        def read() -> str:
            with self._database.reading() as connection:
                return f"{self._database.ping()}, {self._database.count(connection)} calls"

        return self._database.again(read)

    def close(self) -> None:
        """Connections are let go; the next call opens them again."""
        self._database.close()
        with self._lock:
            self._numbers.clear()

    def _mark_of(self, window: Window) -> str:
        """The window's mark, or that of now; hourly sums are kept up to it."""
        mark = window.as_of or self.mark()
        with self._keeping_up:
            keep_up(self._database, mark, self._pass_after)
        return mark

    def _write(self, rows: Sequence[EntryRow]) -> int:
        with self._database.writing() as connection:
            numbers = self._series_numbers(connection, rows)
            new = _insert(
                connection, "ledger_entries", ENTRY_COLUMNS, "call_id", [(numbers[r.digest], *r.own) for r in rows]
            )
        with self._lock:
            self._numbers.update(numbers)
        return new

    def _series_numbers(self, connection: "Connection", rows: Sequence[EntryRow]) -> dict[bytes, int]:
        """By digest; new ones in one order, so that no two writers wait for each other."""
        series = {row.digest: row.series for row in rows}
        found = {digest: self._numbers[digest] for digest in series if digest in self._numbers}
        for digest in sorted(series.keys() - found.keys()):
            values = tuple(series[digest][column] for column in SERIES_COLUMNS)
            _insert(connection, "ledger_series", SERIES_COLUMNS, "digest", [values])
            (row,) = _select(connection, "SELECT id FROM ledger_series WHERE digest = :digest", {"digest": digest})
            found[digest] = row["id"]
        return found


def _insert(
    connection: "Connection", table: str, columns: Sequence[str], key: str, rows: Sequence[tuple[Any, ...]]
) -> int:
    """How many of the rows were new by their key. In the driver's own words, which takes half the time a row."""
    place = _PLACES[connection.dialect.paramstyle]
    into, known = f"INSERT INTO {table} ({', '.join(columns)})", f"ON CONFLICT ({key}) DO NOTHING"
    if len(rows) == 1:
        places = ", ".join([place] * len(columns))
        return connection.exec_driver_sql(f"{into} VALUES ({places}) {known}", rows[0]).rowcount
    if connection.dialect.name == "postgresql":  # a column at once: one statement, where the driver would send each row
        arrays = ", ".join(f"{place}::{POSTGRES_TYPES[column]}[]" for column in columns)
        by_column = tuple(list(column) for column in zip(*rows, strict=True))
        return connection.exec_driver_sql(f"{into} SELECT * FROM unnest({arrays}) {known}", by_column).rowcount
    places = ", ".join([place] * len(columns))
    return connection.exec_driver_sql(f"{into} VALUES ({places}) {known}", list(rows)).rowcount


def _first_of_each(entries: Iterable[LedgerEntry]) -> list[EntryRow]:
    """Of entries of the same call the first, in order of their ids: two writers of the same calls never wait in a
    circle."""
    rows: dict[str, EntryRow] = {}
    for entry in entries:
        if entry.call_id not in rows:
            rows[entry.call_id] = entry_row(entry)
    return [rows[call_id] for call_id in sorted(rows)]


def _select(connection: "Connection", statement: str, values: Mapping[str, Any]) -> Sequence[Mapping[Any, Any]]:
    from sqlalchemy import text

    return connection.execute(text(statement), values).mappings().all()
