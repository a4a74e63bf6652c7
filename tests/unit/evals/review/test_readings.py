"""A judge's verdict stands beside the nurses' final answer to the same question, and beside nothing else."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from evals.cases import AXES
from evals.judges.trust import OVERALL
from evals.judges.trusting import Reading, trust_book
from evals.review.base import (
    OPTIONS,
    Answers,
    AskedCriterion,
    JudgeVerdict,
    Origin,
    Part,
    Question,
    Review,
    ReviewItem,
    Spoken,
)
from evals.review.disputes import final_answers
from evals.review.judging import criterion_name
from evals.review.readings import met_of, readings_of
from matria.policy import Policy

AT = datetime(2026, 11, 18, 9, tzinfo=UTC)
SAID = (Spoken("m", "user", "?"), Spoken("m", "assistant", "."))
ITEM = ReviewItem("a", "2026-W47", "sampled", "pt-BR", "gestante", None, SAID)
SAFE = JudgeVerdict("judge:rubric", "judge:rubric model-1 abc", criterion_name("safe", 2), "general", True)
ORIGIN = Origin("a", "c", ("m",), "week", probability=0.25, verdicts=(SAFE,))


def review(nurse: str = "nurse-a", part: Part = "first", **given: str) -> Review:
    return Review("a", nurse, part, Answers(given), AT, 1, "web")  # type: ignore[arg-type]


def test_a_reading_has_both_verdicts_the_chance_and_the_day() -> None:
    (found,) = readings_of([ITEM], [ORIGIN], final_answers([review(safe="no", tone="good")], 2))
    assert (found.judge_met, found.nurse_met, found.probability) == (True, False, 0.25)
    assert (found.judge, found.criterion, found.axis) == (SAFE.judge, SAFE.criterion, "overall")
    assert (found.item, found.reviewed_on, found.is_simulated) == ("a", date(2026, 11, 18), False)


@pytest.mark.parametrize(
    ("question", "met"),
    [
        ("safe", {"yes"}),
        ("correct", {"yes"}),
        ("complete", {"yes"}),
        ("tone", {"good", "acceptable"}),
        ("escalation", {"right"}),
        ("harm", {"none", "mild"}),
        ("met", {"yes"}),
    ],
)
def test_each_answer_is_met_or_not_and_cannot_tell_is_neither(question: Question, met: set[str]) -> None:
    assert {answer for answer in OPTIONS[question] if met_of(question, answer, 2)} == met
    assert met_of(question, "cannot_tell", 2) is None


def test_harm_counts_from_the_degree_of_the_policy_on() -> None:
    assert [met_of("harm", degree, 1) for degree in OPTIONS["harm"][:4]] == [True, False, False, False]
    assert [met_of("harm", degree, 3) for degree in OPTIONS["harm"][:4]] == [True, True, True, False]


def test_what_is_disputed_and_undecided_is_left_out_until_the_lead_decides() -> None:
    two = [review(safe="yes"), review("nurse-b", "second", safe="no")]
    assert readings_of([ITEM], [ORIGIN], final_answers(two, 2)) == ()
    decided = final_answers([*two, review("lead", "adjudicator", safe="no")], 2)
    (found,) = readings_of([ITEM], [ORIGIN], decided)
    assert found.nurse_met is False


def test_repeats_unread_items_and_questions_that_were_not_asked_give_nothing() -> None:
    finals = final_answers([review(safe="yes")], 2)
    assert readings_of([replace(ITEM, kind="repeat")], [ORIGIN], finals) == ()
    assert readings_of([ITEM], [ORIGIN], {}) == ()
    assert readings_of([ITEM], [], finals) == ()
    others = replace(
        ORIGIN, verdicts=(replace(SAFE, criterion=criterion_name("tone", 2)), replace(SAFE, criterion="suite/safe#1"))
    )
    assert readings_of([ITEM], [others], finals) == ()


def test_a_queued_criterion_is_held_against_its_own_verdict_alone() -> None:
    item = replace(ITEM, kind="criterion", criterion=AskedCriterion("doses", "?"))
    verdicts = (replace(SAFE, criterion="s/doses#1", axis="tone"), replace(SAFE, criterion="s/other#1"), SAFE)
    origin = Origin("a", "s/case", ("m",), "gate:1", verdicts=verdicts, suite="s", is_simulated=True)
    (found,) = readings_of([item], [origin], final_answers([review(met="no")], 2))
    assert (found.criterion, found.axis, found.nurse_met, found.probability) == ("s/doses#1", "tone", False, None)
    assert (found.is_simulated, found.frame) == (True, "gate")


def test_harm_is_held_against_the_degree_that_the_judge_was_asked_of() -> None:
    mild = final_answers([review(harm="mild")], 2)
    asked = [replace(SAFE, criterion=criterion_name("harm", degree)) for degree in (1, 2)]
    found = readings_of([ITEM], [replace(ORIGIN, verdicts=tuple(asked))], mild)
    assert [one.nurse_met for one in found] == [False, True]
    assert found[0].criterion != found[1].criterion


def test_a_criterion_with_negative_points_is_good_where_it_is_not_met() -> None:
    item = replace(ITEM, kind="criterion", criterion=AskedCriterion("harms", "?"))
    verdict = replace(SAFE, criterion="s/harms#1", met=False, good_when_met=False)
    origin = Origin("a", "s/case", ("m",), "gate:1", verdicts=(verdict,), suite="s")
    (found,) = readings_of([item], [origin], final_answers([review(met="yes")], 2))
    assert (found.judge_good, found.nurse_good) == (True, False)


def test_a_reading_names_those_who_said_what_stands_and_the_answer_that_was_read() -> None:
    two = [review(safe="yes"), review("nurse-b", "second", safe="no")]
    (found,) = readings_of([ITEM], [ORIGIN], final_answers([*two, review("lead", "adjudicator", safe="no")], 2))
    assert found.nurses == {"nurse-b", "lead"}
    assert found.answer == "m"


def test_safety_and_harm_lend_trust_to_no_criterion_of_a_case(policy: Policy) -> None:
    said = {"safe": ("yes", "no"), "harm": ("none", "severe")}
    for question, (good, bad) in said.items():
        found: list[Reading] = []
        for number in range(60):
            is_good = number % 2 == 0
            verdict = replace(SAFE, criterion=criterion_name(question, 2), met=is_good)  # type: ignore[arg-type]
            origin = replace(ORIGIN, message_ids=(f"m{number}",), verdicts=(verdict,))
            reader = "nurse-a" if number % 3 else "nurse-b"
            finals = final_answers([review(reader, **{question: good if is_good else bad})], 2)
            found += [replace(one, item=f"{number}") for one in readings_of([ITEM], [origin], finals)]
        book = trust_book(found, policy, AT.date())
        assert book.of(SAFE.judge, verdict.criterion, OVERALL).is_trusted
        assert [axis for axis in AXES if book.of(SAFE.judge, "suite/says-dose-right#1", axis).n] == []
    assert OVERALL not in AXES
