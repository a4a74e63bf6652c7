"""The bar of policy.yaml, line by line: at its values a judge is trusted, and below any one of them it is not."""

from dataclasses import replace
from datetime import date

import pytest

from evals.judges.trust import Interval, Trust
from evals.judges.trusting import Bar
from matria.policy import Policy

TODAY = date(2026, 11, 23)
LEAST = {
    "few_items": "unmeasured",
    "few_met": "unmeasured",
    "few_not_met": "unmeasured",
    "few_nurses": "unmeasured",
    "no_kappa": "unmeasured",
    "old": "unmeasured",
    "kappa": "untrusted",
    "kappa_low": "untrusted",
    "sensitivity": "untrusted",
    "sensitivity_low": "untrusted",
    "specificity": "untrusted",
    "specificity_low": "untrusted",
}
"""What a judge may lack, and what it is called then."""


def at_the_bar(bar: Bar) -> Trust:
    """Each figure exactly at its value."""
    return Trust(
        "judge:rubric m t",
        "review/safe",
        n=bar.min_n,
        met=bar.min_each,
        not_met=bar.min_each,
        nurses=bar.min_nurses,
        kappa=Interval(bar.min_kappa, bar.min_kappa_low, 1.0),
        sensitivity=Interval(bar.min_sensitivity, bar.min_share_low, 1.0),
        specificity=Interval(bar.min_specificity, bar.min_share_low, 1.0),
        until=bar.first_day(TODAY).isoformat(),
    )


def below(lacks: str, trust: Trust, bar: Bar) -> Trust:
    """The same, but for one figure that is a little less."""
    counts = {"few_items": "n", "few_met": "met", "few_not_met": "not_met", "few_nurses": "nurses"}
    if lacks in counts:
        return replace(trust, **{counts[lacks]: getattr(trust, counts[lacks]) - 1})
    if lacks == "no_kappa":
        return replace(trust, kappa=Interval())
    if lacks == "old":
        return replace(trust, until=date.fromordinal(bar.first_day(TODAY).toordinal() - 1).isoformat())
    name, _, end = lacks.partition("_")
    figure = getattr(trust, name)
    less = {end or "value": getattr(figure, end or "value") - 0.001}
    return replace(trust, **{name: replace(figure, **less)})


def test_a_judge_exactly_at_the_bar_is_trusted(policy: Policy) -> None:
    bar = Bar.of(policy)
    assert bar.shortfalls(at_the_bar(bar), TODAY) == ()
    assert bar.state(at_the_bar(bar), TODAY) == "trusted"


@pytest.mark.parametrize(("lacks", "state"), LEAST.items())
def test_below_any_one_value_it_is_not_and_says_which(lacks: str, state: str, policy: Policy) -> None:
    bar = Bar.of(policy)
    found = below(lacks, at_the_bar(bar), bar)
    assert lacks in bar.shortfalls(found, TODAY)
    assert len(bar.shortfalls(found, TODAY)) == 1
    assert bar.state(found, TODAY) == state
