"""Who changed what and when, as the git history of the checkout tells it; read only, and never over the network.

Many services run from an image without a history, or from a clone cut short: then nobody knows, and `why_unknown`
says why in a sentence. The number of a pull request is read from what the forges write into a merge or a squashed
commit: GitHub, Azure DevOps, GitLab.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

TIMEOUT_S = 20
MERGES_READ = 50
_NO_ANSWER = 124
_FIELDS = "%x1e%H%x1f%h%x1f%P%x1f%aN%x1f%ct%x1f%s%x1f%b%x1f"
_REQUESTS = (
    re.compile(r"^Merge pull request #(\d+) "),  # GitHub, merged
    re.compile(r"^Merged PR (\d+):"),  # Azure DevOps, merged or squashed
    re.compile(r"\(#(\d+)\)\s*$"),  # GitHub, squashed or rebased
)
_GITLAB = re.compile(r"^See merge request \S*!(\d+)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Commit:
    """One commit."""

    hash: str
    short: str
    parents: tuple[str, ...]
    author: str
    """Name, by the mailmap."""
    at: datetime
    """When it was committed, UTC."""
    subject: str
    body: str
    paths: tuple[str, ...] = ()
    """Files that it changed, of those asked for; relative to the checkout's root."""

    @property
    def own_request(self) -> int | None:
        """The pull request that its own message names."""
        found = next((match for pattern in _REQUESTS if (match := pattern.search(self.subject))), None)
        found = found or _GITLAB.search(self.body)
        return int(found[1]) if found else None


class History:
    """The history of the branch that is checked out."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @cached_property
    def why_unknown(self) -> str:
        """Why the history cannot say who changed what; empty where it can."""
        try:
            done = self._run("rev-parse", "--is-shallow-repository")
        except FileNotFoundError:
            return "git is not installed: who changed what is unknown."
        if done.returncode == _NO_ANSWER:
            return f"git gave no answer in {TIMEOUT_S} s: who changed what is unknown."
        if done.returncode:
            return "The service does not run from a git checkout that it may read: who changed what is unknown."
        if done.stdout.strip() == "true":
            return "The git history is cut short: who changed what is unknown; fetch all of it (git fetch --unshallow)."
        return ""

    def brought(self, path: str, line: str, until: datetime) -> Commit | None:
        """The newest commit up to a moment that wrote `line`, an extended regular expression, into a file."""
        for commit in self._log("-G", line, "--", path):
            if commit.at <= until and self._has(commit, path, line):
                return commit
        return None

    def touched(self, paths: Sequence[str], until: datetime) -> Commit | None:
        """The newest commit up to a moment that changed one of the paths."""
        return next((commit for commit in self._log("--", *paths) if commit.at <= until), None)

    def merged(self, paths: Sequence[str], since: datetime, until: datetime) -> Iterator[tuple[str, Commit, Commit]]:
        """Files that a commit on the branch changed below the paths in the time: path, commit, and whose work it was.

        They are two where a branch was merged: the merge says when and by which request, the other by whom.
        """
        for commit in self._log("--first-parent", "-m", "--name-only", "--relative", "--", *paths):
            if not since <= commit.at < until:
                continue
            for path in commit.paths:
                work = None
                if len(commit.parents) > 1:
                    work = next(self._log(f"{commit.parents[0]}..{commit.parents[1]}", "--", path), None)
                yield path, commit, work or commit

    def request_of(self, commit: Commit) -> int | None:
        """The pull request that a commit came by: named by itself, or by the merge that brought it."""
        if (own := commit.own_request) is not None:
            return own
        merges = self._log("--merges", "--ancestry-path", "--reverse", f"{commit.hash}..HEAD")
        for merge, _ in zip(merges, range(MERGES_READ), strict=False):
            if merge.own_request is not None and not self._is_ancestor(commit.hash, merge.parents[0]):
                return merge.own_request
        return None

    def _has(self, commit: Commit, path: str, line: str) -> bool:
        # `git log -G` finds the commits that took the line away as well.
        return self._run("grep", "-q", "-E", "-e", line, commit.hash, "--", path).returncode == 0

    def _is_ancestor(self, commit: str, of: str) -> bool:
        return self._run("merge-base", "--is-ancestor", commit, of).returncode == 0

    def _log(self, *arguments: str) -> Iterator[Commit]:
        if self.why_unknown:
            return
        for block in self._run("log", f"--format={_FIELDS}", *arguments).stdout.split("\x1e")[1:]:
            hash_, short, parents, author, at, subject, body, names = block.split("\x1f", 7)
            yield Commit(
                hash=hash_,
                short=short,
                parents=tuple(parents.split()),
                author=author,
                at=datetime.fromtimestamp(int(at), UTC),
                subject=subject,
                body=body,
                paths=tuple(name for name in names.splitlines() if name),
            )

    def _run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [
            "git",
            "-C",
            str(self._root),
            "-c",
            "core.quotepath=off",
            "-c",
            "log.showSignature=false",
            *arguments,
        ]
        try:
            return subprocess.run(
                command,
                capture_output=True,
                check=False,
                encoding="utf-8",
                errors="replace",
                timeout=TIMEOUT_S,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
            )
        except subprocess.TimeoutExpired:  # an alert does not wait for a slow disk
            return subprocess.CompletedProcess(command, _NO_ANSWER, "", "")
