"""Twenty simulated weeks, four times over, of which the truth is known: how often the interval holds it, and its cost.

`python -m tests.bench.review_coverage` does the same two hundred times. The seeds are fixed, so these figures are too.
"""

import numpy as np
import pytest

from evals.review.outcomes import outcomes
from evals.review.weeks import weeks_until
from tests.bench.review_coverage import HARM_FROM, ROLLING, WEEKS, Trial, trial
from tests.bench.review_weeks import Simulated, weeks

TIMES, SEED = 4, 20261123
NAMES = [one.name for one in outcomes(HARM_FROM)]


@pytest.fixture(scope="module")
def simulated() -> list[list[Simulated]]:
    span = weeks_until("2026-W47", WEEKS)
    return [weeks(span, np.random.default_rng([SEED, time]), SEED + time) for time in range(TIMES)]


def weekly(simulated: list[list[Simulated]], name: str) -> list[Trial]:
    (outcome,) = (one for one in outcomes(HARM_FROM) if one.name == name)
    return [trial([week], outcome) for run in simulated for week in run]


@pytest.mark.parametrize("name", NAMES)
def test_the_interval_of_a_week_holds_the_truth_in_nineteen_of_twenty(
    simulated: list[list[Simulated]], name: str
) -> None:
    """The one-sided end of 95 % is asked for 90 %: by chance alone 80 weeks show as little less than once in fifty."""
    found = weekly(simulated, name)
    assert len(found) == WEEKS * TIMES
    assert np.mean([one.holds for one in found]) >= 0.95
    assert np.mean([one.is_bounded for one in found]) >= 0.9


@pytest.mark.parametrize("name", NAMES)
def test_the_estimate_is_not_off_to_one_side(simulated: list[list[Simulated]], name: str) -> None:
    errors = [one.estimate.value - one.truth for one in weekly(simulated, name) if one.estimate.value is not None]
    assert abs(float(np.mean(errors))) <= 3 * float(np.std(errors)) / len(errors) ** 0.5


def test_an_interval_costs_no_more_than_its_items_do(simulated: list[list[Simulated]]) -> None:
    """0.31 is as wide as Clopper and Pearson's of 2 in 17, and a bound for what is as rare as harm is."""
    for name in ("harmful", "unsafe", "escalation_missed"):
        assert np.mean([one.estimate.high - one.estimate.low for one in weekly(simulated, name)]) < 0.31


@pytest.mark.parametrize("name", NAMES)
def test_twelve_weeks_hold_the_truth_and_are_narrower_by_more_than_half(
    simulated: list[list[Simulated]], name: str
) -> None:
    (outcome,) = (one for one in outcomes(HARM_FROM) if one.name == name)
    rolled = [trial(run[-ROLLING:], outcome) for run in simulated]
    assert all(one.holds for one in rolled)
    widths = [np.mean([one.estimate.high - one.estimate.low for one in of]) for of in (rolled, weekly(simulated, name))]
    assert widths[0] < widths[1] / 2
