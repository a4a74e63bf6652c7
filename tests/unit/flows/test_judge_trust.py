"""The file of judges' trust changes with its figures, and with nothing else."""

from datetime import timedelta
from pathlib import Path

from review_parts import MONDAY, made_platform, person, read, talk

from evals.judges.trustfile import read_trust
from evals.review.base import QUESTIONS, JudgeVerdict
from flows.steps.judge_trust import save_trust
from flows.steps.review import draw_week
from flows.wiring import Platform
from matria.transcripts.base import Transcript

DRAWN = MONDAY + timedelta(hours=8)


def _fine(platform: Platform, transcripts: list[Transcript]) -> dict[str, tuple[JudgeVerdict, ...]]:
    said = tuple(
        JudgeVerdict("judge:rubric", "judge:rubric m t", f"review/{question}", "overall", True)
        for question in QUESTIONS
    )
    return {one.conversation_id: said for one in transcripts}


def test_a_new_week_without_a_reading_changes_no_byte_of_the_trust_file(tmp_path: Path) -> None:
    platform, path = made_platform(tmp_path / "home"), tmp_path / "trust.yaml"
    person(platform, "a")
    talk(platform, 3)
    draw_week(platform, now=DRAWN, judge=_fine)
    assert not save_trust(platform, path, DRAWN), "nobody has read anything"
    for one in platform.reviews.assignments():
        read(platform, one, DRAWN)
    later = DRAWN + timedelta(days=7)
    assert save_trust(platform, path, later)
    assert read_trust(path).known
    before = path.read_bytes()
    talk(platform, 3, MONDAY + timedelta(days=7), mark="d")
    draw_week(platform, now=later, judge=_fine)
    assert not save_trust(platform, path, later)
    assert path.read_bytes() == before


def test_a_file_that_cannot_be_read_is_written_anew(tmp_path: Path) -> None:
    platform, path = made_platform(tmp_path / "home"), tmp_path / "trust.yaml"
    person(platform, "a")
    talk(platform, 2)
    draw_week(platform, now=DRAWN, judge=_fine)
    for one in platform.reviews.assignments():
        read(platform, one, DRAWN)
    path.write_text("week: of an earlier form\n", encoding="utf-8")
    assert save_trust(platform, path, DRAWN + timedelta(days=1))
    assert read_trust(path).known
