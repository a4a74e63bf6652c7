"""What every `OfflineStore` and `OnlineStore` does, on each of its adapters."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pandas as pd
import pytest

from matria.contracts.digest import content_digest
from matria.errors import InputError, StorageError
from matria.features.base import FeatureRow, OfflineStore, OnlineStore
from matria.features.parquet import ParquetFeatures
from matria.features.sqlite import SqliteFeatures

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
FRAME = pd.DataFrame(
    {
        "patient_key": ["a", "b"],
        "as_of_date": pd.to_datetime(["2026-06-01", "2026-06-02"]),
        "age_years": [28.0, None],
        "age_band": ["20-34", None],
    }
)
OFFLINE: dict[str, Callable[[Path], OfflineStore]] = {"parquet": lambda folder: ParquetFeatures(folder / "features")}
ONLINE: dict[str, Callable[[Path], OnlineStore]] = {"sqlite": lambda folder: SqliteFeatures(folder / "online.db")}
BROKEN_ONLINE: dict[str, Callable[[Path], OnlineStore]] = {"sqlite": lambda folder: SqliteFeatures(folder)}


@pytest.fixture(params=sorted(OFFLINE))
def offline(request: pytest.FixtureRequest, tmp_path: Path) -> OfflineStore:
    """A new, empty store."""
    return OFFLINE[request.param](tmp_path)


@pytest.fixture(params=sorted(ONLINE))
def online(request: pytest.FixtureRequest, tmp_path: Path) -> OnlineStore:
    """A new, empty store."""
    return ONLINE[request.param](tmp_path)


def test_an_offline_version_reads_back_as_it_was_written(offline: OfflineStore) -> None:
    version = offline.write("risk_features", FRAME, NOW)
    pd.testing.assert_frame_equal(offline.read("risk_features", version.data_version), FRAME)
    assert (version.table, version.rows, version.published_at) == ("risk_features", 2, NOW)
    assert version.data_version == content_digest(FRAME)


def test_writing_an_equal_frame_offline_again_changes_nothing(offline: OfflineStore) -> None:
    first = offline.write("risk_features", FRAME, NOW)
    assert offline.write("risk_features", FRAME, NOW + timedelta(days=1)) == first
    assert offline.versions("risk_features") == [first]


def test_offline_versions_come_oldest_first(offline: OfflineStore) -> None:
    late = offline.write("risk_features", FRAME.iloc[:1], NOW + timedelta(days=1))
    early = offline.write("risk_features", FRAME, NOW)
    assert offline.versions("risk_features") == [early, late]
    assert offline.versions("engagement_features") == []


def test_a_version_that_the_offline_store_does_not_hold_is_one_sentence(offline: OfflineStore) -> None:
    version = offline.write("risk_features", FRAME, NOW)
    for table, data_version in (("risk_features", "0" * 64), ("engagement_features", version.data_version)):
        with pytest.raises(InputError, match="has no version"):
            offline.read(table, data_version)


ROW = FeatureRow("a", date(2026, 6, 2), "v1", {"age_years": 28.0, "favourite_theme": "rights", "bmi_kg_m2": None})


def test_an_online_row_reads_back_as_it_was_written(online: OnlineStore) -> None:
    assert online.write("risk_features", [ROW]) == 1
    assert online.read("risk_features", "a") == ROW
    assert online.read("risk_features", "b") is None
    assert online.read("engagement_features", "a") is None
    assert (online.count("risk_features"), online.count("engagement_features")) == (1, 0)


def test_the_newest_row_stands_in_whatever_order_rows_come(online: OnlineStore) -> None:
    rows = [replace(ROW, as_of_date=date(2026, 6, day), values={"age_years": float(day)}) for day in (1, 2, 3)]
    for number, order in enumerate(permutations(rows)):
        for row in order:
            online.write(f"table_{number}", [row])
        assert online.read(f"table_{number}", "a") == rows[-1]
    online.write("together", rows[::-1])
    assert online.read("together", "a") == rows[-1]
    assert online.count("together") == 1


def test_writing_the_same_rows_again_is_no_news(online: OnlineStore) -> None:
    rows = [ROW, replace(ROW, patient_key="b")]
    assert online.write("risk_features", rows) == 2
    assert online.write("risk_features", rows) == 0
    assert online.write("risk_features", [replace(ROW, as_of_date=date(2026, 6, 1))]) == 0


def test_a_correction_of_the_same_day_stands(online: OnlineStore) -> None:
    online.write("risk_features", [ROW])
    corrected = replace(ROW, values={"age_years": 29.0}, data_version="v2")
    assert online.write("risk_features", [corrected]) == 1
    assert online.read("risk_features", "a") == corrected


def test_rows_of_one_write_come_together_or_not_at_all(online: OnlineStore) -> None:
    online.write("risk_features", [ROW])
    unwritable = replace(ROW, patient_key="c", values={"age_years": float("nan")})
    with pytest.raises(ValueError, match="JSON compliant|nan"):
        online.write("risk_features", [replace(ROW, patient_key="b"), unwritable])
    assert online.count("risk_features") == 1


def test_writers_and_readers_share_the_online_store(online: OnlineStore) -> None:
    def write(day: int) -> None:
        rows = [replace(ROW, patient_key=f"p{n}", as_of_date=date(2026, 6, day)) for n in range(50)]
        online.write("risk_features", rows)

    writers = [threading.Thread(target=write, args=(day,)) for day in range(1, 9)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    kept = [online.read("risk_features", f"p{n}") for n in range(50)]
    assert {row.as_of_date for row in kept if row} == {date(2026, 6, 8)}
    assert online.count("risk_features") == 50


@pytest.mark.parametrize("kind", sorted(BROKEN_ONLINE))
def test_an_online_store_that_cannot_be_used_is_a_storage_error(kind: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        BROKEN_ONLINE[kind](tmp_path).write("risk_features", [ROW])
    with pytest.raises(StorageError):
        BROKEN_ONLINE[kind](tmp_path).ping()


def test_stores_say_what_they_are(online: OnlineStore, offline: OfflineStore) -> None:
    assert online.ping()
    assert offline.ping()
