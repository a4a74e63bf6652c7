"""Both tables published: twice is once, several ingestions accumulate, what is served holds no label."""

import shutil
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from small_service import UNTIL, Service

from matria.contracts.contract import Contract
from matria.contracts.parquet import ParquetTables
from matria.errors import InputError, StorageError
from matria.events.file import open_file
from matria.events.ingest import ingest, local_stores
from matria.events.synthetic import simulate, write_jsonl
from matria.features.frame import conform
from matria.features.parquet import ParquetFeatures
from matria.features.publish import PublishReport, publish
from matria.features.schema import ENGAGEMENT_FEATURES, RISK_FEATURES, names
from matria.features.sqlite import SqliteFeatures
from matria.policy import Policy
from matria.privacy.keys import HashKey


def _publish(clean: Path, home: Path, now: datetime, as_of: date | None = None) -> PublishReport:
    offline, online = ParquetFeatures(home / "features"), SqliteFeatures(home / "online.db")
    return publish(ParquetTables(clean), offline, online, "test-1", now, as_of)


def test_both_tables_are_published_as_of_the_last_day_known(service: Service, tmp_path: Path, now: datetime) -> None:
    report = _publish(service.home / "clean", tmp_path, now)
    risk, engagement = report.tables
    assert report.as_of == date(2026, 6, 29)
    assert report.is_synthetic
    assert (risk.table, engagement.table) == ("risk_features", "engagement_features")
    frame = ParquetFeatures(tmp_path / "features").read("risk_features", risk.data_version)
    assert list(frame.columns) == names(RISK_FEATURES)
    assert (risk.rows, risk.subjects) == (len(frame), frame["patient_key"].nunique())
    assert risk.labelled == frame["adverse_outcome"].notna().sum()
    assert engagement.labelled is None
    assert engagement.subjects == len(service.tables["patients"])
    assert {source.table: source.rows for source in report.sources}["visits"] == len(service.tables["visits"])


def test_the_newest_row_of_each_woman_is_served_without_label_and_protected(
    service: Service, tmp_path: Path, now: datetime
) -> None:
    risk = _publish(service.home / "clean", tmp_path, now).tables[0]
    frame = ParquetFeatures(tmp_path / "features").read("risk_features", risk.data_version)
    online = SqliteFeatures(tmp_path / "online.db")
    assert online.count("risk_features") == risk.subjects == risk.online_news
    for key, rows in frame.groupby("patient_key"):
        newest = rows.iloc[-1]
        served = online.read("risk_features", str(key))
        assert served is not None
        assert served.as_of_date == newest["as_of_date"].date()
        assert list(served.values) == names(RISK_FEATURES, "feature")
        assert served.data_version == risk.data_version
        for name, value in served.values.items():
            assert (value == newest[name]) if value is not None else newest.isna()[name]


def test_publishing_again_changes_nothing(service: Service, tmp_path: Path, now: datetime) -> None:
    first = _publish(service.home / "clean", tmp_path, now)
    again = _publish(service.home / "clean", tmp_path, now + timedelta(days=1))
    assert again.data_version == first.data_version
    assert [table.version for table in again.tables] == [table.version for table in first.tables]
    assert [table.online_news for table in again.tables] == [0, 0]


def test_ingestions_accumulate_and_overlap_counts_once(
    service: Service,
    tmp_path: Path,
    contracts: Mapping[str, Contract],
    policy: Policy,
    hash_key: HashKey,
    now: datetime,
) -> None:
    shutil.copytree(service.home / "clean", tmp_path / "clean")
    stores = local_stores(tmp_path)
    others = [event for event in simulate(20, seed=99, until=UNTIL) if event.topic in ("patients", "visits")]
    known = [event for event in service.events if event.topic in ("patients", "visits")][:600]
    overlapping = tmp_path / "synthetic-more.jsonl"
    write_jsonl([*known, *others], overlapping)
    more = ingest(open_file(overlapping, contracts), stores, contracts, hash_key, policy, now + timedelta(days=1))
    both = _publish(tmp_path / "clean", tmp_path, now)
    repeated = sum(source.repeated for source in both.sources)
    assert 500 < repeated <= 600
    assert sum(source.conflicts for source in both.sources) == 0
    assert sum(source.rows for source in both.sources) == service.report.clean + more.clean - repeated
    assert both.tables[1].subjects > len(service.tables["patients"])


def test_women_and_visits_are_enough_to_publish(service: Service, tmp_path: Path, now: datetime) -> None:
    for table in ("patients", "visits"):
        shutil.copytree(service.home / "clean" / table, tmp_path / "clean" / table)
    risk, engagement = _publish(tmp_path / "clean", tmp_path, now).tables
    assert risk.rows > 50
    assert risk.labelled == 0
    assert engagement.subjects == len(service.tables["patients"])


def test_nothing_clean_is_one_sentence(tmp_path: Path, now: datetime) -> None:
    with pytest.raises(InputError, match="no clean rows of patients and visits: ingest their events first"):
        _publish(tmp_path / "clean", tmp_path, now)


def test_tables_of_another_hash_key_are_not_mixed_in(service: Service, tmp_path: Path, now: datetime) -> None:
    offline, online = ParquetFeatures(tmp_path / "features"), SqliteFeatures(tmp_path / "online.db")
    with pytest.raises(InputError, match="no clean rows"):
        publish(service.stores.clean, offline, online, "another-key", now)


def test_a_store_that_takes_no_rows_is_a_storage_error(service: Service, tmp_path: Path, now: datetime) -> None:
    (tmp_path / "features").write_text("a file where the folder should be")
    with pytest.raises(StorageError):
        _publish(service.home / "clean", tmp_path, now)


def test_a_frame_that_lacks_a_column_or_a_subject_is_ours_to_fix(service: Service) -> None:
    from matria.errors import InternalError
    from matria.features.engagement import build_engagement_features

    frame = build_engagement_features(service.tables, UNTIL)
    with pytest.raises(InternalError, match="were not built"):
        conform(frame.drop(columns="region"), ENGAGEMENT_FEATURES)
    with pytest.raises(InternalError, match="no subject or day"):
        conform(frame.assign(patient_key=None), ENGAGEMENT_FEATURES)
