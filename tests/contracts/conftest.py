"""What is held against contracts: stores in a SQLite file and in a schema of the tests' PostgreSQL, and forges."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from forge_bench import Behind, Bench
from forge_doubles import AzureDouble, GitHubDouble
from ledger_places import LedgerPlace, postgres_address

from matria.asgi_server import serving


@pytest.fixture
def postgres(postgres_server: Any) -> str:
    """The address of a new schema in a PostgreSQL server."""
    return postgres_address(postgres_server)


@pytest.fixture(params=["sqlite", "postgres"])
def new_place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], LedgerPlace]:
    """A place without a ledger, another one each time."""
    kind: str = request.param
    if kind == "sqlite":
        return lambda: LedgerPlace(kind, str(tmp_path_factory.mktemp("ledger") / "costs" / "ledger.db"))
    server = request.getfixturevalue("postgres_server")
    return lambda: LedgerPlace(kind, postgres_address(server))


@pytest.fixture
def place(new_place: Callable[[], LedgerPlace]) -> LedgerPlace:
    """One place without a ledger."""
    return new_place()


@pytest.fixture(params=["sqlite", "postgres"])
def store_place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a small store lies: a file that is not there yet, or the address of a new schema."""
    if request.param == "sqlite":
        return tmp_path / "store" / "store.db"
    return str(request.getfixturevalue("postgres"))


@pytest.fixture(scope="module")
def forge_server() -> Iterator[tuple[Behind, str]]:
    """A server without a double, and its address."""
    behind = Behind()
    with serving(behind, "127.0.0.1") as address:
        yield behind, address


@pytest.fixture(params=["github", "azure_devops"])
def bench(request: pytest.FixtureRequest, forge_server: tuple[Behind, str], tmp_path: Path) -> Bench:
    """A forge where nothing stands yet."""
    behind, address = forge_server
    double = GitHubDouble(address) if request.param == "github" else AzureDouble()
    behind.app = double
    return Bench(request.param, double, address, tmp_path)
