"""For how many answers each one that a gate queued stands: those of which the same judge said the same on the axis."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from evals.cases import Axis
from evals.confirmation import CONFIRMATION_EPOCH
from evals.pairs import paired
from evals.review.queue import QueueRules, queue_of
from evals.rows import CriterionResult, JudgeMark, Row
from evals.standing import ToRead
from tests.unit.evals.comparison_rows import result, row

RULES = QueueRules("run", 12, lambda domain, value: value)


def judged(
    name: str = "j", met: bool = True, axis: Axis = "tone", points: float = 10, by: str = "m", never: bool = False
) -> CriterionResult:
    return replace(result(name, axis, points, met, never), grader="judge:rubric", judge=JudgeMark(by, "t", (0,)))


def answer(number: int, *criteria: CriterionResult, side: str = "head", text: str = "", **changed: Any) -> Row:
    told = row(f"case-{number:02}.en", list(criteria), side=side, text=text or f"{side} says {number}")
    return replace(told, **changed)


def share(base: Sequence[Row], head: Sequence[Row]) -> float | None:
    """Of the head's answer to case 0, of which `j` is to be read; the base's is the same there and is one with it."""
    pairs = list(paired(base, head))
    place = ToRead(*pairs[0].key, "j")
    (found,) = queue_of(pairs, [place], "regressions", RULES).items
    return found.origin.probability


def test_one_answer_of_both_sides_stands_for_itself_once() -> None:
    assert share([answer(0, judged())], [answer(0, judged())]) == 1


@pytest.mark.parametrize(
    ("other", "stands_for"),
    [
        (judged("k"), 2),
        (judged("k", met=False, points=-5), 2),
        (judged("k", met=False), 1),
        (judged("k", met=True, points=-5), 1),
        (judged("k", axis="accuracy"), 1),
        (judged("k", by="another model"), 1),
        (result("k", "tone", 10, True), 1),
    ],
)
def test_it_stands_for_what_the_same_judge_found_alike_on_the_axis(other: CriterionResult, stands_for: int) -> None:
    """Good is met, or not met of negative points; a rule's grade is nobody's to bear out."""
    both = answer(0, judged(), other)
    assert share([both], [both]) == 1 / stands_for


def test_answers_of_either_side_count_and_the_same_one_asked_again_does_not() -> None:
    base = [answer(number, judged(), side="base" if number else "head") for number in range(3)]
    head = [answer(number, judged()) for number in range(3)]
    again = [replace(one, epoch=1, key=f"{one.key}-again") for one in head]
    assert share(base, [*head, *again]) == 1 / 5


def test_what_only_confirms_a_never_event_is_nothing_that_it_stands_for() -> None:
    once = answer(0, judged())
    asked = [answer(0, judged(), text=f"{n}", epoch=CONFIRMATION_EPOCH + n, key=f"c{n}") for n in range(3)]
    assert share([once], [once, *asked]) == 1


def test_an_answer_that_failed_on_being_asked_again_stands_for_itself() -> None:
    once = answer(0, judged(never=True))
    again = answer(0, judged(met=False, never=True), text="Other.", epoch=CONFIRMATION_EPOCH, key="c")
    pairs = list(paired([once], [once, again]))
    found = queue_of(pairs, [ToRead(*pairs[0].key, "j")], "regressions", RULES).items
    assert [one.origin.probability for one in found] == [1, 1]
