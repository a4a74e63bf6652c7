"""A branch that is proposed brings the judges' trust with it, as nurses see it by then."""

import shutil
import subprocess
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from evals.judges.trustfile import TRUST_FILE, read_trust
from evals.review.base import QUESTIONS, JudgeVerdict
from flows.steps.judge_trust import book_of_nurses
from flows.steps.propose import propose
from flows.steps.review import draw_week
from flows.wiring import Platform
from matria import PROJECT_ROOT
from matria.transcripts.base import Transcript
from tests.unit.flows.review_parts import MONDAY, made_platform, person, read, talk

LATER = MONDAY + timedelta(days=2)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def fine(platform: Platform, chosen: Sequence[Transcript]) -> dict[str, tuple[JudgeVerdict, ...]]:
    said = tuple(JudgeVerdict("judge:rubric", "judge:rubric m t", f"review/{q}", "overall", True) for q in QUESTIONS)
    return {one.conversation_id: said for one in chosen}


def test_trust_that_changed_is_on_the_branch_and_once_it_is_there_nothing_is(tmp_path: Path) -> None:
    platform, root = made_platform(tmp_path / "home"), tmp_path / "checkout"
    for folder in ("evals/suites", "prompts/library"):
        shutil.copytree(PROJECT_ROOT / folder, root / folder)
    git(tmp_path, "init", "-q", "-b", "main", str(root))
    for name in ("user.name", "user.email"):
        git(root, "config", name, "team@example.org")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "Begin")
    vars(platform)["settings"] = platform.settings.model_copy(update={"root": root})
    person(platform, "nurse-a")
    talk(platform, 3)
    draw_week(platform, now=MONDAY, judge=fine)
    for one in platform.reviews.assignments():
        read(platform, one, MONDAY)
    found = propose(platform, now=LATER)
    assert (found.has_trust, found.cases) == (True, ())
    assert git(root, "diff", "--name-only", "main", found.branch).split() == [str(TRUST_FILE)]
    assert not (root / TRUST_FILE).exists(), "the checkout stays as it is"
    git(root, "merge", "-q", found.branch)
    assert read_trust(root / TRUST_FILE).known.keys() == book_of_nurses(platform, LATER).known.keys()
    assert propose(platform, now=LATER).branch == ""
