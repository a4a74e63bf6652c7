"""Transactions of a small store that is used now and then, in a SQLite file or a PostgreSQL database.

A connection is opened for each transaction and closed after it: these stores are asked seldom, must not hold a file
that others write, and must be durable when a transaction ends. The ledger, which is written all the time, keeps its
connections open and takes from here what else is the same: how an address is read, and why a PostgreSQL refuses.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from matria.durable import storage_error
from matria.errors import StorageError
from matria.sqlitefile import open_file, storage_failure

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

CONNECT_TIMEOUT_S = 10
LEDGER_URL = "MATRIA_LEDGER__URL"
"""The setting that is named where no other is."""
_REASONS = {
    "28": "refuses the user or the password",
    "3D": "knows no such database",
    "42501": "does not let this user write",
    "53": "has no room or no connection left",
    "57014": "took too long and was interrupted",
}
"""By SQLSTATE, or its first letters."""


@dataclass(frozen=True)
class Kept:
    """What a store keeps, as its sentences and its lock name it."""

    name: str
    """Such as `list of notices`."""
    remedy: str
    """What helps where the file is damaged."""
    lock: int
    """PostgreSQL's advisory lock of whoever makes the tables, and of transactions that are alone."""
    setting: str = LEDGER_URL
    """Where the address of its PostgreSQL stands."""


class IsKnown(StorageError):
    """A row is there already, or another one forbids it."""


class SqlStore:
    """Where a store's tables lie; they are made in the first transaction."""

    def __init__(self, place: Path | str, kept: Kept, make: "Callable[[Connection], object]") -> None:
        """`place` is a SQLite file, made when first needed, or the address of a PostgreSQL.

        `make` gives the tables that are not there, with no other process beside it.
        """
        self.place = place
        self._kept = kept
        self._make = make
        self._is_ready = False

    @property
    def name(self) -> str:
        """Where it lies, without a secret."""
        return self.place.name if isinstance(self.place, Path) else "PostgreSQL"

    @contextmanager
    def transaction(self, *, is_alone: bool = False) -> "Iterator[Connection]":
        """All that the block writes, durable when it is left, or none of it where it raised.

        One that is alone waits for others that are; in SQLite each is. Raises `StorageError` where the database fails,
        `IsKnown` where it refuses a row, and what the block raises by itself.
        """
        import sqlite3

        from sqlalchemy.exc import IntegrityError, SQLAlchemyError

        try:
            with self._engine.begin() as connection:
                if connection.dialect.name == "postgresql" and (is_alone or not self._is_ready):
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({self._kept.lock})")
                if not self._is_ready:
                    self._make(connection)
                yield connection
            self._is_ready = True
        except (OSError, SQLAlchemyError, sqlite3.Error) as error:
            if isinstance(error, PermissionError) and error.errno is None:
                raise  # the block's own; the system's has a number
            failure = failure_of(error, self.place, self._kept)
            raise (IsKnown(str(failure)) if isinstance(error, IntegrityError) else failure) from None

    @cached_property
    def _engine(self) -> "Engine":
        return engine_of(self.place, self._kept.setting)


def sortable(at: datetime) -> str:
    """A time as text in UTC whose order is that of time, the same in both databases.

    Raises `ValueError` for a naive time.
    """
    if at.tzinfo is None:
        raise ValueError("times that are kept are aware of their time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def forget_for_good(connection: "Connection") -> None:
    """What the transaction removes leaves no bytes in a SQLite file; PostgreSQL frees them with its next VACUUM."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def engine_of(place: Path | str, setting: str = LEDGER_URL) -> "Engine":
    """Of the file, made when it is first needed, or of the database at an address that stands in a setting."""
    from sqlalchemy import NullPool

    return _sqlite(place) if isinstance(place, Path) else postgres_engine(place, setting, poolclass=NullPool)


def postgres_engine(address: str, setting: str = LEDGER_URL, **pool: Any) -> "Engine":
    """Of the database at an address that stands in a setting; values stay out of the driver's errors."""
    from sqlalchemy import create_engine

    return create_engine(
        address_of(address, setting),
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
        **pool,
    )


def address_of(url: str, setting: str = LEDGER_URL) -> "URL":
    """Of a PostgreSQL database, for psycopg. Raises `StorageError` for what is no address, without repeating it."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        raise StorageError(
            f"{setting} is no address of a database: write it as postgresql://USER:PASSWORD@HOST/DATABASE "
            "(a password's @ : / as %40 %3A %2F)."
        ) from None  # the error repeats the address, and with it the password


def failure_of(error: Exception, place: Path | str, kept: Kept) -> StorageError:
    """What a store met, as the sentence that a user sees.

    The driver's error may hold the address with its password: it is to be raised `from None`.
    """
    import sqlite3

    from sqlalchemy.exc import DBAPIError

    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(place, Path) and isinstance(cause, OSError):
        return storage_error(cause, place)
    if isinstance(place, Path) and isinstance(cause, sqlite3.Error):
        return storage_failure(cause, place, kept.name, kept.remedy)
    refusal = refusal_of(cause)
    return StorageError(
        f"The PostgreSQL with the {kept.name} {refusal.reason or 'did not do its work'} ({refusal.kind}): see that it "
        f"runs and that {kept.setting} names it with a user who may create tables; `matria doctor` asks it again."
    )


class Refusal(NamedTuple):
    """Why a PostgreSQL did not do its work."""

    reason: str
    """In words, such as `knows no such database`; empty where it is not one of those we know."""
    kind: str
    """The driver's class of error, and the SQLSTATE where there is one."""


def refusal_of(cause: BaseException | None) -> Refusal:
    """What the driver's error says; nothing of the address or of a value."""
    state = getattr(cause, "sqlstate", None) or _state_of_refused_connection(str(cause))
    reason = next((text for start, text in _REASONS.items() if state.startswith(start)), "")
    return Refusal(reason, f"{type(cause).__name__} {state}".rstrip())


def _state_of_refused_connection(message: str) -> str:
    """A refused connection has no SQLSTATE of its own: by what libpq says."""
    signs = {
        "password authentication failed": "28P01",
        "no password supplied": "28P01",
        "no pg_hba.conf entry": "28000",
    }
    if 'database "' in message and "does not exist" in message:
        return "3D000"
    return next((state for sign, state in signs.items() if sign in message), "")


def _sqlite(path: Path) -> "Engine":
    from sqlalchemy import NullPool, create_engine, event

    engine = create_engine(
        "sqlite://", creator=lambda: open_file(path, "FULL", lambda connection: None), poolclass=NullPool
    )
    # The file is opened without the driver's own transactions, so the beginning of one is said here.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine
