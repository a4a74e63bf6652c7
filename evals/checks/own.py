"""A project's own checks: every module of a folder, imported so that its decorators register.

Code never comes with a suite: suites are data, which clinicians change and other people send. A check is added to the
project like any other code, is reviewed with it, and is part of what a grade depends on (`evals.grading`).
"""

import importlib.util
import sys
from pathlib import Path

from matria.errors import SuiteError


def load_own(folder: Path) -> list[str]:
    """The names of the modules of `folder`, imported by name. Raises `SuiteError` for one that cannot be."""
    files = sorted(file for file in folder.glob("*.py") if file.stem != "__init__")
    return [_load(file) for file in files]


def _load(file: Path) -> str:
    name = f"evals.checks.local.{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise SuiteError(f"{file} is not a module of Python: mend or remove it.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except SuiteError:
        raise
    except Exception as error:
        raise SuiteError(f"{file} cannot be imported ({type(error).__name__}: {error}): mend or remove it.") from error
    return name
