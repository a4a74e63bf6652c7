"""The whole way of events: landed in raw, sorted by contract, anonymised, kept as clean tables and quarantine.

Free of Prefect and MLflow: it takes what it needs and gives a report. Running it again on the same input, after success
or after a kill at any instant, leaves the same files and gives the same counts.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matria.contracts.base import TableStore, Version
from matria.contracts.check import Checked, ReasonCount, check
from matria.contracts.contract import Contract
from matria.contracts.parquet import ParquetTables
from matria.contracts.reading import as_received
from matria.errors import ContractError, InputError, InternalError
from matria.events.base import EventSource
from matria.events.landing import UNREADABLE, Landed, land, read_events, read_rejected
from matria.events.report import IngestReport, TableReport
from matria.policy import Policy
from matria.privacy.anonymise import anonymise
from matria.privacy.keys import HashKey

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

Progress = Callable[[int, int, str], object]
"""Called with steps done, steps in all, and what was done last."""
_REASON_COLUMNS = ("column", "rule", "reason", "found", "raw_digest", "raw_row")


@dataclass(frozen=True)
class Stores:
    """Where ingestion keeps things."""

    raw: Path
    clean: TableStore
    quarantine: TableStore


def local_stores(home: Path) -> Stores:
    """The embedded stores, under `home`."""
    return Stores(home / "raw", ParquetTables(home / "clean"), ParquetTables(home / "quarantine"))


def ingest(
    source: EventSource,
    stores: Stores,
    contracts: Mapping[str, Contract],
    key: HashKey,
    policy: Policy,
    now: datetime,
    progress: Progress = lambda done, total, what: None,
) -> IngestReport:
    """Everything that `source` holds, kept; `now` is UTC and aware, and dates the raw files and the versions.

    Raises `InputError` where the source is missing, malformed or has fewer rows than policy asks for, `ContractError`
    where a table has more bad rows than quarantine may absorb (its quarantine is kept, no clean table is), and
    `StorageError` where the disk does not take a file.
    """
    context = _Context(source.name, stores, contracts, key, now)
    landed = _land_all(source, stores.raw, policy, now)
    steps = len(landed) + 2
    progress(1, steps, "events landed")
    tables: list[_Sorted] = []
    for table, files in landed.items():
        tables.append(_sorted(table, files, context))
        progress(len(tables) + 1, steps, f"{table} checked")
    quarantines = {table.name: _quarantine(table, context) for table in tables}
    _refuse_broken(tables, quarantines, policy)
    cleans = {table.name: _clean(table, context) for table in tables}
    source.acknowledge()
    progress(steps, steps, "clean tables kept")
    report = IngestReport(
        source=source.name,
        at=now,
        tables=[_report(table, cleans[table.name], quarantines[table.name]) for table in tables],
        reasons=[reason for table in tables for reason in table.checked.reasons],
        hash_key_id=key.key_id,
    )
    counts = (report.rows_in, report.clean, report.quarantined, report.duplicates, report.data_version)
    log.info("ingested %d rows: %d clean, %d quarantined, %d duplicates, data version %.12s", *counts)
    return report


@dataclass(frozen=True)
class _Context:
    """What every step of one ingestion needs."""

    source: str
    stores: Stores
    contracts: Mapping[str, Contract]
    key: HashKey
    now: datetime


@dataclass(frozen=True)
class _Sorted:
    """One table's rows sorted by its contract."""

    name: str
    files: Sequence[Landed]
    checked: Checked


def _land_all(source: EventSource, raw: Path, policy: Policy, now: datetime) -> dict[str, list[Landed]]:
    landed: dict[str, list[Landed]] = {}
    for batch in source.batches():
        for file in land(batch, raw, now):
            landed.setdefault(file.topic, []).append(file)
    rows = sum(file.rows for files in landed.values() for file in files)
    if rows < policy.count("data.min_rows"):
        raise InputError(f"{source.name} holds {rows} rows: an empty source is missing data, so nothing was ingested.")
    return dict(sorted(landed.items()))


