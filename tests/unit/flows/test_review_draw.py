"""Weeks that are drawn late, anew, or of which there is nothing new: what is kept and what is said."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from evals.review.base import JudgeVerdict
from flows.steps.review import draw_week
from flows.steps.review_due import weeks_status
from flows.wiring import Platform
from matria.errors import InputError, StorageError
from matria.transcripts.base import Transcript
from tests.unit.flows.review_parts import MONDAY, made_platform, person, read, talk


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    made = made_platform(tmp_path)
    for name in ("a", "b"):
        person(made, name)
    return made


def test_a_week_that_is_drawn_late_is_missed_no_more_and_repeats_no_conversation(platform: Platform) -> None:
    talk(platform, 3)
    draw_week(platform, now=MONDAY)
    later = MONDAY + timedelta(weeks=2)
    assert platform.transcripts is not None
    said = next(iter(platform.transcripts.between(MONDAY - timedelta(days=7), MONDAY))).last
    for weeks in (1, 2):
        at = said.asked_at + timedelta(weeks=weeks)
        platform.transcripts.keep(replace(said, conversation_id="long", message_id=f"m{weeks}", asked_at=at))
        talk(platform, 2, MONDAY + timedelta(weeks=weeks))
    assert draw_week(platform, now=later).batch.missed == ("2026-W48",)
    late = draw_week(platform, "2026-W48", later)
    assert (late.batch.state, len(late.items), late.batch.strata[-1].size) == ("short", 2, 1)
    assert "never drawn" not in draw_week(platform, now=later).title
    drawn = [one.conversation_id for one in platform.reviews.origins()]
    assert drawn.count("long") == 1


def test_a_week_of_conversations_drawn_not_long_ago_says_so(platform: Platform) -> None:
    talk(platform, 5)
    draw_week(platform, now=MONDAY)
    assert platform.transcripts is not None
    for one in list(platform.transcripts.between(MONDAY - timedelta(days=7), MONDAY)):
        at = one.last.asked_at + timedelta(weeks=1)
        platform.transcripts.keep(replace(one.last, message_id=f"{one.conversation_id}-2", asked_at=at))
    drawn = draw_week(platform, now=MONDAY + timedelta(weeks=1))
    assert (drawn.batch.state, drawn.batch.population, drawn.items) == ("covered", 5, ())
    assert drawn.title == "2026-W48: 5 conversations, all drawn not long ago"
    (week, _) = weeks_status(platform, MONDAY + timedelta(weeks=1))
    assert week.title == "2026-W48: 5 conversations, all drawn not long ago"


def test_a_week_with_a_repeat_alone_is_covered_and_says_both(platform: Platform) -> None:
    talk(platform, 3)
    draw_week(platform, now=MONDAY)
    for one in platform.reviews.assignments():
        read(platform, one, MONDAY + timedelta(hours=1))
    assert platform.transcripts is not None
    for one in list(platform.transcripts.between(MONDAY - timedelta(days=7), MONDAY)):
        later = replace(
            one.last, message_id=f"{one.conversation_id}-2", asked_at=one.last.asked_at + timedelta(weeks=5)
        )
        platform.transcripts.keep(later)
    drawn = draw_week(platform, now=MONDAY + timedelta(weeks=5))
    assert [one.kind for one in drawn.items] == ["repeat"]
    assert drawn.title.startswith("2026-W52: 3 conversations, all drawn not long ago, 1 read again; never drawn: ")
    (week,) = weeks_status(platform, MONDAY + timedelta(weeks=5))
    assert week.title.startswith("2026-W52: 3 conversations, all drawn not long ago, 0 of 1 items read")


def test_an_empty_week_before_the_first_is_refused_and_one_after_it_kept(platform: Platform) -> None:
    with pytest.raises(InputError, match="no week was drawn before"):
        draw_week(platform, "2026-W30", MONDAY)
    talk(platform, 3)
    draw_week(platform, now=MONDAY)
    with pytest.raises(InputError, match="the first week that was drawn is 2026-W47"):
        draw_week(platform, "2026-W46", MONDAY)
    with pytest.raises(InputError, match="2026-W99' is no ISO week"):
        draw_week(platform, "2026-W99", MONDAY)
    assert [one.batch_id for one in platform.reviews.batches()] == ["2026-W47"]
    assert draw_week(platform, "2026-W48", MONDAY + timedelta(weeks=1)).batch.state == "empty"


def test_an_empty_week_is_drawn_anew_once_there_are_conversations_of_it(platform: Platform) -> None:
    assert draw_week(platform, now=MONDAY).batch.state == "empty"
    assert draw_week(platform, now=MONDAY).state == "known"
    talk(platform, 3)
    assert (draw_week(platform, now=MONDAY).state, len(platform.reviews.items())) == ("drawn", 3)


def test_a_reader_is_told_the_day_in_the_nurses_zone_whenever_it_is_asked(platform: Platform) -> None:
    talk(platform, 3)
    drawn = draw_week(platform, now=MONDAY)
    again = draw_week(platform, now=MONDAY + timedelta(hours=1))
    assert {row["said"].partition("due ")[2] for row in (*drawn.table(), *again.table())} == {
        "Saturday 2026-11-28 08:00"
    }


def test_a_draw_whose_form_did_not_answer_is_whole_once_it_is_tried_again(platform: Platform) -> None:
    class Form:
        is_down, offered = True, 0

        def offer(self, offers: object) -> None:
            if self.is_down:
                raise StorageError("The form does not answer.")
            self.offered += 1

    form = Form()
    vars(platform)["review_form"] = form
    talk(platform, 30)
    verdict = JudgeVerdict("judge:rubric", "judge:rubric m t", "review/safe", "danger_signs", met=True)

    def judge(_: Platform, them: Sequence[Transcript]) -> dict[str, tuple[JudgeVerdict, ...]]:
        return {one.conversation_id: (verdict,) for one in them}

    with pytest.raises(StorageError):
        draw_week(platform, now=MONDAY, judge=judge)
    form.is_down = False
    assert draw_week(platform, now=MONDAY, is_dry=True).state == "known"
    assert form.offered == 0, "a dry run shows nothing to anybody"
    assert draw_week(platform, now=MONDAY, judge=judge).state == "known"
    assert form.offered == 1
    assert len(platform.reviews.items("queue-trust-2026-W47")) == platform.policy.count("review.trust_queue")
