"""Imports go to the right only, and the contract that says so has teeth: planted imports are found."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PACKAGES = ("flows", "evals", "models", "guardrails", "prompts", "matria")


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(command), "--no-cache", "--config", str(folder / "pyproject.toml")],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


PLANTED = {
    "matria.planted_model": "import models",
    "matria.planted_prefect": "def late():\n    from prefect import flow\n    return flow",
    "prompts.planted_sibling": "import guardrails",
    "guardrails.planted_sibling": "import prompts",
    "models.planted_judge": "import evals",
    "models.planted_prefect": "import prefect",
    "evals.planted_flow": "import flows",
    "evals.planted_vendor": "import deepeval",
    "evals.planted_record": "def late():\n    import mlflow\n    return mlflow",
}


@pytest.fixture(scope="module")
def complaint(root: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the contracts say of a copy in which every import of `PLANTED` was planted."""
    copy = tmp_path_factory.mktemp("planted")
    for package in PACKAGES:
        shutil.copytree(root / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", copy)
    for module, text in PLANTED.items():
        (copy / f"{module.replace('.', '/')}.py").write_text(text + "\n")
    done = _lint_imports(copy)
    assert done.returncode != 0
    return done.stdout


def test_imports_go_to_the_right_only(root: Path) -> None:
    done = _lint_imports(root)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", PLANTED)
def test_a_planted_import_is_found(complaint: str, module: str) -> None:
    assert module in complaint


def test_every_package_is_under_contract(root: Path) -> None:
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert set(contracts["root_packages"]) == set(PACKAGES)
