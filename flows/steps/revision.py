"""The project as it was: prompts, suites, terms and policy of a git revision, read without touching the checkout.

What the base was answered by is the base's: its prompts, its telephone numbers, its rails and its output limits. What
both sides are graded by is the head's: its suites, its checks and the gate's thresholds, since two sides held against
different yardsticks cannot be compared.
"""

import io
import logging
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from matria.errors import InputError, PromptError
from matria.policy import Policy, load_policy
from matria.provenance import folder_digest

if TYPE_CHECKING:
    from evals.changes import Revision
    from flows.wiring import Platform
    from guardrails.chain import RailChain
    from prompts.repository import PromptLibrary

log = logging.getLogger(__name__)

SUITES, TERMS, POLICY = Path("evals/suites"), Path("guardrails/terms"), Path("policy.yaml")


@dataclass(frozen=True)
class Base:
    """What the head is held against."""

    revision: "Revision"
    rails: "RailChain | None"
    """The base's own rails; None where they are the head's."""
    policy: Policy
    """The head's, with the base's thresholds where they shape answers."""
    rails_digest: str
    """Content hash of what makes the base's rails and limits another's than the head's; empty where nothing does."""

    @property
    def library(self) -> "PromptLibrary":
        """The base's prompts."""
        return self.revision.library


def head_revision(platform: "Platform", library: "PromptLibrary") -> "Revision":
    """The working tree, with `library` for its prompts."""
    return _revision(platform.settings.root, library, platform.policy)


def base_at(platform: "Platform", against: str) -> Base:
    """The base that `against` names: a git revision, or a folder of prompts with all else as in the working tree.

    Raises `PromptError` for a revision that git does not know, or a folder without prompts.
    """
    from flows.steps.prompts import library_at
    from prompts.repository import PromptLibrary

    if Path(against).is_dir():
        library = PromptLibrary(Path(against))
        return Base(head_revision(platform, library), None, platform.policy, "")
    library = library_at(platform, against)
    with _tree_of(platform.settings.root, against) as tree:
        return _base(platform, library, tree)


def _base(platform: "Platform", library: "PromptLibrary", tree: Path) -> Base:
    policy = _answer_policy(platform.policy, tree / POLICY)
    revision = _revision(tree, library, policy)
    head = head_revision(platform, library)
    if (revision.terms, revision.policy) == (head.terms, head.policy):
        return Base(revision, None, platform.policy, "")
    rails = _rails(platform, tree, policy)
    return Base(revision, rails, policy, _digest_of(revision) if rails else "")


def _rails(platform: "Platform", tree: Path, policy: Policy) -> "RailChain | None":
    from flows.wiring import rails
    from guardrails.term_groups import load_groups

    try:
        return rails(platform.settings, policy, load_groups(tree / TERMS))
    except InputError as error:
        log.warning("the base's terms cannot be read by this version, so its rails are the head's: %s", error)
        return None


def _digest_of(revision: "Revision") -> str:
    from matria.provenance import digest

    return digest([revision.terms, dict(revision.policy)])


def _revision(root: Path, library: "PromptLibrary", policy: Policy) -> "Revision":
    from evals.changes import ANSWER_POLICY, Revision

    thresholds = {f"{section}.{name}": v for section in ANSWER_POLICY for name, v in policy.group(section).items()}
    suites = {file.parent.name: folder_digest(file.parent) for file in (root / SUITES).glob("*/suite.yaml")}
    terms = folder_digest(root / TERMS) if (root / TERMS).is_dir() else ""
    return Revision(library, suites, terms, thresholds)


def _answer_policy(head: Policy, path: Path) -> Policy:
    """The head's policy with the base's thresholds for the sections that shape answers."""
    from evals.changes import ANSWER_POLICY

    if not path.is_file():
        return head
    base: Mapping[str, float] = {
        f"{section}.{name}": value
        for section in ANSWER_POLICY
        for name, value in load_policy(path).group(section).items()
    }
    thresholds = {
        name: replace(threshold, value=base.get(name, threshold.value)) for name, threshold in head.thresholds.items()
    }
    return Policy(thresholds, head.digest)


@contextmanager
def _tree_of(root: Path, revision: str) -> Iterator[Path]:
    """Suites, terms and policy of a git revision in a folder that goes away again."""
    from prompts.sources import commit_of

    commit = commit_of(root, revision)
    folder = Path(tempfile.mkdtemp(prefix="matria-base-"))
    try:
        for path in (SUITES, TERMS, POLICY):
            _extract(root, commit, path, folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _extract(root: Path, commit: str, path: Path, folder: Path) -> None:
    """One path of a commit below `folder`; nothing where the commit lacks it."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "archive", "--format=tar", commit, path.as_posix()],
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise PromptError("git is not installed, and the base of a comparison comes from it: install git.") from None
    if done.returncode == 0:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
            tar.extractall(folder, filter="data")
