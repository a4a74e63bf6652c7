"""A SQLite file that several processes write: opened in WAL mode, its schema made once, writes in transactions.

Who may only read it reads it too (`open_to_read`). SQLite's codes are told apart by their first byte, which names the
kind of failure; the rest says more of it than is needed here.
"""

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


def open_to_read(path: Path) -> sqlite3.Connection:
    """The file, which is there, without a byte written to it or beside it. Raises `sqlite3.Error`.

    A reader in WAL mode has a file of its own beside the database. Where it may not make one and nobody else has, no
    process has the database open, and the file is read as one that does not change: keep such a connection for one
    question only.
    """
    address = path.absolute().as_uri()
    for more in ("", "&immutable=1"):
        connection = sqlite3.connect(
            f"{address}?mode=ro{more}", uri=True, timeout=WAIT_S, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.Error as error:
            connection.close()
            if more or not is_read_only(error) or path.with_name(f"{path.name}-wal").exists():
                raise
        else:
            return connection
    raise AssertionError("unreachable: the last attempt returns or raises")


def is_read_only(error: Exception) -> bool:
    """Whether it says that this user may not write here."""
    if isinstance(error, OSError):
        return error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
    return _kind(error) in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)


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
    code = _kind(error)
    if code == sqlite3.SQLITE_FULL:
        return storage_error(OSError(errno.ENOSPC, "disk full"), path)
    if is_read_only(error):
        return storage_error(OSError(errno.EACCES, str(error)), path)
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return StorageError(f"{path} is not a {name} that can be read ({error}): {remedy}")
    if code == sqlite3.SQLITE_BUSY:
        return StorageError(f"{path} has been held by another process for {WAIT_S:.0f} s: stop the one that is stuck.")
    return StorageError(f"{path} could not be used as the {name}: {error}.")


def _kind(error: Exception) -> int | None:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """SQLite does not wait for this one switch when two processes make the file at once, so the waiting is here."""
    give_up_at = time.monotonic() + WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if _kind(error) != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)
        else:
            return
