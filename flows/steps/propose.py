"""What nurses taught, as a branch that a pull request can be opened from: golden cases and the judges' trust.

The branch is made in a working tree of its own, so that nothing in the checkout is touched. Proposing again what the
base of the branch holds already changes nothing, and says so; nor does proposing again what lies on the branch.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from flows.steps.review import no_batch
from matria.errors import InputError

if TYPE_CHECKING:
    from evals.review.base import Batch
    from evals.review.golden import GoldenCase, NotProposed
    from flows.wiring import Platform

BRANCHES = "review/"
"""Before the week in the name of a branch that nobody named."""


@dataclass(frozen=True)
class Proposed:
    """What lies on the branch."""

    branch: str
    """Empty where there was nothing to propose."""
    commit: str
    weeks: tuple[str, ...]
    cases: "tuple[GoldenCase, ...]"
    refused: "tuple[NotProposed, ...]"
    """What was flagged and is no case, each with why."""
    has_trust: bool
    """Whether the judges' trust changed with it."""
    body: Path | None = None
    """Text for the pull request."""
    waiting: tuple[str, ...] = ()
    """Why what is flagged cannot be proposed yet, in a sentence each."""


def propose(
    platform: "Platform",
    weeks: Sequence[str] = (),
    branch: str | None = None,
    base: str = "HEAD",
    now: datetime | None = None,
) -> Proposed:
    """The branch made, of the weeks named or of all that the figures cover; what the base has already is left out.

    Raises `InputError` where there is no such week, the branch exists or git cannot commit.
    """
    moment = now or datetime.now(UTC)
    batches = _batches(platform, weeks)
    cases, refused = _golden(platform, batches, moment)
    waiting = _waiting(platform, batches, moment)
    named = tuple(batch.batch_id for batch in batches)
    with _worktree(platform.settings.root, base) as folder:
        kept, leaking = _written(platform, folder, cases)
        has_trust = _write_trust(platform, folder, moment)
        of = sorted({case.batch_id for case in kept}) or named[-1:]
        name = branch or f"{BRANCHES}{of[-1].lower()}"
        commit = _committed(folder, name, of, kept)
    if not commit:
        return Proposed("", "", named, (), (*refused, *leaking), False, waiting=waiting)
    found = Proposed(name, commit, named, kept, (*refused, *leaking), has_trust, waiting=waiting)
    return Proposed(**{**vars(found), "body": _body(platform, found)})


def _batches(platform: "Platform", weeks: Sequence[str]) -> "list[Batch]":
    """Oldest first."""
    known = {batch.batch_id: batch for batch in platform.reviews.batches(newest=52)}
    lost = [week for week in weeks if week not in known]
    if lost:
        raise no_batch(lost, known)
    if not known:
        raise InputError("No week was drawn for review yet: `matria review draw` draws the last one.")
    newest = sorted(known)[-platform.policy.count("review.rolling_weeks") :]
    return [known[week] for week in (sorted(set(weeks)) or newest)]


def _golden(
    platform: "Platform", batches: "Sequence[Batch]", now: datetime
) -> "tuple[list[GoldenCase], list[NotProposed]]":
    from evals.review.disputes import final_answers
    from evals.review.golden import GoldenCase, golden_case, taught
    from evals.review.settling import settled_by

    cases, refused = [], []
    for batch in batches:
        settled = platform.reviews.settled(settled_by(platform.policy, now), batch.batch_id)
        finals = final_answers(settled, platform.policy.count("review.dispute_steps"))
        for one in taught(platform.reviews.items(batch.batch_id), finals):
            made = golden_case(one)
            if isinstance(made, GoldenCase):
                cases.append(made)
            else:
                refused.append(made)
    return cases, refused


def _waiting(platform: "Platform", batches: "Sequence[Batch]", now: datetime) -> tuple[str, ...]:
    """Items that somebody flagged and of which nothing final is known by now."""
    from evals.review.disputes import final_answers
    from evals.review.settling import settled_by

    fresh: list[datetime] = []
    disputed = 0
    for batch in batches:
        settled = platform.reviews.settled(settled_by(platform.policy, now), batch.batch_id)
        known = {(one.item_id, one.reviewer_id, one.revision) for one in settled}
        said = platform.reviews.settled(now + timedelta(seconds=1), batch.batch_id)
        new = [one for one in said if (one.item_id, one.reviewer_id, one.revision) not in known]
        fresh += [one.submitted_at for one in new if one.answers.teach]
        finals = final_answers(settled, platform.policy.count("review.dispute_steps")).values()
        disputed += sum(not one.is_final and any(each.answers.teach for each in one.readings) for one in finals)
    found = []
    if fresh:
        until = (max(fresh) + timedelta(minutes=platform.policy.number("review.undo_min"))).astimezone(
            platform.review_zone
        )
        found.append(f"Flagged readings that can still be undone: {len(fresh)}. Propose again after {until:%H:%M}.")
    if disputed:
        found.append(f"Flagged items on which two nurses differ, and no lead has decided yet: {disputed}.")
    return tuple(found)


