"""What becomes of a week whose nurse is removed while she has it before her."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from review_parts import MONDAY, made_platform, person, read, talk

from flows.steps.review import draw_week
from flows.steps.review_access import set_active
from flows.steps.review_due import look_after, weeks_status
from flows.steps.review_report import week_report
from flows.wiring import Platform


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    made = made_platform(tmp_path)
    person(made, "a")
    return made


def read_open(platform: Platform, who: str, at: datetime) -> None:
    for one in platform.reviews.assignments(reviewer_id=who):
        if one.state == "open":
            read(platform, one, at)


def test_what_nobody_else_can_read_is_said_and_passes_on_once_somebody_can(platform: Platform) -> None:
    talk(platform, 3)
    draw_week(platform, now=MONDAY)
    set_active(platform, "a", False)
    outcome = look_after(platform, MONDAY + timedelta(hours=1))
    assert len(outcome.unread) == 3
    assert "3 LEFT by who no longer reads them" in outcome.title
    person(platform, "b")
    outcome = look_after(platform, MONDAY + timedelta(hours=2))
    assert outcome.unread == ()
    assert len(platform.reviews.offers("b")) == 3


def test_a_week_is_done_without_the_repeat_of_a_nurse_who_has_left(platform: Platform) -> None:
    talk(platform, 20)
    draw_week(platform, now=MONDAY)
    read_open(platform, "a", MONDAY + timedelta(hours=1))
    person(platform, "b")
    later = MONDAY + timedelta(weeks=5)
    talk(platform, 30, later)
    drawn = draw_week(platform, now=later)
    (repeat,) = (one.item_id for one in drawn.items if one.kind == "repeat")
    set_active(platform, "a", False)
    look_after(platform, later + timedelta(hours=1))
    read_open(platform, "b", later + timedelta(hours=2))
    outcome = look_after(platform, later + timedelta(days=6))
    assert outcome.problems == ()
    assert [one.state for one in platform.reviews.assignments(item_id=repeat)] == ["withdrawn"]
    assert weeks_status(platform, later + timedelta(days=6))[0].is_done
    made = week_report(platform, drawn.batch.batch_id, later + timedelta(days=7))
    assert (made.state, made.counts.missing) == ("settled", 0)
