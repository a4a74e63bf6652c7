"""An engine of SQLAlchemy for a small store that is used now and then: a SQLite file, or a PostgreSQL database.

A connection is opened for each transaction and closed after it: these stores are asked seldom, must not hold a file
that others write, and must be durable when a transaction ends. The ledger, which is written all the time, has its own.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from matria.durable import storage_error
from matria.errors import StorageError
from matria.sqlitefile import open_file, storage_failure

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

CONNECT_TIMEOUT_S = 10


def engine_of(place: Path | str) -> "Engine":
    """Of the file, made when it is first needed, or of the database at an address."""
    return _sqlite(place) if isinstance(place, Path) else _postgres(place)


def address_of(url: str) -> "URL":
    """Of a PostgreSQL database, for psycopg. Raises `StorageError` for what is no address, without repeating it."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        raise StorageError(
            "MATRIA_LEDGER__URL is no address of a database: write it as postgresql://USER:PASSWORD@HOST/DATABASE "
            "(a password's @ : / as %40 %3A %2F)."
        ) from None  # the error repeats the address, and with it the password


def failure_of(error: Exception, place: Path | str, name: str, remedy: str) -> StorageError:
    """What a store met, as the sentence that a user sees; `name` is what it keeps, `remedy` what helps a damaged file.

    The driver's error may hold the address with its password: it is to be raised `from None`.
    """
    import sqlite3

    from sqlalchemy.exc import DBAPIError

    if isinstance(error, OSError):
        return storage_error(error, Path(place))
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(place, Path) and isinstance(cause, sqlite3.Error):
        return storage_failure(cause, place, name, remedy)
    state = getattr(cause, "sqlstate", None) or type(cause).__name__
    return StorageError(
        f"The PostgreSQL with the {name} did not do its work ({state}): see that it runs and that MATRIA_LEDGER__URL "
        "names it with a user who may create tables; `matria doctor` asks it again."
    )


def _sqlite(path: Path) -> "Engine":
    from sqlalchemy import NullPool, create_engine, event

    engine = create_engine(
        "sqlite://", creator=lambda: open_file(path, "FULL", lambda connection: None), poolclass=NullPool
    )
    # The file is opened without the driver's own transactions, so the beginning of one is said here.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _postgres(address: str) -> "Engine":
    from sqlalchemy import NullPool, create_engine

    return create_engine(
        address_of(address),
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
    )
