"""The project as it was: prompts, notes, suites, terms, care and policy of a git revision, beside the checkout.

What the base was answered by is the base's: its prompts and notes, its telephone numbers, its terms and texts, its
limits. The code of the rails is the head's on both sides. What both are graded by is the head's too: its suites and its
checks, since two sides held against different yardsticks cannot be compared. Where a change took something out of the
yardstick, that is known here too.
"""

import hashlib
import io
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from matria.errors import InputError, PromptError, SuiteError
from matria.policy import Policy, load_policy
from matria.provenance import folder_digest

if TYPE_CHECKING:
    from evals.cases import Suite
    from evals.changes import Revision
    from evals.judges.trust import TrustBook
    from evals.rails_diff import RailsChange
    from flows.wiring import Platform
    from guardrails.care.texts import CareTexts
    from guardrails.chain import RailChain
    from prompts.notes.note import Note
    from prompts.repository import PromptLibrary

SUITES, TERMS, CARE = Path("evals/suites"), Path("guardrails/terms"), Path("guardrails/care")
NOTES = Path("prompts/notes/texts")
POLICY = Path("policy.yaml")
TRUST = Path("evals/trust.yaml")


@dataclass(frozen=True)
class Answering:
    """What answers beside the model, where it is not the checkout's own."""

    rails: "RailChain"
    care: "CareTexts"
    policy: Policy
    """The head's, with the base's thresholds where they shape answers."""
    notes: "tuple[Note, ...] | None" = None
    """What is retrieved from; None where that revision has no notes."""


@dataclass(frozen=True)
class Base:
    """What the head is held against."""

    revision: "Revision"
    policy: Policy
    """The base's own policy.yaml; the head's where it had none."""
    answering: Answering | None = None
    """None where the base was answered as the head is, or where that cannot be read any more."""
    unreadable: str = ""
    """Why the base's rails and texts cannot be read by this version; empty where they can."""
    rails_changes: "tuple[RailsChange, ...]" = ()
    """What differs in terms, texts of care and thresholds."""
    suites: "tuple[Suite, ...] | None" = None
    """The base's suites; None where this version cannot read them, or the base is a folder of prompts."""
    trust: "TrustBook | None" = None
    """The base's own trust in judges; nobody's where this version cannot read it, None where the base is a folder."""

    @property
    def library(self) -> "PromptLibrary":
        """The base's prompts."""
        return self.revision.library


def head_revision(platform: "Platform", library: "PromptLibrary") -> "Revision":
    """The working tree, with `library` for its prompts."""
    return _revision(platform.settings.root, library, platform.policy)


def base_at(platform: "Platform", against: str) -> Base:
    """The base that `against` names: a git revision, or a folder of prompts with all else as in the working tree.

    A name that git knows is never taken for a folder, so that no folder can stand in for a branch. Raises `PromptError`
    for a name that is neither.
    """
    from flows.steps.prompts import library_at
    from prompts.repository import PromptLibrary

    if against and Path(against).is_dir() and not _is_revision(platform.settings.root, against):
        return Base(head_revision(platform, PromptLibrary(Path(against))), platform.policy)
    library = library_at(platform, against)
    with _tree_of(platform.settings.root, against) as tree:
        return _base(platform, library, tree)


def _base(platform: "Platform", library: "PromptLibrary", tree: Path) -> Base:
    policy = load_policy(tree / POLICY) if (tree / POLICY).is_file() else platform.policy
    revision = _revision(tree, library, _answer_policy(platform.policy, policy))
    base = Base(
        revision,
        policy,
        rails_changes=_rails_changes(platform, tree, revision),
        suites=_suites(tree / SUITES),
        trust=_trust(tree / TRUST, platform.policy, policy),
    )
    if revision.answered_by == head_revision(platform, library).answered_by:
        return base
    try:
        return replace(base, answering=_answering(platform, tree, policy))
    except (InputError, PromptError) as error:
        return replace(base, unreadable=str(error).replace(str(tree), "the base"))


