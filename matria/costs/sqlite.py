"""The ledger in one SQLite file: the embedded default.

Write-ahead logging with a sync at each commit, so that an entry is on disk when `record` returns; triggers refuse
changes and deletions, so that the file is append-only whoever opens it. One connection, used by one thread at a time;
other processes wait for their turn.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from matria.costs.base import Cost, LedgerEntry, Usage
from matria.durable import storage_error
from matria.errors import StorageError
from matria.sqlitefile import open_file, storage_failure, transaction

SCHEMA_VERSION = 3
REMEDY = "move it away; a new one is started, and the costs in the old one are lost unless a copy of it exists."
"""Where the file is damaged, or another's."""

COLUMNS: dict[str, Callable[[LedgerEntry], Any]] = {
    "call_id TEXT PRIMARY KEY": lambda e: e.call_id,
    "at_us INTEGER NOT NULL": lambda e: _microseconds(e.at),
    "purpose TEXT NOT NULL": lambda e: e.purpose,
    "conversation_id TEXT NOT NULL": lambda e: e.conversation_id,
    "message_id TEXT NOT NULL": lambda e: e.message_id,
    "prompt_name TEXT NOT NULL": lambda e: e.prompt_name,
    "prompt_version TEXT NOT NULL": lambda e: e.prompt_version,
    "prompt_hash TEXT NOT NULL": lambda e: e.prompt_hash,
    "persona TEXT NOT NULL": lambda e: e.persona,
    "locale TEXT NOT NULL": lambda e: e.locale,
    "provider TEXT NOT NULL": lambda e: e.provider,
    "model TEXT NOT NULL": lambda e: e.model,
    "model_snapshot TEXT NOT NULL": lambda e: e.model_snapshot,
    "input_tokens INTEGER NOT NULL": lambda e: e.usage.input_tokens,
    "output_tokens INTEGER NOT NULL": lambda e: e.usage.output_tokens,
    "cached_tokens INTEGER NOT NULL": lambda e: e.usage.cached_tokens,
    "reasoning_tokens INTEGER NOT NULL": lambda e: e.usage.reasoning_tokens,
    "latency_ms REAL NOT NULL": lambda e: e.latency_ms,
    "cost_state TEXT NOT NULL": lambda e: e.cost.state,
    "cost_usd TEXT": lambda e: None if e.cost.usd is None else str(e.cost.usd),
    "price_source TEXT NOT NULL": lambda e: e.cost.price_source,
    "priced_on TEXT NOT NULL": lambda e: e.cost.priced_on.isoformat(),
    "is_simulated INTEGER NOT NULL": lambda e: int(e.is_simulated),
    "text_records INTEGER NOT NULL DEFAULT 0": lambda e: e.usage.text_records,
    "cache_write_tokens INTEGER NOT NULL DEFAULT 0": lambda e: e.usage.cache_write_tokens,
    "tier TEXT NOT NULL DEFAULT 'standard'": lambda e: e.usage.tier,
    "message_us INTEGER NOT NULL DEFAULT 0": lambda e: _microseconds(e.message_at),
    "serves TEXT NOT NULL DEFAULT ''": lambda e: e.serves,
    "prompt_tokens INTEGER NOT NULL DEFAULT 0": lambda e: e.prompt_tokens,
}
"""Column with its type, and where its value lies in an entry. Dollars are text: a float would round them."""

