"""An engine of SQLAlchemy for a small store that is used now and then: a SQLite file, or a PostgreSQL database.

A connection is opened for each transaction and closed after it: these stores are asked seldom, must not hold a file
that others write, and must be durable when a transaction ends. The ledger, which is written all the time, has its own.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from matria.sqlitefile import open_file

if TYPE_CHECKING:
    from sqlalchemy import Engine

CONNECT_TIMEOUT_S = 10


def engine_of(place: Path | str) -> "Engine":
    """Of the file, made when it is first needed, or of the database at an address."""
    return _sqlite(place) if isinstance(place, Path) else _postgres(place)


def _sqlite(path: Path) -> "Engine":
    from sqlalchemy import NullPool, create_engine, event

    engine = create_engine(
        "sqlite://", creator=lambda: open_file(path, "FULL", lambda connection: None), poolclass=NullPool
    )
    # The file is opened without the driver's own transactions, so the beginning of one is said here.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _postgres(address: str) -> "Engine":
    from sqlalchemy import NullPool, create_engine, make_url

    url = make_url(address).set(drivername="postgresql+psycopg")
    return create_engine(
        url, poolclass=NullPool, hide_parameters=True, connect_args={"connect_timeout": CONNECT_TIMEOUT_S}
    )
