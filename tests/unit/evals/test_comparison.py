"""Two versions on the same cases: paired, per axis, with an interval that scipy would give."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from comparison_rows import result, row, side
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evals.cases import AXES, Axis, Stage
from evals.comparison import KEPT_FLIPS, Comparison
from evals.comparison import compare as compare_pairs
from evals.pairs import Pair, pair_key, paired
from evals.rows import AnswerError, Row
from matria.messages import Locale, Persona
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


def twins(name: str, met: list[bool], side_name: str) -> list[Row]:
    """One conversation in three languages, of which each has the same outcome."""
    locales: tuple[Locale, ...] = ("pt-BR", "pt-PT", "en")
    return [
        row(f"{name}-{n}.{locale}", [result("x", "tone", 4, is_met)], side=side_name, locale=locale)
        for n, is_met in enumerate(met)
        for locale in locales
    ]


def test_twins_in_other_locales_are_one_conversation(policy: Policy) -> None:
    after = [True, False, True, True, True, False, True, True]
    (axis,) = compare(twins("c", [True] * 8, "base"), twins("c", after, "head"), policy).axes
    alone = side("base", [True] * 8, axis="tone"), side("head", after, axis="tone")
    (single,) = compare(*alone, policy).axes
    assert (axis.cases, axis.conversations, single.conversations) == (24, 8, 8)
    assert (axis.low, axis.high, axis.p_not_worse) == pytest.approx((single.low, single.high, single.p_not_worse))
    assert axis.needed == 3 * (single.needed or 0)


def test_twins_are_too_few_however_many_locales_they_are_in(policy: Policy) -> None:
    (axis,) = compare(twins("c", [True] * 4, "base"), twins("c", [True] * 4, "head"), policy).axes
    assert (axis.cases, axis.conversations, axis.state) == (12, 4, "too_few")


def test_a_derived_twin_belongs_to_the_conversation_it_was_derived_from(policy: Policy) -> None:
    def rows(name: str) -> list[Row]:
        cases = [f"c{n}{kind}.en" for n in range(6) for kind in ("", "~typos", "~formal")]
        return [row(case, [result("x", "tone", 4, True)], side=name) for case in cases]

    (axis,) = compare(rows("base"), rows("head"), policy).axes
    assert (axis.cases, axis.conversations) == (18, 6)


def test_holm_adjusts_over_the_axes_that_were_tested(policy: Policy) -> None:
    def rows(name: str, tone: int, scope: int) -> list[Row]:
        marks = [(n < tone, n < scope) for n in range(12)]
        return [
            row(
                f"c{n:02}.en",
                [result("t", "tone", 4, t), result("s", "scope", 4, s), result("l", "language", 4, True)],
                side=name,
            )
            for n, (t, s) in enumerate(marks)
        ]

    comparison = compare(rows("base", 4, 6), rows("head", 12, 12), policy)
    tone, language, scope = comparison.axes
    assert (tone.name, language.name, scope.name) == ("tone", "language", "scope")
    assert language.state == "unchanged"
    assert language.p_better is None, "what does not differ is not tested"
    assert tone.p_better == pytest.approx(3 / 2**8), "the smallest of three, since the whole score counts"
    assert scope.p_better == pytest.approx(1 / 2**6)
    assert (tone.state, scope.state) == ("better", "better")


def test_an_interval_above_0_is_not_better_where_the_test_does_not_say_so(policy: Policy) -> None:
    """Five gains of 40 and no loss: chance alone gives that in one of 32."""
    (axis,) = compare(
        side("base", [False] * 5 + [True] * 35, axis="tone"), side("head", [True] * 40, axis="tone"), policy
    ).axes
    assert axis.low is not None
    assert axis.low > 0
    assert axis.state == "not_worse"


def test_flips_of_cases_are_counted_and_tested(policy: Policy) -> None:
    before, after = [True] * 8 + [False] * 4, [True] * 6 + [False] * 2 + [True] * 4
    comparison = compare(side("base", before), side("head", after), policy)
    for found in (comparison.axes[0].flips, comparison.quality.flips):
        assert (found.to_pass, found.to_fail, found.flaky) == (4, 2, 0)
        assert found.p == pytest.approx(stats.binomtest(2, 6).pvalue)


def epochs(case: str, marks: list[bool | None], name: str, never: bool = False, first: int = 0) -> list[Row]:
    return [row(case, [result("x", "tone", 4, m, never)], side=name, epoch=first + e) for e, m in enumerate(marks)]


@pytest.mark.parametrize(
    ("before", "after", "kind", "flaky", "counted"),
    [
        ([True, True], [False, False], "regressed", False, (0, 1)),
        ([True, True], [True, False], None, True, (0, 0)),
        ([True, False], [False, True], None, True, (0, 0)),
        ([True, True, True], [False, False, True], "regressed", True, (0, 0)),
        ([False, False, True], [True, True, True], "fixed", True, (0, 0)),
    ],
)
def test_what_disagrees_with_itself_is_shown_and_not_counted(
    policy: Policy, before: list[bool], after: list[bool], kind: str | None, flaky: bool, counted: tuple[int, int]
) -> None:
    comparison = compare(epochs("a.en", list(before), "base"), epochs("a.en", list(after), "head"), policy)
    assert [flip.kind for flip in comparison.flips] == ([kind] if kind else [])
    assert len(comparison.flaky) == comparison.flaky_total == flaky
    found = comparison.axes[0].flips
    assert ((found.to_pass, found.to_fail), found.flaky) == (counted, int(flaky))


def test_regressions_are_ordered_by_points_times_how_often_they_failed(policy: Policy) -> None:
    base = [
        row("a.en", [result("x", "tone", 4, True), result("y", "tone", 5, True)], side="base", epoch=e)
        for e in range(3)
    ]
    head = [row("a.en", [result("x", "tone", 4, False), result("y", "tone", 5, e == 0)], epoch=e) for e in range(3)]
    comparison = compare(base, head, policy)
    assert [flip.criterion for flip in comparison.regressions] == ["x", "y"], "4 points always, 5 points twice in three"


def test_grader_errors_are_listed_with_their_side(policy: Policy) -> None:
    comparison = compare(side("base", [True, None]), side("head", [None, True]), policy)
    assert [(line.case, line.side, line.message) for line in comparison.grader_errors] == [
        ("case-00.en", "head", "the judge did not answer"),
        ("case-01.en", "base", "the judge did not answer"),
    ]
    assert comparison.grader_error_total == 2


def test_crossed_slices_leave_out_what_is_the_same_cases(policy: Policy) -> None:
    def rows(name: str) -> list[Row]:
        places: list[tuple[Locale, Persona, Stage]] = [
            ("en", "gestante", "birth"),
            ("en", "puerpera", "puerperium"),
            ("pt-BR", "gestante", "birth"),
            ("pt-BR", "puerpera", "puerperium"),
        ]
        return [
            replace(
                row(f"c{n}-{place}.{locale}", [result("x", "tone", 4, True)], side=name, locale=locale),
                persona=persona,
                stage=stage,
            )
            for place, (locale, persona, stage) in enumerate(places)
            for n in range(5)
        ]

    slices = compare(rows("base"), rows("head"), policy).slices
    assert [(part.dimension, part.value, part.difference.cases) for part in slices] == [
        ("locale", "en", 10),
        ("locale", "pt-BR", 10),
        ("persona", "gestante", 10),
        ("persona", "puerpera", 10),
        ("locale × persona", "en × gestante", 5),
        ("locale × persona", "en × puerpera", 5),
        ("locale × persona", "pt-BR × gestante", 5),
        ("locale × persona", "pt-BR × puerpera", 5),
    ]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30))
@settings(max_examples=25, deadline=None)
def test_the_sides_exchanged_give_the_opposite_difference(policy: Policy, marks: list[tuple[bool, bool]]) -> None:
    before, after = [b for b, _ in marks], [a for _, a in marks]
    (there,) = compare(side("base", before), side("head", after), policy).axes
    (back,) = compare(side("base", after), side("head", before), policy).axes
    assert (there.mean, there.flips.p) == pytest.approx((-(back.mean or 0.0), back.flips.p))
    assert (there.flips.to_pass, there.flips.to_fail) == (back.flips.to_fail, back.flips.to_pass)
    assert not (there.state == "better" and back.state == "better")
    assert there.detectable == back.detectable


def test_of_very_many_flips_the_gravest_are_kept_and_all_are_counted(policy: Policy) -> None:
    def pairs() -> Iterator[Pair]:
        for n in range(1500):
            points = 9.0 if n % 100 == 7 else 1.0
            before = row(f"c{n:04}.en", [result("x", "tone", points, True)], side="base")
            after = row(f"c{n:04}.en", [result("x", "tone", points, False)])
            yield Pair(pair_key(after), (before,), (after,))

    comparison = compare_pairs(pairs(), policy)
    assert comparison.regression_total == 1500
    assert len(comparison.flips) == KEPT_FLIPS
    assert [flip.points for flip in comparison.regressions[:16]] == [9.0] * 15 + [1.0]
