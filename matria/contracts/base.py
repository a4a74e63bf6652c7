"""The port behind which versions of tables lie: clean tables, and the rows in quarantine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Version:
    """One version of one table."""

    table: str
    data_version: str
    """SHA-256 of the content; see `matria.contracts.digest`."""
    rows: int
    recorded_at: datetime
    """When it was first put, UTC."""
    details: Mapping[str, Any]
    """What it was made from and under which contract and hash key; plain JSON values."""
    location: str
    """Where a person finds it."""


class TableStore(Protocol):
    """Keeps versions of tables. A version never changes.

    1. A version is named by its content: putting an equal frame again changes nothing and gives the first version back.
    2. `put` returns after the version is durable. One that a killed writer left unfinished is not listed, and putting
       it again finishes it.
    3. `versions` gives them in order of `recorded_at`, then `data_version`; an unknown table has none.
    4. `read` gives the frame as it was put: columns, types, order of rows.
    5. Raises `StorageError` where the store cannot be written or read.
    """

    def put(self, table: str, frame: "pd.DataFrame", details: Mapping[str, Any], now: datetime) -> Version:
        """The version that holds `frame`."""

    def versions(self, table: str) -> Sequence[Version]:
        """The versions of one table, oldest first."""

    def read(self, version: Version) -> "pd.DataFrame":
        """The content of one version."""

    def ping(self) -> str:
        """A short description of the store that answered."""
