"""What `matria doctor` says of the nurses' week: what it lacks, and a form that was chosen and does not answer."""

from datetime import timedelta
from pathlib import Path

import pytest

from flows.steps.doctor_review import review_state, transcripts_state
from flows.steps.review import draw_week
from flows.wiring import Platform
from matria.errors import SettingsError, UserError
from tests.unit.flows.review_parts import MONDAY, made_platform, person, talk


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return made_platform(tmp_path)


def test_a_service_in_which_nobody_wrote_is_well_and_says_what_it_lacks(platform: Platform) -> None:
    said = review_state(platform, MONDAY)
    assert "nothing to review; the page of this project" in said
    assert said.count("batches: 0") == 1
    assert "MATRIA_REVIEW__MAIL" in said
    assert "LEAD" not in said, "a service without nurses lacks none"


def test_conversations_that_nobody_reads_are_not_well(platform: Platform) -> None:
    talk(platform, 3)
    person(platform, "viewer-a", "viewer")
    with pytest.raises(UserError, match="matria review people add"):
        review_state(platform, MONDAY)


def test_a_week_that_was_not_drawn_is_not_well_nine_days_later(platform: Platform) -> None:
    talk(platform, 3)
    person(platform, "nurse-a")
    with pytest.raises(UserError, match="No week was drawn for review ever"):
        review_state(platform, MONDAY)
    draw_week(platform, now=MONDAY, judge=lambda of, chosen: {})
    assert "newest 2026-W47, 1 people" in review_state(platform, MONDAY + timedelta(days=1))
    talk(platform, 1, MONDAY + timedelta(days=9), mark="d")
    with pytest.raises(UserError, match="No week was drawn for review since 2026-11-23"):
        review_state(platform, MONDAY + timedelta(days=9))


def test_a_lead_and_a_second_nurse_who_are_missing_are_named(platform: Platform) -> None:
    person(platform, "nurse-a")
    said = review_state(platform, MONDAY)
    assert "NO LEAD" in said
    assert "FEWER THAN TWO NURSES" in said
    person(platform, "nurse-b")
    person(platform, "lead-a", "lead")
    assert "NO LEAD" not in review_state(platform, MONDAY)
    assert "FEWER" not in review_state(platform, MONDAY)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [({"kind": "notion"}, "MATRIA_REVIEW__NOTION_TOKEN"), ({"mail": "mailtos://host"}, "MATRIA_REVIEW__MAIL")],
)
def test_a_form_or_mail_that_is_set_up_wrong_is_not_well_before_anybody_writes(
    tmp_path: Path, chosen: dict[str, str], said: str
) -> None:
    platform = Platform.load(home=tmp_path, review=chosen)
    with pytest.raises(SettingsError, match=said):
        review_state(platform, MONDAY)


def test_where_no_conversation_is_kept_it_is_said(tmp_path: Path) -> None:
    assert "MATRIA_TRANSCRIPTS__KIND" in transcripts_state(Platform.load(home=tmp_path, transcripts={"kind": "none"}))
