"""The real library, copies of it to edit, and copies in a git repository."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from prompts.repository import PromptLibrary

Git = Callable[..., str]


@pytest.fixture(scope="session")
def library_root(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real library, every prompt of version 1.0.0, so that no test depends on how often one was changed."""
    folder = Path(shutil.copytree(root / "prompts" / "library", tmp_path_factory.mktemp("prompts") / "library"))
    for path in folder.rglob("*.prompty"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"^version: .*$", "version: 1.0.0", text, count=1, flags=re.MULTILINE), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def library(library_root: Path) -> PromptLibrary:
    """The real library, every prompt of version 1.0.0."""
    return PromptLibrary(library_root)


@pytest.fixture
def copy(library_root: Path, tmp_path: Path) -> Path:
    """A copy of the library, to edit."""
    return Path(shutil.copytree(library_root, tmp_path / "repo" / "prompts" / "library"))


@pytest.fixture
def git(copy: Path) -> Git:
    """Git commands in a repository whose one commit, tagged `base`, holds the copy."""
    folder = copy.parents[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        **{f"GIT_{who}_{what}": "tester" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }

    def run(*arguments: str) -> str:
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    run("init", "-q")
    run("add", ".")
    run("commit", "-q", "-m", "base")
    run("tag", "base")
    return run


def edit(path: Path, old: str, new: str) -> None:
    """`old`, which stands in the file exactly once, becomes `new`."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(name="edit")
def edit_fixture() -> Callable[[Path, str, str], None]:
    """Edits one place of a file."""
    return edit