def _sorted(table: str, files: Sequence[Landed], context: _Context) -> _Sorted:
    if table == UNREADABLE:
        return _Sorted(table, files, _unreadable(files))
    contract = context.contracts[table]
    checked = check(as_received(read_events(files), contract), contract, context.now)
    if checked.rows_in != sum(file.rows for file in files):
        raise InternalError(f"{table}: rows in are not clean + quarantined + duplicates.")
    return _Sorted(table, files, checked)


def _unreadable(files: Sequence[Landed]) -> Checked:
    """What is no event, as a table of which every row is quarantined."""
    import pandas as pd

    rejected = read_rejected(files)
    reasons = [f"line {item.reason}" for item in rejected]
    frame = pd.DataFrame(
        {
            "position": [item.position for item in rejected],
            "column": "line",
            "rule": "event",
            "reason": reasons,
            "found": [f"{len(item.content)} characters" for item in rejected],
        }
    )
    counts = [ReasonCount(UNREADABLE, "line", "event", why, rows) for why, rows in Counter(reasons).most_common()]
    return Checked(UNREADABLE, frame.iloc[:0], frame, 0, counts)


def _quarantine(table: _Sorted, context: _Context) -> Version | None:
    """The bad rows, anonymised, each with where in raw the row as received lies."""
    bad = table.checked.quarantined
    if bad.empty:
        return None
    bad = bad.assign(**_origin(bad.index, table.files))
    if table.name != UNREADABLE:
        bad = anonymise(bad, context.contracts[table.name], context.key, keep=_REASON_COLUMNS)
    return context.stores.quarantine.put(table.name, bad, _details(table, context), context.now)


def _origin(rows: "pd.Index[Any]", files: Sequence[Landed]) -> dict[str, Any]:
    import numpy as np

    ends = np.cumsum([file.rows for file in files])
    file_of = np.searchsorted(ends, rows.to_numpy(), side="right")
    starts = np.concatenate([[0], ends])
    return {
        "raw_digest": [files[position].content_digest for position in file_of],
        "raw_row": rows.to_numpy() - starts[file_of],
    }


def _clean(table: _Sorted, context: _Context) -> Version | None:
    if table.checked.clean.empty:
        return None
    clean = anonymise(table.checked.clean, context.contracts[table.name], context.key)
    return context.stores.clean.put(table.name, clean, _details(table, context), context.now)


def _details(table: _Sorted, context: _Context) -> dict[str, Any]:
    contract = context.contracts.get(table.name)
    return {
        "source": context.source,
        "raw": [file.content_digest for file in table.files],
        "hash_key_id": context.key.key_id,
        "contract": f"{contract.table} v{contract.version}" if contract else None,
        "contract_digest": contract.digest if contract else None,
    }


def _refuse_broken(tables: Sequence[_Sorted], quarantines: Mapping[str, Version | None], policy: Policy) -> None:
    """Raises `ContractError` for the first table whose bad rows are more than quarantine may absorb."""
    most = policy.number("data.max_quarantined_share")
    every = sum(table.checked.rows_in for table in tables)
    for table in tables:
        bad, version = len(table.checked.quarantined), quarantines[table.name]
        rows = every if table.name == UNREADABLE else table.checked.rows_in
        too_many = rows >= policy.count("data.min_rows_for_share") and bad > most * rows
        none_clean = bad > 0 and table.name != UNREADABLE and table.checked.clean.empty
        if version is not None and (too_many or none_clean):
            raise ContractError(
                f"{table.name}: {bad} of {rows} rows are bad and quarantine absorbs {most:.0%} "
                f"(most often: {table.checked.reasons[0].reason}), so no clean table was kept; "
                f"see {version.location}, mend the source and ingest again."
            )


def _report(table: _Sorted, clean: Version | None, quarantine: Version | None) -> TableReport:
    checked = table.checked
    return TableReport(
        table=table.name,
        rows_in=sum(file.rows for file in table.files),
        clean=len(checked.clean),
        quarantined=len(checked.quarantined),
        duplicates=checked.duplicates,
        raw_files=[file.path for file in table.files],
        new_raw_files=sum(file.is_new for file in table.files),
        clean_version=clean,
        quarantine_version=quarantine,
    )