def _written(
    platform: "Platform", folder: Path, cases: "Sequence[GoldenCase]"
) -> "tuple[tuple[GoldenCase, ...], tuple[NotProposed, ...]]":
    """The new cases that may stand in the branch, in its files; and those that may not."""
    from evals.review.golden_files import checked, new_ones, write_suite
    from evals.suitefile import load_suites

    known = load_suites(folder / "evals" / "suites")
    new = new_ones(cases, known)
    if not new:
        return (), ()
    write_suite(folder, new)
    found = checked(folder, new, known, platform.policy)
    if found.refused:
        _git(folder, "reset", "-q", "--hard")
        _git(folder, "clean", "-fdq")
        if found.cases:
            write_suite(folder, found.cases)
    return found.cases, found.refused


def _write_trust(platform: "Platform", folder: Path, now: datetime) -> bool:
    """Whether the judges' trust in the branch is another than before."""
    from evals.judges.trustfile import TRUST_FILE
    from flows.steps.judge_trust import save_trust

    return save_trust(platform, folder / TRUST_FILE, now)


def _committed(folder: Path, branch: str, weeks: Sequence[str], cases: "Sequence[GoldenCase]") -> str:
    """The commit on the branch, an earlier one where that says the same; empty where nothing differs from its base."""
    _git(folder, "add", "--all")
    if not _git(folder, "status", "--porcelain").strip():
        return ""
    there = _git(folder, "rev-parse", "--verify", "-q", f"refs/heads/{branch}", fails="").strip()
    if there and _git(folder, "rev-parse", f"{there}^{{tree}}") == _git(folder, "write-tree"):
        return there
    if there and not branch.startswith(BRANCHES):
        raise InputError(f"There is a branch '{branch}' already, and it is no week's: name another with --branch.")
    if there:
        raise InputError(
            f"There is a branch '{branch}' already, and it says something else: merge it, delete it with "
            f"git branch -D {branch}, or name another with --branch."
        )
    subject = f"Teach {len(cases)} cases of {', '.join(weeks)}" if cases else f"Hold judges to {', '.join(weeks)}"
    if not _git(folder, "var", "GIT_COMMITTER_IDENT", fails=""):
        raise InputError("git does not know who commits: git config user.name NAME; git config user.email ADDRESS.")
    _git(folder, "commit", "-q", "--no-verify", "-m", subject, "-m", "From the nurses' weekly review.")
    _git(folder, "branch", branch)  # last, so that a commit that fails leaves none behind
    return _git(folder, "rev-parse", "HEAD").strip()


def _body(platform: "Platform", found: Proposed) -> Path:
    """The text of the pull request, beside the other state of the review."""
    from evals.review.golden import SUITE
    from matria import durable

    lines = [
        f"Nurses' review of {', '.join(sorted({case.batch_id for case in found.cases}) or found.weeks[-1:])}.",
        "",
        (f"- {len(found.cases)} golden cases in `evals/suites/{SUITE}`" if found.cases else "- No new golden case")
        + ("; the judges' trust in `evals/trust.yaml` is measured anew." if found.has_trust else "."),
        "- Each rests on the final answers of one reviewed conversation, masked, and is `clinical_review: pending`.",
        "- Before signing, a clinician adds the guideline behind each criterion and looks at the urgency asked for.",
        "",
        *(f"- `{one.case['id']}`: {', '.join(c['id'] for c in one.case['criteria'])}" for one in found.cases),
        *(f"- Not proposed ({one.item_id[:8]}): {one.why}." for one in found.refused),
    ]
    path = platform.settings.home / "review" / "proposals" / f"{found.branch.replace('/', '-')}.md"
    durable.write_text(path, "\n".join(lines) + "\n")
    return path


@contextmanager
def _worktree(root: Path, base: str) -> Iterator[Path]:
    """The root in a working tree of its own at `base`, removed afterwards; branches made in it stay."""
    parent = Path(tempfile.mkdtemp(prefix="matria-propose-"))
    folder = parent / "tree"
    try:
        below = _git(root, "rev-parse", "--show-prefix").strip()
        _git(root, "worktree", "add", "-q", "--detach", str(folder), base)
        yield folder / below
    finally:
        _git(root, "worktree", "remove", "--force", str(folder), fails="")
        shutil.rmtree(parent, ignore_errors=True)


def _git(folder: Path, *arguments: str, fails: str | None = None) -> str:
    """What git says; `fails` in place of a failure where that is no error."""
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise InputError("git is not installed, and a proposal is a branch of it: install git.") from None
    if done.returncode == 0:
        return done.stdout
    if fails is not None:
        return fails
    said = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
    raise InputError(f"git {arguments[0]} did not work: {said}")
