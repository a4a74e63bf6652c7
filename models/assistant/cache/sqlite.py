"""The response cache in one SQLite file: the embedded default.

Write-ahead logging, so that readers never wait: a look-up is some microseconds on the event loop, and writing is done
by a thread. Synced when the log is folded in, not at each commit: a cache may lose its last seconds with the power.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from matria.durable import storage_error
from matria.errors import StorageError
from matria.sqlitefile import open_file, storage_failure, transaction
from models.assistant.base import ChatReply
from models.assistant.cache.base import CacheEntry, ModelStock, PruneRule, SeenSnapshot
from models.assistant.cache.reply_json import dump, load
from models.assistant.cache.writer import BatchWriter

SCHEMA_VERSION = 1
REMEDY = "delete it, and what was in it is asked for again."
"""Where the file is damaged, or another's."""
SCHEMA = (
    "CREATE TABLE responses (key BLOB PRIMARY KEY, address TEXT NOT NULL, model TEXT NOT NULL, snapshot TEXT NOT NULL, "
    "made_at_us INTEGER NOT NULL, size_bytes INTEGER NOT NULL, reply TEXT NOT NULL)",
    "CREATE INDEX responses_by_age ON responses (made_at_us, key)",
    "CREATE TABLE snapshots (address TEXT NOT NULL, model TEXT NOT NULL, snapshot TEXT NOT NULL, "
    "seen_at_us INTEGER NOT NULL, PRIMARY KEY (address, model)) WITHOUT ROWID",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)
PUT = "INSERT OR REPLACE INTO responses VALUES (?, ?, ?, ?, ?, ?, ?)"
SEEN = (
    "INSERT INTO snapshots VALUES (?, ?, ?, ?) ON CONFLICT (address, model) DO UPDATE "
    "SET snapshot = excluded.snapshot, seen_at_us = excluded.seen_at_us WHERE excluded.seen_at_us >= seen_at_us"
)
SURVEY = (
    "SELECT address, model, snapshot, count(*), sum(size_bytes), min(made_at_us), max(made_at_us) FROM responses "
    "GROUP BY address, model, snapshot ORDER BY address, model, snapshot"
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Result = TypeVar("Result")


class SqliteCache:
    """See `models.assistant.cache.base.ResponseCache`. The file and its folder are made when first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: sqlite3.Connection | None = None
        self._written_by: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._writer: BatchWriter | None = None

    async def get(self, key: str) -> ChatReply | None:
        """The reply under a key."""
        if self._writer is not None and (entry := self._writer.unwritten.get(key)) is not None:
            return entry.reply
        found = self._read(
            lambda c: c.execute("SELECT reply FROM responses WHERE key = ?", (bytes.fromhex(key),)).fetchone()
        )
        return None if found is None else load(found[0])

    async def put(self, entry: CacheEntry) -> None:
        """The entry is kept."""
        if self._writer is None:
            self._writer = BatchWriter(self._write)
        self._writer.put(entry)

    async def snapshot(self, address: str, model: str) -> SeenSnapshot | None:
        """The model that answered last under that name."""
        self._flush()
        found = self._read(
            lambda c: c.execute(
                "SELECT snapshot, seen_at_us FROM snapshots WHERE address = ? AND model = ?", (address, model)
            ).fetchone()
        )
        return None if found is None else SeenSnapshot(found[0], _time(found[1]))

    async def survey(self) -> Sequence[ModelStock]:
        """What is kept, by address, model and snapshot."""
        self._flush()
        rows = self._read(lambda c: c.execute(SURVEY).fetchall())
        return [
            ModelStock(address, model, snapshot, entries, size, _time(oldest), _time(newest))
            for address, model, snapshot, entries, size, oldest, newest in rows
        ]

    async def prune(self, rule: PruneRule) -> int:
        """How many entries went; the room that they took is given back to the disk."""

        def go(connection: sqlite3.Connection) -> int:
            with transaction(connection):
                gone = _delete_matching(connection, rule)
                if rule.max_size_bytes is not None:
                    gone += _delete_oldest(connection, rule.max_size_bytes)
            if gone:
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return gone

        self._flush()
        return self._read(go)

    async def ping(self) -> str:
        """The store, and how many entries it holds."""
        self._flush()
        (entries,) = self._read(lambda c: c.execute("SELECT count(*) FROM responses").fetchone())
        return f"SQLite cache, {entries} replies ({self._path.name})"

    async def aclose(self) -> None:
        """What is outstanding is written; the next call opens the store again."""
        self._flush()
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _flush(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._written_by is not None:
            self._written_by.close()
            self._written_by = None

    def _write(self, entries: Sequence[CacheEntry]) -> None:
        """The entries in one transaction, by a connection of the writing thread's own."""
        rows = []
        for entry in entries:
            reply = dump(entry.reply)
            rows.append(
                (
                    bytes.fromhex(entry.key),
                    entry.address,
                    entry.model,
                    entry.reply.model_snapshot,
                    _microseconds(entry.made_at),
                    len(reply.encode()),
                    reply,
                )
            )
        seen = {(entry.address, entry.model): entry for entry in sorted(entries, key=lambda e: e.made_at)}
        snapshots = [(*key, e.reply.model_snapshot, _microseconds(e.made_at)) for key, e in seen.items()]
        with _as_storage_errors(self._path):
            if self._written_by is None:
                self._written_by = _open(self._path)
            with transaction(self._written_by):
                self._written_by.executemany(PUT, rows)
                self._written_by.executemany(SEEN, snapshots)

    def _read(self, ask: Callable[[sqlite3.Connection], Result]) -> Result:
        with _as_storage_errors(self._path), self._lock:
            if self._opened is None:
                self._opened = _open(self._path)
            return ask(self._opened)


def _delete_matching(connection: sqlite3.Connection, rule: PruneRule) -> int:
    conditions: list[str] = []
    values: list[int | str] = []
    if rule.made_before is not None:
        conditions.append("made_at_us < ?")
        values.append(_microseconds(rule.made_before))
    if rule.model is not None:
        conditions.append("? IN (model, snapshot)")
        values.append(rule.model)
    if not conditions:
        return 0
    return connection.execute(f"DELETE FROM responses WHERE {' AND '.join(conditions)}", values).rowcount


def _delete_oldest(connection: sqlite3.Connection, max_size_bytes: int) -> int:
    """Entries deleted so that the newest ones left take at most so many bytes."""
    return connection.execute(
        "DELETE FROM responses WHERE key IN (SELECT key FROM (SELECT key, sum(size_bytes) OVER "
        "(ORDER BY made_at_us DESC, key DESC) AS so_far FROM responses) WHERE so_far > ?)",
        (max_size_bytes,),
    ).rowcount


def _open(path: Path) -> sqlite3.Connection:
    return open_file(path, "NORMAL", lambda opened: _prepare(opened, path))


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        for statement in SCHEMA:
            connection.execute(statement)
    elif version != SCHEMA_VERSION:
        raise StorageError(
            f"{path} is a response cache of version {version} and this Mátria reads version {SCHEMA_VERSION}: delete "
            "it, and what was in it is asked for again."
        )


@contextmanager
def _as_storage_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise storage_error(error, path) from error
    except sqlite3.Error as error:
        raise storage_failure(error, path, "response cache", REMEDY) from error


def _microseconds(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def _time(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)
