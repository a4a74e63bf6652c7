"""The ledger in PostgreSQL: for several machines that write one.

Each entry knows the transaction that wrote it, and a mark is PostgreSQL's own snapshot, so that "as of" a mark is exact
however many write at once: a transaction that was under way when the mark was taken is no part of it, even where it
began before another that is.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from matria.costs.ledger.partials import PASS_AFTER
from matria.costs.ledger.schema import SCHEMA, tables_do_not_fit
from matria.costs.ledger.store import SqlLedger
from matria.errors import StorageError
from matria.sqlstore import postgres_engine, refusal_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import DBAPIError

Result = TypeVar("Result")
_LOCK = 0x6D61746C6467
"""Held while the tables are made, since of two processes that make one table at once, one fails; spells `matldg`."""
_MARK = "postgresql:"


class PostgresLedger(SqlLedger):
    """See `matria.costs.base.Ledger` and `matria.costs.sums.CostSums`. The tables are made when first needed."""

    def __init__(self, url: str, pass_after: int = PASS_AFTER) -> None:
        super().__init__(PostgresDatabase(url), pass_after)


class Snapshot(NamedTuple):
    """PostgreSQL's own: transactions below `xmin` are over, those from `xmax` on had not begun."""

    xmin: int
    xmax: int
    under_way: tuple[int, ...]


class PostgresDatabase:
    """See `matria.costs.ledger.database.Database`."""

    latency_us = "CAST(trunc(e.latency_ms * 1000) AS bigint)"

    def __init__(self, url: str) -> None:
        self._url = url
        self._opening = threading.Lock()
        self._opened: Engine | None = None

    @contextmanager
    def reading(self) -> "Iterator[Connection]":
        """A connection to read with."""
        with self._failures(), self._engine().connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> "Iterator[Connection]":
        """A connection to write with."""
        with self._failures(), self._engine().begin() as connection:
            yield connection

    def mark(self, connection: "Connection") -> str:
        """The snapshot of this moment."""
        return f"{_MARK}{connection.exec_driver_sql('SELECT pg_current_snapshot()::text').scalar_one()}"

    def seen(self, mark: str) -> str:
        """SQL that holds for the rows of a mark: what `pg_visible_in_snapshot` says, on whole numbers."""
        snapshot = snapshot_of(mark)
        ended = f"e.written < {snapshot.xmax}"
        if snapshot.under_way:
            ended += f" AND e.written NOT IN ({', '.join(map(str, snapshot.under_way))})"
        return f"({ended})"

    def unseen(self, mark: str) -> str:
        """SQL that holds for the rows that came after a mark."""
        return f"(e.written >= {snapshot_of(mark).xmin} AND NOT {self.seen(mark)})"

    def covers(self, newer: str, older: str) -> bool:
        """Whether every row of the older mark is one of the newer."""
        new, old = snapshot_of(newer), snapshot_of(older)
        return new.xmax >= old.xmax and all(one >= old.xmax or one in old.under_way for one in new.under_way)

    def count(self, connection: "Connection") -> int:
        """How many entries there are."""
        return int(connection.exec_driver_sql("SELECT count(*) FROM ledger_entries").scalar_one())

    def ping(self) -> str:
        """What it is."""
        return "PostgreSQL ledger"

    def close(self) -> None:
        """Connections are let go."""
        with self._opening:
            if self._opened is not None:
                self._opened.dispose()
                self._opened = None

    def again(self, work: Callable[[], Result]) -> Result:
        """What `work` gives, done once more where the server closed the connection: recording is idempotent."""
        try:
            return work()
        except ConnectionBroke:
            return work()

    def _engine(self) -> "Engine":
        with self._opening:
            if self._opened is None:
                self._opened = self._open()
            return self._opened

    def _open(self) -> "Engine":
        engine = postgres_engine(self._url, pool_size=5, max_overflow=15, pool_recycle=1800)
        try:
            with engine.begin() as connection:
                if SCHEMA.version_of(connection) != SCHEMA.head:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                    SCHEMA.bring_to_head(connection, "The database of MATRIA_LEDGER__URL")
                _check_restored(connection)
        except BaseException:
            engine.dispose()
            raise
        return engine

    @contextmanager
    def _failures(self) -> "Iterator[None]":
        from sqlalchemy.exc import DBAPIError
        from sqlalchemy.exc import TimeoutError as NoConnection

        try:
            yield
        except DBAPIError as error:
            failure = ConnectionBroke if error.connection_invalidated else StorageError
            raise failure(_sentence(error)) from None  # the vendor's error repeats the address, and the values
        except NoConnection as error:
            raise StorageError("The ledger in PostgreSQL is asked by too many threads at once: try again.") from error


class ConnectionBroke(StorageError):
    """The server closed a connection that had been open."""


def snapshot_of(mark: str) -> Snapshot:
    """The snapshot that a mark names. Raises ValueError where it names none."""
    parts = mark.removeprefix(_MARK).split(":")
    try:
        xmin, xmax, under_way = parts
        numbers = tuple(int(number) for number in under_way.split(",") if number)
        if mark.startswith(_MARK):
            return Snapshot(int(xmin), int(xmax), numbers)
    except ValueError:
        pass
    raise ValueError(f"{mark!r} is no mark of a ledger in PostgreSQL")


def _check_restored(connection: "Connection") -> None:
    """Raises `StorageError` where the rows come from another server's dump: their transactions are not this one's."""
    ahead = connection.exec_driver_sql(
        "SELECT 1 FROM ledger_entries WHERE written >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint "
        "AND written <> coalesce(pg_current_xact_id_if_assigned()::text::bigint, 0) LIMIT 1"
    ).scalar()
    if ahead:
        raise StorageError(
            "The ledger was restored from a dump of another PostgreSQL, and its entries are younger than this server's "
            "newest transaction: see 'Moving a ledger' in docs/reference/ledger.md."
        )


def _sentence(error: "DBAPIError") -> str:
    if getattr(error.orig, "sqlstate", None) in ("42703", "42P01"):
        return f"The ledger in PostgreSQL {tables_do_not_fit(type(error.orig).__name__)}"
    refusal = refusal_of(error.orig)
    return (
        f"The ledger in PostgreSQL {refusal.reason or 'does not answer'} ({refusal.kind}): check the server and "
        "MATRIA_LEDGER__URL, or set MATRIA_LEDGER__KIND to sqlite."
    )
