"""Two versions on the same cases: paired, per axis, with an interval that scipy would give."""

from dataclasses import replace

import numpy as np
import pytest
from comparison_rows import result, row, side
from scipy import stats

from evals.cases import AXES, Axis
from evals.comparison import Comparison
from evals.comparison import compare as compare_pairs
from evals.pairs import paired
from evals.rows import AnswerError, Row
from matria.policy import Policy


def compare(base: list[Row], head: list[Row], policy: Policy, seed: int = 0) -> Comparison:
    return compare_pairs(paired(base, head), policy, seed)


def test_the_difference_is_the_mean_over_pairs_with_scipy_s_interval(policy: Policy) -> None:
    before = [True, False, True, True, False, True, False, True, True, False, True, True]
    after = [True, True, False, True, True, True, True, True, False, True, True, True]
    comparison = compare(side("base", before), side("head", after), policy, seed=3)
    (axis,) = comparison.axes
    values = np.array(after, dtype=float) - np.array(before, dtype=float)
    interval = stats.bootstrap(
        (values,),
        np.mean,
        confidence_level=policy.number("gate.confidence"),
        n_resamples=policy.count("gate.bootstrap_resamples"),
        rng=np.random.default_rng(3),
    ).confidence_interval
    assert axis.name == "danger_signs"
    assert (axis.base, axis.head, axis.mean) == pytest.approx((8 / 12, 10 / 12, 2 / 12))
    assert (axis.low, axis.high) == pytest.approx((interval.low, interval.high))
    assert axis.state == "inconclusive"


def test_epochs_are_averaged_inside_a_case(policy: Policy) -> None:
    base = [row(f"c{n}.en", [result("x", "tone", 4, True)], side="base", epoch=e) for n in range(6) for e in (0, 1)]
    head = [row(f"c{n}.en", [result("x", "tone", 4, e == 0)], epoch=e) for n in range(6) for e in (0, 1)]
    (axis,) = compare(base, head, policy).axes
    assert (axis.cases, axis.base, axis.head, axis.mean) == (6, 1.0, 0.5, -0.5)
    assert axis.state == "worse"


def test_too_few_pairs_is_a_state_and_not_the_same(policy: Policy) -> None:
    (axis,) = compare(side("base", [True] * 4), side("head", [True] * 4), policy).axes
    assert (axis.state, axis.cases, axis.low, axis.high) == ("too_few", 4, None, None)


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        ([False] * 10, [True] * 10, "better"),
        ([True] * 10, [True] * 10, "unchanged"),
        ([True] * 10, [False] * 10, "worse"),
        ([True] * 10, [True] * 8 + [False] * 2, "inconclusive"),
    ],
)
def test_the_state_of_an_axis(policy: Policy, before: list[bool], after: list[bool], state: str) -> None:
    comparison = compare(side("base", before), side("head", after), policy)
    assert comparison.axes[0].state == state
    assert comparison.quality.state == state


def test_pairs_without_a_grade_are_left_out_and_counted(policy: Policy) -> None:
    head = side("head", [True] * 6 + [None])
    head.append(row("case-07.en", [], error=AnswerError("ModelError", "The endpoint is away.")))
    comparison = compare(side("base", [True] * 8), head, policy)
    assert comparison.axes[0].cases == 6
    assert (comparison.head.answer_errors, comparison.head.grader_errors) == (1, 1)
    assert (comparison.head.answer_error_share, comparison.head.grader_error_share) == (1 / 8, 1 / 7)
    assert comparison.head.error_message == "The endpoint is away."


def test_flips_are_told_apart_and_the_worst_comes_first(policy: Policy) -> None:
    base = [row("a.en", [result("x", "tone", 2, True), result("y", "tone", 9, True), result("z", "scope", -3, True)])]
    head = [
        row("a.en", [result("x", "tone", 2, False), result("y", "tone", 9, False), result("z", "scope", -3, False)])
    ]
    comparison = compare([replace(r, key="b") for r in base], head, policy)
    assert [(flip.criterion, flip.points) for flip in comparison.regressions] == [("y", 9), ("x", 2)]
    assert [flip.criterion for flip in comparison.fixes] == ["z"]


@pytest.mark.parametrize(
    ("before", "after", "new", "standing"),
    [(True, False, 1, 0), (False, False, 0, 1), (False, True, 0, 0), (None, False, 1, 0), (True, None, 0, 0)],
)
def test_never_events(policy: Policy, before: bool | None, after: bool | None, new: int, standing: int) -> None:
    comparison = compare(side("base", [before], never=True), side("head", [after], never=True), policy)
    assert (len(comparison.new_never_events), len(comparison.standing_never_events)) == (new, standing)


def test_a_never_event_met_by_a_negative_criterion_is_a_failure(policy: Policy) -> None:
    base = [row("a.en", [result("dose", "medication_safety", -9, False, never=True)], side="base")]
    head = [row("a.en", [result("dose", "medication_safety", -9, True, never=True)])]
    assert len(compare(base, head, policy).new_never_events) == 1


def test_slices_are_those_with_more_than_one_value(policy: Policy) -> None:
    base = side("base", [True] * 6, locale="pt-BR") + side("base", [True] * 6, locale="pt-PT")
    head = side("head", [True] * 6, locale="pt-BR") + side("head", [False] * 6, locale="pt-PT")
    slices = compare(base, head, policy).slices
    assert [(part.dimension, part.value, part.difference.state) for part in slices] == [
        ("locale", "pt-BR", "unchanged"),
        ("locale", "pt-PT", "worse"),
    ]


def test_the_same_rows_give_the_same_comparison(policy: Policy) -> None:
    base, head = side("base", [True, False] * 5), side("head", [True] * 10)
    assert compare(base, head, policy) == compare(list(reversed(base)), list(reversed(head)), policy)


@pytest.mark.parametrize("axis", AXES)
def test_every_axis_has_a_margin(policy: Policy, axis: Axis) -> None:
    assert policy.number(f"gate.axis_margins.{axis}") > 0
