"""Entries of a SQLite file of the earlier form (`PRAGMA user_version` 1 or 2), taken over into the new tables.

A message came when its first call ended, as far as that file knows; whom it served follows from its purpose; unit
prices and rates are unknown. A cost finer than a picodollar is rounded to one.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING, Any

from matria.costs.base import PICODOLLAR
from matria.costs.ledger.cells import packed, picodollars
from matria.costs.ledger.rows import ENTRY_COLUMNS, SERIES_COLUMNS, series_row
from matria.costs.sums import bucket_of
from matria.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

OURS = 1000
"""`PRAGMA user_version` from now on: a released Mátria refuses it with a sentence."""
RELEASED = (1, 2)
BATCH = 5000
_WIDE = Context(prec=80, rounding=ROUND_HALF_EVEN)


@contextmanager
def take_over(connection: "Connection", is_sqlite: bool) -> Iterator[None]:
    """Puts a released file's entries aside, and into the tables that the block makes."""
    if not is_sqlite:
        yield
        return
    version = connection.exec_driver_sql("PRAGMA user_version").scalar()
    if version and version not in RELEASED:
        raise StorageError(
            f"This ledger is of version {version}, which no released Mátria wrote: "
            "move it away; a new one is started, and the costs in the old one stay in the copy."
        )
    if version:
        for change in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS ledger_entries_no_{change}")
        connection.exec_driver_sql("DROP INDEX IF EXISTS ledger_entries_at")
        connection.exec_driver_sql("ALTER TABLE ledger_entries RENAME TO released_entries")
    yield
    if version:
        try:
            _copy(connection, version)
        except (ValueError, ArithmeticError) as error:
            raise StorageError(
                f"An entry of the ledger cannot be taken over ({error}); the file is as it was: move it away, or go on "
                "with the Mátria that wrote it."
            ) from error
        connection.exec_driver_sql("DROP TABLE released_entries")
    connection.exec_driver_sql(f"PRAGMA user_version = {OURS}")


def _copy(connection: "Connection", version: int) -> None:
    series: dict[bytes, int] = {}
    batch: list[tuple[Any, ...]] = []
    records = "" if version >= 2 else "0 AS text_records, "
    released = connection.exec_driver_sql(
        f"SELECT *, {records}min(at_us) OVER (PARTITION BY conversation_id, message_id) AS message_us "
        "FROM released_entries ORDER BY at_us, call_id"
    ).mappings()
    for row in released:
        shared = series_row(_shared(row))
        if shared["digest"] not in series:
            series[shared["digest"]] = len(series) + 1
            _insert(connection, "ledger_series", ("id", *SERIES_COLUMNS), [(len(series), *_values(shared))])
        batch.append(_own(row, series[shared["digest"]]))
        if len(batch) == BATCH:
            _insert(connection, "ledger_entries", ENTRY_COLUMNS, batch)
            batch.clear()
    if batch:
        _insert(connection, "ledger_entries", ENTRY_COLUMNS, batch)


def _shared(row: Mapping[Any, Any]) -> dict[str, Any]:
    kept = {name: row[name] for name in SERIES_COLUMNS if name in row}
    serves = "people" if row["purpose"] in ("assistant", "moderation") else "evaluation"
    return {**kept, "serves": serves, "tier": "standard", "unit_prices": None, "rates": None}


def _own(row: Mapping[Any, Any], series: int) -> tuple[Any, ...]:
    usd = row["cost_usd"]
    values = {
        **{name: row[name] for name in ENTRY_COLUMNS if name in row},
        "call_id": packed(row["call_id"]),
        "series": series,
        "message_id": packed(row["message_id"]),
        "conversation_id": packed(row["conversation_id"]),
        "bucket": bucket_of(row["conversation_id"]),
        "prompt_tokens": 0,
        "cache_write_tokens": 0,
        "picodollars": None if usd is None else picodollars(Decimal(usd).quantize(PICODOLLAR, context=_WIDE)),
    }
    return tuple(values[name] for name in ENTRY_COLUMNS)


def _values(shared: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(shared[name] for name in SERIES_COLUMNS)


def _insert(connection: "Connection", table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    places = ", ".join("?" * len(columns))
    connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)
