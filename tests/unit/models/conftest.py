"""One MLflow store for the tests of models: making its tables takes seconds."""

import shutil
from pathlib import Path

import pytest

from matria.policy import Policy, load_policy
from matria.provenance import Provenance
from matria.tracking import Tracking


@pytest.fixture(scope="session")
def policy(root: Path) -> Policy:
    """The thresholds of the checkout."""
    return load_policy(root / "policy.yaml")


@pytest.fixture(scope="session")
def tracking(tmp_path_factory: pytest.TempPathFactory, empty_mlflow: Path) -> Tracking:
    """MLflow on SQLite in a folder of its own."""
    folder = tmp_path_factory.mktemp("mlflow")
    origin = Provenance("0" * 40, "c0de", "c0f1")
    return Tracking(f"sqlite:///{shutil.copy(empty_mlflow, folder)}", "team", origin, folder / "artifacts")