def _rails_changes(platform: "Platform", tree: Path, base: "Revision") -> "tuple[RailsChange, ...]":
    from evals.changes import answer_thresholds
    from evals.rails_diff import rails_diff, threshold_diff

    files = rails_diff(tree, platform.settings.root, (TERMS, CARE))
    return (*files, *threshold_diff(base.policy, answer_thresholds(platform.policy)))


def head_answering(platform: "Platform") -> Answering:
    """What answers beside the model in the checkout, read from its own folders. Raises `InputError`."""
    return _answering(platform, platform.settings.root, platform.policy)


def _answering(platform: "Platform", tree: Path, policy: Policy) -> Answering:
    from flows.wiring_rails import rails
    from guardrails.care.texts import FOLDER, CareTexts

    limits = _answer_policy(platform.policy, policy)
    terms, care = tree / TERMS, tree / CARE
    texts = CareTexts(platform.settings.country, care if care.is_dir() else FOLDER)
    return Answering(
        rails(platform.settings, limits, terms if terms.is_dir() else None), texts, limits, _notes(tree / NOTES)
    )


def _notes(folder: Path) -> "tuple[Note, ...] | None":
    """Read while the folder is there: that of a base goes away."""
    if not folder.is_dir():
        return None
    from prompts.notes.files import load_notes

    return tuple(load_notes(folder))


def _suites(folder: Path) -> "tuple[Suite, ...] | None":
    from evals.suitefile import load_suites

    try:
        return tuple(load_suites(folder))
    except SuiteError:
        return None


def _trust(path: Path, head: Policy, base: Policy) -> "TrustBook":
    """The base's book by the base's own bar, so that no change lowers the bar for its judges."""
    from evals.judges.trust import TrustBook
    from evals.judges.trustfile import read_trust

    own = {name: threshold for name, threshold in base.thresholds.items() if name.startswith("trust.")}
    try:
        return read_trust(path, Policy({**head.thresholds, **own}, head.digest), datetime.now(UTC).date())
    except InputError:
        return TrustBook()


def _revision(root: Path, library: "PromptLibrary", policy: Policy) -> "Revision":
    from evals.changes import Revision, answer_thresholds

    suites = {file.parent.name: folder_digest(file.parent) for file in (root / SUITES).glob("*/suite.yaml")}
    terms, notes = (folder_digest(root / path) if (root / path).is_dir() else "" for path in (TERMS, NOTES))
    return Revision(library, suites, terms, _yaml_digest(root / CARE), answer_thresholds(policy), notes)


def _yaml_digest(folder: Path) -> str:
    """One hash over the YAML files of a folder; empty where there is none."""
    files = sorted(folder.glob("*.yaml"))
    total = hashlib.sha256()
    for file in files:
        total.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()[:16] if files else ""


def _answer_policy(head: Policy, base: Policy) -> Policy:
    """The head's policy with the base's thresholds for the sections that shape answers."""
    from evals.changes import answer_thresholds

    own = answer_thresholds(base)
    thresholds = {
        name: replace(threshold, value=own.get(name, threshold.value)) for name, threshold in head.thresholds.items()
    }
    return Policy(thresholds, head.digest)


def _is_revision(root: Path, name: str) -> bool:
    from prompts.sources import commit_of

    try:
        return bool(commit_of(root, name))
    except PromptError:
        return False


@contextmanager
def _tree_of(root: Path, revision: str) -> Iterator[Path]:
    """Suites, terms, texts of care, notes, trust and policy of a git revision in a folder that goes away again."""
    from prompts.sources import commit_of

    commit = commit_of(root, revision)
    folder = Path(tempfile.mkdtemp(prefix="matria-base-"))
    try:
        for path in (SUITES, TERMS, CARE, NOTES, POLICY, TRUST):
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
    if done.returncode:
        return
    try:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
            tar.extractall(folder, filter="data")
    except tarfile.TarError as error:
        raise PromptError(
            f"{path} of the base cannot be laid out ({error}): take links that lead outside of it away there."
        ) from error
