"""What every test stands on: no telemetry, no setting of the machine, state under the test's own folder."""

import os
from pathlib import Path

import pytest

from matria.telemetry import silence

silence()
for _name in [name for name in os.environ if name.upper().startswith("MATRIA_")]:
    del os.environ[_name]

ROOT = Path(__file__).resolve().parents[1]


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
