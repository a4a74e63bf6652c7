"""Versions of tables as Parquet under a folder: `<table>/<data_version>.parquet` with a `.json` that says what it is.

The JSON is written last, so a version exists once it is whole.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matria import durable
from matria.contracts.base import Version
from matria.contracts.digest import content_digest
from matria.errors import StorageError

if TYPE_CHECKING:
    import pandas as pd


class ParquetTables:
    """A `TableStore` on disk."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, table: str, frame: "pd.DataFrame", details: Mapping[str, Any], now: datetime) -> Version:
        """The version that holds `frame`; nothing is written where it is there already."""
        data_version = content_digest(frame)
        described = self._root / table / f"{data_version}.json"
        if not described.exists():
            durable.write_with(
                described.with_suffix(".parquet"), lambda partial: frame.to_parquet(partial, index=False)
            )
            content = {
                "table": table,
                "data_version": data_version,
                "rows": len(frame),
                "recorded_at": now.isoformat(),
                "details": dict(details),
            }
            durable.write_text(described, json.dumps(content, indent=2, sort_keys=True) + "\n")
        return _version(described)

    def versions(self, table: str) -> Sequence[Version]:
        """The versions of one table, oldest first."""
        found = (_version(described) for described in (self._root / table).glob("[!.]*.json"))
        return sorted(found, key=lambda version: (version.recorded_at, version.data_version))

    def read(self, version: Version) -> "pd.DataFrame":
        """The content of one version."""
        import pandas as pd

        path = Path(version.location)
        try:
            return pd.read_parquet(path, engine="pyarrow")
        except (OSError, ValueError) as error:
            raise StorageError(
                f"{path} cannot be read: delete it and its .json, then ingest its source again."
            ) from error

    def ping(self) -> str:
        """The folder, which need not exist yet."""
        return f"Parquet under {self._root}"


def _version(described: Path) -> Version:
    try:
        content: dict[str, Any] = json.loads(described.read_text(encoding="utf-8"))
        return Version(
            table=content["table"],
            data_version=content["data_version"],
            rows=content["rows"],
            recorded_at=datetime.fromisoformat(content["recorded_at"]),
            details=content["details"],
            location=str(described.with_suffix(".parquet")),
        )
    except (OSError, ValueError, KeyError) as error:
        raise StorageError(f"{described} cannot be read: delete it, then ingest its source again.") from error
