"""Where a ledger lies that is held against its contract: a SQLite file, or a schema of a PostgreSQL server."""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matria.costs.ledger.postgres import PostgresLedger
from matria.costs.ledger.sqlite import SqliteLedger
from matria.costs.ledger.store import SqlLedger


@dataclass(frozen=True)
class LedgerPlace:
    """Where one ledger lies, so that each who opens it is as another process."""

    kind: str
    address: str

    def open(self, **options: Any) -> SqlLedger:
        """The ledger, opened once more."""
        if self.kind == "sqlite":
            return SqliteLedger(Path(self.address), **options)
        return PostgresLedger(self.address, **options)


def postgres_address(server: Any) -> str:
    """Of a new schema of the server."""
    import psycopg

    url, schema = server.get_uri(), f"t{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
    return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{schema}"
