"""What nurses read is kept no longer than the conversations it came of, and what is erased is gone wherever it was."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from review_parts import MONDAY, made_platform, person, read, talk

from evals.review.base import Answers, Assignment, Review
from flows.steps.review import draw_week
from flows.steps.review_record import keep_record
from flows.steps.review_report import report_week
from flows.steps.transcripts import erase_conversation, forget_old_weeks, prune_transcripts
from flows.wiring import Platform
from matria.errors import TrackingError

DRAWN = MONDAY + timedelta(hours=1)
LATER = MONDAY + timedelta(days=8)
HASHED = "e" * 64
ASKED, NOTED = "camomila?", "Texto de uma enfermeira"


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    """A week that was drawn, read, put into MLflow and reported."""
    made = made_platform(tmp_path)
    person(made, "a")
    talk_hashed(made)
    draw_week(made, now=DRAWN, judge=lambda *_: {})
    (origin,) = [one for one in made.reviews.origins() if one.conversation_id == HASHED]
    for one in made.reviews.assignments():
        if one.item_id == origin.item_id:
            comment_on(made, one)
        else:
            read(made, one, DRAWN, safe="no")
    keep_record(made, LATER)
    report_week(made, now=LATER)
    return made


def talk_hashed(platform: Platform) -> None:
    """Three conversations, one of them by a hash."""
    talk(platform, 2)
    assert platform.transcripts is not None
    last = next(platform.transcripts.between(MONDAY - timedelta(days=7), MONDAY)).last
    platform.transcripts.keep(replace(last, conversation_id=HASHED, message_id="m-e"))


def comment_on(platform: Platform, one: Assignment) -> None:
    given: Any = {"safe": "no", "correct": "no", "complete": "no", "tone": "poor", "escalation": "missed"}
    answers = Answers({**given, "harm": "severe"}, comment=NOTED)
    platform.reviews.submit(Review(one.item_id, "a", one.part, answers, DRAWN, 1, "web"), 0)


def places(home: Path, text: str) -> set[str]:
    """The folders below home in which a text lies.

    MLflow's file is its owner's to vacuum where SQLite was not built to overwrite what is deleted.
    """
    with closing(sqlite3.connect(home / "mlflow" / "mlflow.db")) as mlflow:
        if mlflow.execute("PRAGMA secure_delete").fetchone() != (1,):
            mlflow.execute("VACUUM")
    found = (path for path in home.rglob("*") if path.is_file() and text.encode() in path.read_bytes())
    return {path.relative_to(home).parts[0] for path in found}


def test_what_nurses_read_goes_with_the_age_of_its_week_and_figures_stay(platform: Platform, tmp_path: Path) -> None:
    assert places(tmp_path, ASKED) == {"transcripts", "review", "mlflow", "reports"}
    assert places(tmp_path, NOTED) == {"review", "mlflow", "reports"}
    before = MONDAY + timedelta(days=180, hours=-9)
    assert (forget_old_weeks(platform, before), prune_transcripts(platform, before - timedelta(days=8))) == (0, 0)
    after = before + timedelta(hours=2)
    assert (prune_transcripts(platform, after), forget_old_weeks(platform, after)) == (3, 3)
    assert (places(tmp_path, ASKED), places(tmp_path, NOTED)) == (set(), set())
    assert len(platform.reviews.settled(LATER)) == 3
    assert forget_old_weeks(platform, after) == 0
    assert platform.reviews.audit(1)[0].detail == "items=3"


def test_what_holds_a_conversation_is_for_this_user_alone(platform: Platform, tmp_path: Path) -> None:
    (report,) = platform.shelf.of("review")
    folders = [tmp_path / "transcripts", tmp_path / "review", tmp_path / "mlflow", report.folder]
    assert [f"{folder.stat().st_mode & 0o777:o}" for folder in folders] == ["700"] * 4


def test_what_is_too_old_is_gone_from_here_and_goes_from_a_record_that_answers_again(
    platform: Platform, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    after = MONDAY + timedelta(days=181)
    tracking = platform.tracking
    vars(platform)["tracking"] = _Away()
    assert forget_old_weeks(platform, after) == 3
    assert "3 items are older than they may be kept, and gone from here alone" in caplog.text
    assert places(tmp_path, NOTED) == {"mlflow"}
    vars(platform)["tracking"] = tracking
    assert forget_old_weeks(platform, after) == 0
    assert places(tmp_path, NOTED) == set()


def test_who_asks_to_be_erased_is_gone_from_here_though_the_record_is_away(platform: Platform, tmp_path: Path) -> None:
    tracking = platform.tracking
    vars(platform)["tracking"] = _Away()
    with pytest.raises(TrackingError):
        erase_conversation(platform, HASHED)
    assert places(tmp_path, NOTED) == {"mlflow"}
    vars(platform)["tracking"] = tracking
    again = erase_conversation(platform, HASHED)
    assert (again.exchanges, again.items, again.traces) == (0, 0, 1)
    assert places(tmp_path, NOTED) == set()


def test_an_erasure_before_any_draw_stands_in_the_log(tmp_path: Path) -> None:
    platform = made_platform(tmp_path)
    talk_hashed(platform)
    erase_conversation(platform, HASHED)
    (line,) = platform.reviews.audit()
    assert (line.did, line.detail) == ("erased", "exchanges=1")


def test_an_erasure_names_the_cases_that_the_conversation_taught(platform: Platform) -> None:
    (origin,) = [one for one in platform.reviews.origins() if one.conversation_id == HASHED]
    (item,) = platform.reviews.items(item_ids=[origin.item_id])
    place = [one.item_id for one in platform.reviews.items(item.batch_id)].index(item.item_id) + 1
    proposals = platform.settings.home / "review" / "proposals"
    proposals.mkdir(parents=True)
    others = [f"week-2026-w47-{number:02}.pt-BR" for number in (1, 2, 3)]
    (proposals / "review-2026-w47.md").write_text("".join(f"- `{name}`: sends-her-to-care\n" for name in others))
    assert erase_conversation(platform, HASHED).cases == (f"week-2026-w47-{place:02}.pt-BR",)


class _Away:
    """An MLflow that does not answer."""

    uri = "http://127.0.0.1:9"

    def require_up(self) -> None:
        raise TrackingError("MLflow does not answer.")
