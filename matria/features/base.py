"""The ports of the two feature stores: offline for training, online for serving."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pandas as pd

FeatureValue = str | float | bool | None


@dataclass(frozen=True)
class FeatureVersion:
    """One version of one feature table."""

    table: str
    """Such as `risk_features`."""
    data_version: str
    """SHA-256 of the content; see `matria.contracts.digest`."""
    rows: int
    published_at: datetime
    """When it was first written, UTC."""
    location: str
    """Where a person finds it."""


@dataclass(frozen=True)
class FeatureRow:
    """What the online store knows of one subject."""

    patient_key: str
    as_of_date: date
    data_version: str
    values: Mapping[str, FeatureValue]
    """By feature; None was never measured. Neither label nor protected attribute is among them."""


class OfflineStore(Protocol):
    """Keeps versions of feature tables for training. A version never changes.

    1. A version is named by its content: writing an equal frame again changes nothing and gives the first version back.
    2. `write` returns after the version is durable; one that a killed writer left unfinished is not listed.
    3. `versions` gives them in order of `published_at`, then `data_version`; an unknown table has none.
    4. `read` gives the frame as it was written: columns, types, order of rows. Raises `InputError` for a version that
       the store does not hold.
    5. Raises `StorageError` where the store cannot be written or read.
    """

    def write(self, table: str, frame: "pd.DataFrame", now: datetime) -> FeatureVersion:
        """The version that holds `frame`."""

    def versions(self, table: str) -> Sequence[FeatureVersion]:
        """The versions of one table, oldest first."""

    def read(self, table: str, data_version: str) -> "pd.DataFrame":
        """The content of one version."""

    def ping(self) -> str:
        """A short description of the store that answered."""


class OnlineStore(Protocol):
    """Knows the newest row of each subject, for serving.

    1. `write` keeps a row where its `as_of_date` is that of the kept row or later: rows in any order, the same rows
       again, and late rows of an older day all end in the same state. Of equal days the one written last stands.
    2. All rows of one `write` become visible together or not at all; it returns once they are durable.
    3. `read` gives None for a subject that it does not know, and None for a value that is missing.
    4. Tables do not see each other.
    5. Raises `StorageError` where the store cannot be written or read.
    """

    def write(self, table: str, rows: Sequence[FeatureRow]) -> int:
        """How many rows were news: of a subject unknown before, or another than was kept."""

    def read(self, table: str, patient_key: str) -> FeatureRow | None:
        """The newest row of one subject."""

    def count(self, table: str) -> int:
        """How many subjects the table knows."""

    def ping(self) -> str:
        """A short description of the store that answered."""
