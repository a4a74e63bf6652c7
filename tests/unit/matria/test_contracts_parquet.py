"""Versions on disk: an unfinished one does not count and is finished, a damaged one is one sentence."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from matria.contracts.parquet import ParquetTables
from matria.errors import StorageError

NOW = datetime(2026, 7, 1, tzinfo=UTC)
FRAME = pd.DataFrame({"pulse": [70.0, 71.0]})


def test_a_version_whose_description_was_never_written_is_not_listed_and_is_finished(tmp_path: Path) -> None:
    store = ParquetTables(tmp_path)
    version = store.put("vitals", FRAME, {}, NOW)
    Path(version.location).with_suffix(".json").unlink()
    assert store.versions("vitals") == []
    assert store.put("vitals", FRAME, {}, NOW) == version


def test_a_left_over_temporary_file_is_no_version(tmp_path: Path) -> None:
    store = ParquetTables(tmp_path)
    version = store.put("vitals", FRAME, {}, NOW)
    (tmp_path / "vitals" / ".abc.json.1234.partial").write_text("{")
    (tmp_path / "vitals" / ".abc.json").write_text("{")
    assert store.versions("vitals") == [version]


def test_a_damaged_version_is_a_storage_error(tmp_path: Path) -> None:
    store = ParquetTables(tmp_path)
    version = store.put("vitals", FRAME, {}, NOW)
    Path(version.location).write_bytes(b"PAR1 and then nothing")
    with pytest.raises(StorageError, match="ingest its source again"):
        store.read(version)
    Path(version.location).with_suffix(".json").write_text("{")
    with pytest.raises(StorageError, match="ingest its source again"):
        store.versions("vitals")


def test_a_folder_that_is_a_file_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "tables").write_text("a file")
    with pytest.raises(StorageError):
        ParquetTables(tmp_path / "tables").put("vitals", FRAME, {}, NOW)
