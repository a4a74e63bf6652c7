"""Several versions as one table: each row once, the first recorded stands, hash keys never mix."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from matria.contracts.contract import Contract
from matria.contracts.parquet import ParquetTables
from matria.contracts.union import read_union

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def _labs(**haemoglobin: float) -> pd.DataFrame:
    return pd.DataFrame({"event_key": list(haemoglobin), "haemoglobin_g_dl": list(haemoglobin.values())})


def _put(store: ParquetTables, frame: pd.DataFrame, day: int, key_id: str = "k1", table: str = "labs") -> None:
    store.put(table, frame, {"hash_key_id": key_id}, NOW + timedelta(days=day))


def test_each_row_stands_once_and_the_first_recorded_wins(tmp_path: Path, contracts: Mapping[str, Contract]) -> None:
    store = ParquetTables(tmp_path)
    _put(store, _labs(e2=12.5, e3=10.0, e4=9.0), day=1)
    _put(store, _labs(e1=11.0, e2=12.5, e3=11.1), day=0)
    union = read_union(store, contracts["labs"], "k1")
    assert dict(union.frame.to_numpy()) == {"e1": 11.0, "e2": 12.5, "e3": 11.1, "e4": 9.0}
    assert (union.repeated, union.conflicts, union.skipped, len(union.versions)) == (1, 1, 0, 2)


def test_versions_of_another_hash_key_are_left_out(tmp_path: Path, contracts: Mapping[str, Contract]) -> None:
    store = ParquetTables(tmp_path)
    _put(store, _labs(e1=11.0), day=0)
    _put(store, _labs(e9=11.0), day=1, key_id="k2")
    union = read_union(store, contracts["labs"], "k2")
    assert union.frame["event_key"].tolist() == ["e9"]
    assert union.skipped == 1


def test_a_table_without_key_is_told_apart_by_whole_rows(tmp_path: Path, contracts: Mapping[str, Contract]) -> None:
    store = ParquetTables(tmp_path)
    _put(store, pd.DataFrame({"age_years": [20, 30], "risk_level": ["low", "mid"]}), 0, table="screenings")
    _put(store, pd.DataFrame({"age_years": [30, 30], "risk_level": ["mid", "high"]}), 1, table="screenings")
    union = read_union(store, contracts["screenings"], "k1")
    assert len(union.frame) == 3
    assert (union.repeated, union.conflicts) == (1, 0)


def test_an_unknown_table_is_empty_with_its_columns(tmp_path: Path, contracts: Mapping[str, Contract]) -> None:
    union = read_union(ParquetTables(tmp_path), contracts["births"], "k1")
    assert union.frame.empty
    assert {"patient_key", "born_on"} <= set(union.frame.columns)
