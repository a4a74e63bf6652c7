"""Handovers in one SQLite file: the embedded default. Each call opens the file: they are rare, and must be durable."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from matria.durable import storage_error
from matria.errors import StorageError
from matria.handover.base import Handover
from matria.sqlitefile import open_file, storage_failure, transaction

SCHEMA_VERSION = 1
REMEDY = "copy it away for whoever looks after open conversations, then remove it; a new one is started."
SCHEMA = (
    "CREATE TABLE handovers (handover_id TEXT NOT NULL, conversation_id TEXT NOT NULL, reason TEXT NOT NULL, "
    "persona TEXT NOT NULL, locale TEXT NOT NULL, opened_at TEXT NOT NULL, message_id TEXT NOT NULL, told_at TEXT, "
    "closed_at TEXT, closed_by TEXT NOT NULL DEFAULT '')",
    "CREATE UNIQUE INDEX handovers_open ON handovers (conversation_id, reason) WHERE closed_at IS NULL",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)
OPEN = "WHERE handover_id = ? AND closed_at IS NULL"


class SqliteHandovers:
    """See `matria.handover.base.Handovers`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, handover: Handover) -> bool:
        """Whether it is new."""
        row = (
            handover.handover_id,
            handover.conversation_id,
            handover.reason,
            handover.persona,
            handover.locale,
            _text(handover.opened_at),
            handover.message_id,
        )
        with self._opened() as connection, transaction(connection):
            done = connection.execute(
                "INSERT INTO handovers (handover_id, conversation_id, reason, persona, locale, opened_at, message_id) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                row,
            )
            return done.rowcount == 1

    def waiting(self) -> Sequence[Handover]:
        """The open ones, oldest first."""
        with self._opened() as connection:
            rows = connection.execute(
                "SELECT * FROM handovers WHERE closed_at IS NULL ORDER BY opened_at, handover_id"
            ).fetchall()
        return [_handover(row) for row in rows]

    def told(self, handover_id: str, at: datetime) -> None:
        """A channel took the notice."""
        self._change(f"UPDATE handovers SET told_at = ? {OPEN}", (_text(at), handover_id), handover_id)

    def close(self, handover_id: str, by: str, at: datetime) -> None:
        """A person has taken care of it."""
        change = f"UPDATE handovers SET closed_at = ?, closed_by = ? {OPEN}"
        self._change(change, (_text(at), by, handover_id), handover_id)

    def ping(self) -> str:
        """How many are open, and of how many nobody was told."""
        waiting = self.waiting()
        untold = sum(handover.told_at is None for handover in waiting)
        return f"{len(waiting)} conversations wait for a person, {untold} of them told to nobody ({self._path.name})"

    def _change(self, statement: str, values: tuple[str, ...], handover_id: str) -> None:
        with self._opened() as connection, transaction(connection):
            if connection.execute(statement, values).rowcount == 0:
                raise KeyError(handover_id)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = open_file(self._path, "FULL", self._prepare)
            connection.row_factory = sqlite3.Row
            try:
                yield connection
            finally:
                connection.close()
        except OSError as error:
            raise storage_error(error, self._path) from error
        except sqlite3.Error as error:
            raise storage_failure(error, self._path, "list of handovers", REMEDY) from error

    def _prepare(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            for statement in SCHEMA:
                connection.execute(statement)
        elif version != SCHEMA_VERSION:
            raise StorageError(
                f"{self._path} is a list of handovers of version {version} and this Mátria reads version "
                f"{SCHEMA_VERSION}: use the Mátria that wrote it, or name another folder with MATRIA_HOME."
            )


def _text(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("the times of a handover are aware of their time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _handover(row: sqlite3.Row) -> Handover:
    told_at = row["told_at"]
    return Handover(
        conversation_id=row["conversation_id"],
        reason=row["reason"],
        persona=row["persona"],
        locale=row["locale"],
        opened_at=datetime.fromisoformat(row["opened_at"]),
        message_id=row["message_id"],
        told_at=None if told_at is None else datetime.fromisoformat(told_at),
    )
