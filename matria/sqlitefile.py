"""A SQLite file that several processes write: opened in WAL mode, its schema made once, writes in transactions."""

import errno
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from matria.durable import storage_error
from matria.errors import StorageError

WAIT_S = 30.0
"""How long one process waits for another that writes."""


def open_file(
    path: Path, synchronous: Literal["FULL", "NORMAL"], prepare: Callable[[sqlite3.Connection], None]
) -> sqlite3.Connection:
    """The file, made where there is none; `prepare` makes or checks its schema, one process at a time.

    With `FULL` a commit outlives a power cut, with `NORMAL` the death of a process. Raises `sqlite3.Error` and
    `OSError`, and what `prepare` raises.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None, check_same_thread=False)
    try:
        _switch_to_wal(connection)
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        with transaction(connection):
            prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the block's writes, or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # SQLite has rolled back by itself where the disk was full
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def storage_failure(error: sqlite3.Error, path: Path, name: str, remedy: str) -> StorageError:
    """What SQLite met, as the sentence that a user sees; `name` is what the file is, `remedy` what to do else."""
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_FULL:
        return storage_error(OSError(errno.ENOSPC, "disk full"), path)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return storage_error(OSError(errno.EACCES, str(error)), path)
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return StorageError(f"{path} is not a {name} that can be read ({error}): {remedy}")
    if code == sqlite3.SQLITE_BUSY:
        return StorageError(f"{path} has been held by another process for {WAIT_S:.0f} s: stop the one that is stuck.")
    return StorageError(f"{path} could not be used as the {name}: {error}.")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """SQLite does not wait for this one switch when two processes make the file at once, so the waiting is here."""
    give_up_at = time.monotonic() + WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)
        else:
            return
