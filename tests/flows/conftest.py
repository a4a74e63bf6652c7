"""One real Prefect server with a worker and everything of prefect.yaml deployed, shared by the tests of this folder.

Prefect reads its environment once, at import; `temporary_settings` points this process at the server all the same.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.up import api_url, serving
from matria.settings import Settings, load_settings
from tests.ports import free_port

SHARED_LIMIT = "matria-chat"
"""The calls that all processes together may have on their way."""


def share_limit() -> None:
    """The global concurrency limit that the flows' calls are held to."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate

    with get_client(sync_client=True) as client:
        client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=SHARED_LIMIT, limit=24))


@dataclass(frozen=True)
class Served:
    """A service that runs, and the environment that leads to it."""

    settings: Settings
    environment: Mapping[str, str]


@pytest.fixture(scope="session")
def shared_cache(request: pytest.FixtureRequest) -> dict[str, str]:
    """A response cache for several machines, on a PostgreSQL of the tests' own; SQLite where that does not start."""
    try:
        server = request.getfixturevalue("postgres_server")
    except pytest.skip.Exception:
        return {"MATRIA_CACHE__KIND": "sqlite"}
    return {"MATRIA_CACHE__KIND": "postgres", "MATRIA_CACHE__URL": server.get_uri()}


@contextmanager
def pointed_at(environment: Mapping[str, str]) -> Iterator[None]:
    """This process's environment with these on top, as it was again afterwards."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, shared_cache: dict[str, str]) -> Iterator[Served]:
    """What `matria up` serves, on free ports and a home of its own."""
    home = tmp_path_factory.mktemp("home")
    given = {
        **shared_cache,
        "MATRIA_CHAT__SHARED_LIMIT": SHARED_LIMIT,
        "MATRIA_HOME": str(home),
        "MATRIA_NOTIFY__TIMEOUT_S": "120",
        "MATRIA_SERVE__PREFECT_PORT": str(free_port()),
        "MATRIA_SERVE__PAGES_PORT": str(free_port()),
        "MATRIA_SERVE__MLFLOW_PORT": str(free_port()),
        "MATRIA_REVIEW__PORT": str(free_port()),
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_WORKER_QUERY_SECONDS": "0.5",
    }
    with ExitStack() as until:
        with pointed_at(given):
            settings = load_settings()
            given["PREFECT_API_URL"] = api_url(settings)
            with pointed_at(given), temporary_settings({PREFECT_API_URL: api_url(settings)}):
                until.enter_context(serving(settings, lambda step: None))
                share_limit()
        yield Served(settings, given)


@pytest.fixture(scope="module")
def up(served: Served) -> Iterator[Settings]:
    """The service of this session; the environment points at it while the module's tests run, and no longer."""
    address = served.environment["PREFECT_API_URL"]
    with pointed_at(served.environment), temporary_settings({PREFECT_API_URL: address}):
        yield served.settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own."""
    monkeypatch.setenv("MATRIA_HOME", str(tmp_path))
    return tmp_path
