"""Both feature tables built from everything that is clean, written offline, then online.

Several ingestions accumulate: each table is the union of its clean versions (`matria.contracts.union` says which row
stands where two disagree). Publishing the same clean tables again gives the same versions and doubles nothing.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from matria.contracts.base import TableStore
from matria.contracts.contract import Contract, load_contracts
from matria.contracts.union import Union, read_union
from matria.errors import InputError
from matria.events.synthetic import is_synthetic
from matria.features import engagement, risk
from matria.features.base import FeatureRow, FeatureVersion, OfflineStore, OnlineStore
from matria.features.schema import ENGAGEMENT_FEATURES, RISK_FEATURES, Column, names

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_SOURCES = ("patients", "visits", "vitals", "labs", "births", "content_interactions", "assistant_messages")
_NEEDED = ("patients", "visits")
"""Without these there is no row at all; the others may be empty."""

_Build = Callable[[Mapping[str, "pd.DataFrame"], date], "pd.DataFrame"]
_VIEWS: tuple[tuple[str, _Build, tuple[Column, ...]], ...] = (
    (risk.TABLE, risk.build_risk_features, RISK_FEATURES),
    (engagement.TABLE, engagement.build_engagement_features, ENGAGEMENT_FEATURES),
)


@dataclass(frozen=True)
class PublishedTable:
    """One feature table as published."""

    table: str
    rows: int
    subjects: int
    """Women in it."""
    labelled: int | None
    """Rows whose outcome is known; None where the table has no label."""
    version: FeatureVersion
    online_news: int
    """Rows that were news to the online store."""

    @property
    def data_version(self) -> str:
        """SHA-256 of the content."""
        return self.version.data_version


@dataclass(frozen=True)
class SourceTable:
    """One clean table as read."""

    table: str
    rows: int
    versions: int
    repeated: int
    """Rows that several versions hold."""
    conflicts: int
    """Rows left out since an older version holds another row of the same key."""
    skipped_versions: int
    """Versions left out since another hash key made them."""


@dataclass(frozen=True)
class PublishReport:
    """What one publishing did."""

    as_of: date
    at: datetime
    tables: Sequence[PublishedTable]
    sources: Sequence[SourceTable]
    is_synthetic: bool
    """Whether every clean version came from a simulated file."""

    @property
    def data_version(self) -> str:
        """SHA-256 over the versions of both tables."""
        versions = [f"{published.table} {published.data_version}" for published in self.tables]
        return hashlib.sha256("\n".join(versions).encode()).hexdigest()


def publish(
    clean: TableStore,
    offline: OfflineStore,
    online: OnlineStore,
    hash_key_id: str,
    now: datetime,
    as_of: date | None = None,
    contracts: Mapping[str, Contract] | None = None,
) -> PublishReport:
    """Features as of the UTC day `as_of`, by default the last day on which anything clean occurred.

    Raises `InputError` where there is nothing clean to build from, `StorageError` where a store does not take a row.
    What was written offline before that stays; publishing again finishes it.
    """
    known = contracts or load_contracts()
    unions = {table: read_union(clean, known[table], hash_key_id) for table in _SOURCES}
    if missing := [table for table in _NEEDED if unions[table].frame.empty]:
        raise InputError(f"There are no clean rows of {' and '.join(missing)}: ingest their events first.")
    tables = {table: union.frame for table, union in unions.items()}
    day = as_of or _last_day(tables)
    built = [(table, build(tables, day), columns) for table, build, columns in _VIEWS]
    published = [_published(table, frame, columns, offline, online, now) for table, frame, columns in built]
    report = PublishReport(
        as_of=day,
        at=now,
        tables=published,
        sources=[_source(table, union) for table, union in unions.items()],
        is_synthetic=all(
            is_synthetic(str(version.details.get("source"))) for union in unions.values() for version in union.versions
        ),
    )
    for one in report.tables:
        log.info("published %s: %d rows of %d women, %.12s", one.table, one.rows, one.subjects, one.data_version)
    return report


def _last_day(tables: Mapping[str, "pd.DataFrame"]) -> date:
    newest: datetime = max(frame["occurred_at"].max() for frame in tables.values() if not frame.empty)
    return newest.date()


def _published(
    table: str,
    frame: "pd.DataFrame",
    columns: tuple[Column, ...],
    offline: OfflineStore,
    online: OnlineStore,
    now: datetime,
) -> PublishedTable:
    version = offline.write(table, frame, now)
    news = online.write(table, list(_newest(frame, columns, version.data_version)))
    label = names(columns, "label")
    return PublishedTable(
        table=table,
        rows=len(frame),
        subjects=frame["patient_key"].nunique(),
        labelled=int(frame[label[0]].notna().sum()) if label else None,
        version=version,
        online_news=news,
    )


def _newest(frame: "pd.DataFrame", columns: tuple[Column, ...], data_version: str) -> Iterator[FeatureRow]:
    """The newest row of each subject, features only: neither label nor protected attribute is served."""
    import pandas as pd

    newest = frame.sort_values("as_of_date", kind="stable").groupby("patient_key").tail(1)
    features = names(columns, "feature")
    for key, day, *values in newest[["patient_key", "as_of_date", *features]].itertuples(index=False, name=None):
        known = [None if pd.isna(value) else value for value in values]
        yield FeatureRow(key, day.date(), data_version, dict(zip(features, known, strict=True)))


def _source(table: str, union: Union) -> SourceTable:
    return SourceTable(table, len(union.frame), len(union.versions), union.repeated, union.conflicts, union.skipped)
