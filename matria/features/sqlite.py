"""The online store as one SQLite file: a row per table and subject."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

from matria import durable
from matria.errors import StorageError
from matria.features.base import FeatureRow

_BUSY_S = 30.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS online_features (
    table_name TEXT NOT NULL,
    patient_key TEXT NOT NULL,
    as_of_date TEXT NOT NULL,
    data_version TEXT NOT NULL,
    feature_values TEXT NOT NULL,
    PRIMARY KEY (table_name, patient_key)
) WITHOUT ROWID
"""
_UPSERT = """
INSERT INTO online_features VALUES (?, ?, ?, ?, ?)
ON CONFLICT (table_name, patient_key) DO UPDATE SET
    as_of_date = excluded.as_of_date, data_version = excluded.data_version, feature_values = excluded.feature_values
WHERE excluded.as_of_date >= as_of_date
  AND (excluded.as_of_date, excluded.data_version, excluded.feature_values)
      <> (as_of_date, data_version, feature_values)
"""


class SqliteFeatures:
    """An `OnlineStore` in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, table: str, rows: Sequence[FeatureRow]) -> int:
        """How many rows were news."""
        with self._connection() as connection, connection:
            before = connection.total_changes
            connection.executemany(_UPSERT, (_written(table, row) for row in rows))
            return connection.total_changes - before

    def read(self, table: str, patient_key: str) -> FeatureRow | None:
        """The newest row of one subject."""
        query = (
            "SELECT patient_key, as_of_date, data_version, feature_values FROM online_features "
            "WHERE table_name = ? AND patient_key = ?"
        )
        with self._connection() as connection:
            found = connection.execute(query, (table, patient_key)).fetchone()
        if found is None:
            return None
        return FeatureRow(found[0], date.fromisoformat(found[1]), found[2], json.loads(found[3]))

    def count(self, table: str) -> int:
        """How many subjects the table knows."""
        with self._connection() as connection:
            query = "SELECT count(*) FROM online_features WHERE table_name = ?"
            return int(connection.execute(query, (table,)).fetchone()[0])

    def ping(self) -> str:
        """The file, opened."""
        with self._connection():
            return f"SQLite {sqlite3.sqlite_version} in {self._path}"

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_BUSY_S)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")  # readers do not wait for a writer
                connection.execute(_SCHEMA)
                yield connection
        except OSError as error:
            raise durable.storage_error(error, self._path) from error
        except sqlite3.Error as error:
            raise StorageError(
                f"{self._path} could not be used ({error}): free some space or see who holds it, then run again."
            ) from error


def _written(table: str, row: FeatureRow) -> tuple[str, str, str, str, str]:
    values = json.dumps(dict(row.values), allow_nan=False)
    return table, row.patient_key, row.as_of_date.isoformat(), row.data_version, values
