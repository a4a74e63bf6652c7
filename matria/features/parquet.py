"""The offline store as Parquet under a folder: versions of feature tables, kept as versions of any table are."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from matria.contracts.base import Version
from matria.contracts.parquet import ParquetTables
from matria.errors import InputError
from matria.features.base import FeatureVersion

if TYPE_CHECKING:
    import pandas as pd


class ParquetFeatures:
    """An `OfflineStore` on disk: `<table>/<data_version>.parquet`."""

    def __init__(self, root: Path) -> None:
        self._tables = ParquetTables(root)

    def write(self, table: str, frame: "pd.DataFrame", now: datetime) -> FeatureVersion:
        """The version that holds `frame`; nothing is written where it is there already."""
        return _feature_version(self._tables.put(table, frame, {}, now))

    def versions(self, table: str) -> Sequence[FeatureVersion]:
        """The versions of one table, oldest first."""
        return [_feature_version(version) for version in self._tables.versions(table)]

    def read(self, table: str, data_version: str) -> "pd.DataFrame":
        """The content of one version."""
        for version in self._tables.versions(table):
            if version.data_version == data_version:
                return self._tables.read(version)
        raise InputError(f"{table} has no version {data_version}: publish features, or name one that `versions` lists.")

    def ping(self) -> str:
        """The folder, which need not exist yet."""
        return self._tables.ping()


def _feature_version(version: Version) -> FeatureVersion:
    return FeatureVersion(version.table, version.data_version, version.rows, version.recorded_at, version.location)
