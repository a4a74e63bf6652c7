"""The files of a prompt library, from a folder or from a git commit, as bytes by their path in the library.

Read whole at once, so that a prompt and its partials belong together even while somebody edits the folder.
"""

import io
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from matria.errors import PromptError

SUFFIXES = (".prompty", ".jinja", ".yaml")


@dataclass(frozen=True)
class Sources:
    """Where a library comes from, and its files."""

    label: str
    """How errors and findings call the library: a folder, or `commit:folder`."""
    files: Mapping[str, bytes]
    """By POSIX path relative to the library."""

    def path_of(self, relative: str) -> str:
        """How errors and findings call one file."""
        return f"{self.label}/{relative}"

    def text_of(self, relative: str) -> str:
        """The file as text, newlines as `\\n`. Raises `PromptError` where it is missing or not UTF-8."""
        try:
            text = self.files[relative].decode("utf-8-sig")
        except KeyError:
            raise PromptError(f"{self.path_of(relative)} is missing: check the name.") from None
        except UnicodeDecodeError as error:
            raise PromptError(
                f"{self.path_of(relative)} is not UTF-8 (byte {error.start}): save it as UTF-8."
            ) from error
        return text.replace("\r\n", "\n").replace("\r", "\n")


def read_folder(root: Path) -> Sources:
    """The library in a folder. Raises `PromptError` where the folder is missing or holds no prompt."""
    if not root.is_dir():
        raise PromptError(f"{root} is not a folder: name the one that holds the prompts, such as prompts/library.")
    paths = sorted(path for path in root.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    return _with_prompts(Sources(_label(root), files))


def read_commit(root: Path, ref: str) -> Sources:
    """The library as a git ref has it, without touching the checkout.

    Raises `PromptError` where git does not know the ref, or the folder is not in it.
    """
    if not root.is_dir():
        raise PromptError(f"{root} is not a folder: name the one that holds the prompts, such as prompts/library.")
    commit = commit_of(root, ref)
    archive = _git(root, "archive", "--format=tar", commit, ".")
    if archive is None:
        raise PromptError(f"'{ref}' has no folder {_label(root)}: name a ref that has the prompts.")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        members = [member for member in tar if member.isfile() and member.name.endswith(SUFFIXES)]
        files = {
            member.name.removeprefix("./"): content.read()
            for member in members
            if (content := tar.extractfile(member)) is not None
        }
    return _with_prompts(Sources(f"{ref}:{_label(root)}", dict(sorted(files.items()))))


def commit_of(folder: Path, ref: str = "HEAD") -> str:
    """The full hash of the commit that `ref` names in the repository around the folder."""
    resolved = None if ref.startswith("-") else _git(folder, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if resolved is None:
        raise PromptError(
            f"git knows no commit '{ref}' at {_label(folder)}: check the spelling, or fetch it (git fetch origin)."
        )
    return resolved.decode().strip()


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git printed; None where it refused."""
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        raise PromptError("git is not installed, and prompts of another commit come from it: install git.") from None
    return done.stdout if done.returncode == 0 else None


def _with_prompts(sources: Sources) -> Sources:
    if not any(path.endswith(".prompty") for path in sources.files):
        raise PromptError(f"{sources.label} holds no .prompty file: name a folder such as prompts/library.")
    return sources


def _label(folder: Path) -> str:
    resolved = folder.resolve()
    here = Path.cwd()
    return resolved.relative_to(here).as_posix() if resolved.is_relative_to(here) else str(resolved)
