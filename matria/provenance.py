"""Where a result came from: git commit, a hash of the code that ran and a hash of the configuration.

The code hash covers the working tree, so that a run from uncommitted changes is told apart from the commit it sits on.
"""

import hashlib
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CODE_FOLDERS = ("flows", "evals", "models", "guardrails", "prompts", "matria")


@dataclass(frozen=True)
class Provenance:
    """Which code and configuration a run had."""

    git_commit: str
    """Full commit, with `+dirty` where tracked files were changed; `none` outside a checkout."""
    code_hash: str
    """SHA-256 over the Python files of the packages, first 16 hexadecimal digits."""
    config_hash: str
    """SHA-256 over policy and parameters, first 16 hexadecimal digits."""


def provenance(root: Path, config: Mapping[str, Any]) -> Provenance:
    """The origin of a run started now from the checkout `root` with the configuration `config` (JSON-like)."""
    return Provenance(git_commit(root), code_hash(root), digest(config))


def git_commit(root: Path) -> str:
    """The commit checked out at `root`, `+dirty` where tracked files differ from it, or `none`."""
    commit = _git(root, "rev-parse", "HEAD")
    if not commit:
        return "none"
    return f"{commit}+dirty" if _git(root, "status", "--porcelain", "--untracked-files=no") else commit


def code_hash(root: Path) -> str:
    """One hash over every Python file of the packages, by path and content."""
    total = hashlib.sha256()
    for folder in CODE_FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:16]


def folder_digest(folder: Path) -> str:
    """One hash over every file below a folder, by path and content; caches of Python left aside."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            total.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:16]


def digest(value: Any) -> str:
    """A hash of JSON-like data that does not depend on the order of keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
