"""The ledger in one SQLite file: the embedded default.

Write-ahead logging with a sync at each commit, so that an entry is on disk when `record` returns. Writers wait for
their turn, readers for nobody; who may not write the file reads it as it is. Entries are numbered in the order of
their commits, so that a number is a mark.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from matria.costs.ledger.partials import PASS_AFTER
from matria.costs.ledger.schema import SCHEMA, tables_do_not_fit
from matria.costs.ledger.store import SqlLedger
from matria.durable import storage_error
from matria.errors import StorageError
from matria.sqlitefile import WAIT_S, is_read_only, open_file, open_to_read, storage_failure

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

Result = TypeVar("Result")
REMEDY = "move it away; a new one is started, and the costs in the old one are lost unless a copy of it exists."
"""Where the file is damaged, or another's."""
_MARK = "sqlite:"


class SqliteLedger(SqlLedger):
    """See `matria.costs.base.Ledger` and `matria.costs.sums.CostSums`. The file is made when first needed."""

    def __init__(self, path: Path, pass_after: int = PASS_AFTER) -> None:
        super().__init__(SqliteFile(path), pass_after)


class SqliteFile:
    """See `matria.costs.ledger.database.Database`."""

    latency_us = "CAST(e.latency_ms * 1000 AS INTEGER)"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opening = threading.Lock()
        self._writing = threading.Lock()
        self._opened: Engine | None = None

    @contextmanager
    def reading(self) -> "Iterator[Connection]":
        """A connection to read with."""
        with self._failures(), self._reader().connect() as connection:
            connection.exec_driver_sql("BEGIN")
            yield connection
            connection.rollback()

    @contextmanager
    def writing(self) -> "Iterator[Connection]":
        """A connection to write with; one at a time."""
        with self._failures(), self._writing, self._engine().connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    def mark(self, connection: "Connection") -> str:
        """The number of the newest entry."""
        return f"{_MARK}{self.count(connection)}"

    def seen(self, mark: str) -> str:
        """SQL that holds for the rows of a mark."""
        return f"e.written <= {_newest(mark)}"

    def unseen(self, mark: str) -> str:
        """SQL that holds for the rows that came after a mark."""
        return f"e.written > {_newest(mark)}"

    def covers(self, newer: str, older: str) -> bool:
        """Whether every row of the older mark is one of the newer."""
        return _newest(newer) >= _newest(older)

    def count(self, connection: "Connection") -> int:
        """The number of the newest entry: none is ever left out or taken away."""
        return connection.exec_driver_sql("SELECT max(written) FROM ledger_entries").scalar() or 0

    def ping(self) -> str:
        """The file."""
        return f"SQLite ledger {self._path.name}"

    def close(self) -> None:
        """The file is let go."""
        with self._opening:
            if self._opened is not None:
                self._opened.dispose()
                self._opened = None

    def again(self, work: Callable[[], Result]) -> Result:
        """What `work` gives; a file's connection does not break."""
        return work()

    def _engine(self) -> "Engine":
        with self._opening:
            if self._opened is None:
                self._opened = self._open()
            return self._opened

    def _reader(self) -> "Engine":
        """The file as for writing, or where this user may not write it for this one question."""
        from sqlalchemy.exc import DBAPIError

        try:
            return self._engine()
        except (sqlite3.Error, OSError, DBAPIError) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            if not (isinstance(cause, Exception) and is_read_only(cause) and self._path.is_file()):
                raise
        return self._open_to_read()

    def _open_to_read(self) -> "Engine":
        from sqlalchemy import create_engine
        from sqlalchemy.pool import NullPool

        engine = create_engine("sqlite://", creator=lambda: open_to_read(self._path), poolclass=NullPool)
        with engine.connect() as connection:
            if SCHEMA.version_of(connection) != SCHEMA.head:
                raise StorageError(
                    f"{self._path} is a ledger of another version and this user may not bring it to this one's: "
                    "open it once as a user who may write it."
                )
        return engine

    def _open(self) -> "Engine":
        from sqlalchemy import create_engine
        from sqlalchemy.pool import QueuePool

        engine = create_engine(
            "sqlite://",
            creator=lambda: open_file(self._path, "FULL", lambda opened: None),
            poolclass=QueuePool,
            pool_timeout=WAIT_S,
        )
        try:
            with engine.connect() as connection:
                if SCHEMA.version_of(connection) != SCHEMA.head:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                    SCHEMA.bring_to_head(connection, str(self._path))
                    connection.commit()
        except BaseException:
            engine.dispose()
            raise
        return engine

    @contextmanager
    def _failures(self) -> "Iterator[None]":
        from sqlalchemy.exc import DBAPIError
        from sqlalchemy.exc import TimeoutError as NoConnection

        try:
            yield
        except OSError as error:
            raise storage_error(error, self._path) from error
        except DBAPIError as error:
            if not isinstance(error.orig, sqlite3.Error):
                raise
            if str(error.orig).startswith(("no such column", "no such table")):
                raise StorageError(f"{self._path} {tables_do_not_fit(str(error.orig))}") from error.orig
            raise storage_failure(error.orig, self._path, "ledger", REMEDY) from error.orig
        except sqlite3.Error as error:
            raise storage_failure(error, self._path, "ledger", REMEDY) from error
        except NoConnection as error:
            raise StorageError(
                f"{self._path} is read by too many threads at once: try again when they are done."
            ) from error


def _newest(mark: str) -> int:
    if not mark.startswith(_MARK) or not mark.removeprefix(_MARK).isdecimal():
        raise ValueError(f"{mark!r} is no mark of a ledger in SQLite")
    return int(mark.removeprefix(_MARK))
