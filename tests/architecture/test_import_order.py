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


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """The packages as they are, in a folder where an import may be planted."""
    for package in PACKAGES:
        shutil.copytree(root / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def test_imports_go_to_the_right_only(root: Path) -> None:
    done = _lint_imports(root)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("where", "planted"),
    [
        ("matria/planted.py", "import models"),
        ("prompts/planted.py", "import guardrails"),
        ("guardrails/planted.py", "import prompts"),
        ("models/planted.py", "import evals"),
        ("evals/planted.py", "import flows"),
        ("models/planted.py", "import prefect"),
        ("matria/planted.py", "def late():\n    from prefect import flow\n    return flow"),
        ("evals/planted.py", "import deepeval"),
        ("evals/planted.py", "import mlflow"),
    ],
)
def test_a_planted_import_is_found(copy: Path, where: str, planted: str) -> None:
    (copy / where).write_text(planted + "\n")
    done = _lint_imports(copy)
    assert done.returncode != 0
    assert where.removesuffix(".py").replace("/", ".") in done.stdout


def test_every_package_is_under_contract(root: Path) -> None:
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert set(contracts["root_packages"]) == set(PACKAGES)
