"""What every `TableStore` does, on each of its adapters."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from matria.contracts.base import TableStore
from matria.contracts.digest import content_digest
from matria.contracts.parquet import ParquetTables

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
STORES: dict[str, Callable[[Path], TableStore]] = {"parquet": lambda folder: ParquetTables(folder / "tables")}


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> TableStore:
    """A new, empty store."""
    return STORES[request.param](tmp_path)


def _frame(pulse: float = 70.0) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "patient_key": ["a", None],
            "occurred_at": pd.to_datetime(["2026-06-01T10:00:00.5Z", None], utc=True),
            "born_on": pd.to_datetime(["2026-06-01", None]),
            "parity": pd.array([1, None], dtype="Int64"),
            "is_ill": pd.array([True, None], dtype="boolean"),
            "pulse": [pulse, None],
            "never": pd.Series([None, None], dtype="object"),
        }
    )


def test_a_version_reads_back_as_it_was_put(store: TableStore) -> None:
    version = store.put("vitals", _frame(), {"raw": ["abc"]}, NOW)
    pd.testing.assert_frame_equal(store.read(version), _frame())
    assert (version.table, version.rows, version.recorded_at) == ("vitals", 2, NOW)
    assert version.details == {"raw": ["abc"]}
    assert version.data_version == content_digest(_frame())


def test_putting_an_equal_frame_again_changes_nothing(store: TableStore) -> None:
    first = store.put("vitals", _frame(), {"raw": ["abc"]}, NOW)
    again = store.put("vitals", _frame(), {"raw": ["other"]}, NOW + timedelta(days=1))
    assert again == first
    assert store.versions("vitals") == [first]


def test_versions_come_oldest_first_and_tables_do_not_see_each_other(store: TableStore) -> None:
    late = store.put("vitals", _frame(60), {}, NOW + timedelta(days=1))
    early = store.put("vitals", _frame(70), {}, NOW)
    store.put("labs", _frame(80), {}, NOW)
    assert store.versions("vitals") == [early, late]
    assert store.versions("births") == []


def test_a_store_says_what_it_is(store: TableStore) -> None:
    assert store.ping()
