"""What an ingestion tells: rows in, clean, quarantined and why, duplicates, and where everything lies."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from matria.contracts.base import Version
from matria.contracts.check import ReasonCount


@dataclass(frozen=True)
class TableReport:
    """What became of the rows of one table. `rows_in` = `clean` + `quarantined` + `duplicates`."""

    table: str
    rows_in: int
    clean: int
    quarantined: int
    duplicates: int
    raw_files: Sequence[Path]
    new_raw_files: int
    """How many of `raw_files` did not lie there before."""
    clean_version: Version | None
    """None for what is no event, and where no row was clean."""
    quarantine_version: Version | None
    """None where nothing was quarantined."""


@dataclass(frozen=True)
class IngestReport:
    """What one ingestion did."""

    source: str
    at: datetime
    tables: Sequence[TableReport]
    """By name; what was no event at all stands as the table `unreadable`."""
    reasons: Sequence[ReasonCount]
    """Why rows were quarantined, each row once: their rows sum to the quarantined rows."""
    hash_key_id: str

    @property
    def rows_in(self) -> int:
        """Rows received."""
        return sum(table.rows_in for table in self.tables)

    @property
    def clean(self) -> int:
        """Rows in clean tables."""
        return sum(table.clean for table in self.tables)

    @property
    def quarantined(self) -> int:
        """Rows in quarantine."""
        return sum(table.quarantined for table in self.tables)

    @property
    def duplicates(self) -> int:
        """Rows collapsed into an equal one."""
        return sum(table.duplicates for table in self.tables)

    @property
    def data_version(self) -> str:
        """SHA-256 over the clean versions: equal inputs under equal contracts and hash key have equal ones."""
        versions = [f"{table.table} {table.clean_version.data_version}" for table in self.tables if table.clean_version]
        return hashlib.sha256("\n".join(sorted(versions)).encode()).hexdigest()