SCHEMA = (
    f"CREATE TABLE ledger_entries ({', '.join(COLUMNS)}, "
    "CHECK ((cost_state = 'unpriced') = (cost_usd IS NULL))) WITHOUT ROWID",
    "CREATE INDEX ledger_entries_at ON ledger_entries (at_us, call_id)",
    *(
        f"CREATE TRIGGER ledger_entries_no_{change} BEFORE {change} ON ledger_entries "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        for change in ("UPDATE", "DELETE")
    ),
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)
MIGRATIONS = {
    1: ("ALTER TABLE ledger_entries ADD COLUMN text_records INTEGER NOT NULL DEFAULT 0", "PRAGMA user_version = 2"),
    2: (
        *(
            f"ALTER TABLE ledger_entries ADD COLUMN {column}"
            for column in list(COLUMNS)[list(COLUMNS).index("text_records INTEGER NOT NULL DEFAULT 0") + 1 :]
        ),
        "PRAGMA user_version = 3",
    ),
}
"""What makes a file of that version one of the next; no entry changes."""
INSERT = (
    f"INSERT INTO ledger_entries ({', '.join(column.split()[0] for column in COLUMNS)}) "
    f"VALUES ({', '.join('?' * len(COLUMNS))}) ON CONFLICT (call_id) DO NOTHING"
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SqliteLedger:
    """See `matria.costs.base.Ledger`. The file and its folder are made when first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None

    def record(self, entries: Iterable[LedgerEntry]) -> int:
        """How many entries were new; all of one call are written together or not at all."""
        rows = [tuple(value(entry) for value in COLUMNS.values()) for entry in entries]
        if not rows:
            return 0
        with self._connection() as connection, transaction(connection):
            before = connection.total_changes
            connection.executemany(INSERT, rows)
            return connection.total_changes - before

    def between(self, start: datetime, end: datetime) -> Sequence[LedgerEntry]:
        """The entries with `start <= at < end`, in order of `at`, then `call_id`."""
        window = _microseconds(start), _microseconds(end)
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT * FROM ledger_entries WHERE at_us >= ? AND at_us < ? ORDER BY at_us, call_id", window
            ).fetchall()
        return [_entry(row) for row in rows]

    def ping(self) -> str:
        """The file, and how many calls it holds."""
        with self._connection() as connection:
            (calls,) = connection.execute("SELECT count(*) FROM ledger_entries").fetchone()
        return f"SQLite ledger, {calls} calls ({self._path.name})"

    def close(self) -> None:
        """The file is let go; the next call opens it again."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock:
                if self._opened is None:
                    self._opened = _open(self._path)
                yield self._opened
        except OSError as error:
            raise storage_error(error, self._path) from error
        except sqlite3.Error as error:
            raise storage_failure(error, self._path, "ledger", REMEDY) from error


def _open(path: Path) -> sqlite3.Connection:
    connection = open_file(path, "FULL", lambda opened: _prepare(opened, path))
    connection.row_factory = sqlite3.Row
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        for statement in SCHEMA:
            connection.execute(statement)
        return
    while version in MIGRATIONS:
        for statement in MIGRATIONS[version]:
            connection.execute(statement)
        version += 1
    if version != SCHEMA_VERSION:
        raise StorageError(
            f"{path} is a ledger of version {version} and this Mátria reads version {SCHEMA_VERSION}: "
            "use the Mátria that wrote it, or name another folder with MATRIA_HOME."
        )


def _entry(row: sqlite3.Row) -> LedgerEntry:
    usd = row["cost_usd"]
    return LedgerEntry(
        call_id=row["call_id"],
        at=EPOCH + timedelta(microseconds=row["at_us"]),
        purpose=row["purpose"],
        conversation_id=row["conversation_id"],
        message_id=row["message_id"],
        prompt_name=row["prompt_name"],
        prompt_version=row["prompt_version"],
        prompt_hash=row["prompt_hash"],
        persona=row["persona"],
        locale=row["locale"],
        provider=row["provider"],
        model=row["model"],
        model_snapshot=row["model_snapshot"],
        usage=Usage(
            input_tokens=row["input_tokens"],
            output_tokens=row["output_tokens"],
            cached_tokens=row["cached_tokens"],
            reasoning_tokens=row["reasoning_tokens"],
            text_records=row["text_records"],
            cache_write_tokens=row["cache_write_tokens"],
            tier=row["tier"],
        ),
        latency_ms=row["latency_ms"],
        cost=Cost(
            row["cost_state"],
            None if usd is None else Decimal(usd),
            row["price_source"],
            date.fromisoformat(row["priced_on"]),
        ),
        is_simulated=bool(row["is_simulated"]),
        message_at=EPOCH + timedelta(microseconds=row["message_us"] or row["at_us"]),
        serves=row["serves"] or ("people" if row["purpose"] in ("assistant", "moderation") else "evaluation"),
        prompt_tokens=row["prompt_tokens"],
    )


def _microseconds(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("a ledger's times are aware of their time zone")
    return (at - EPOCH) // timedelta(microseconds=1)
