"""The tests of the gate give what statsmodels, scipy and MLflow give on the same data."""

import numpy as np
import pytest
from comparison_rows import result, row
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

from evals.clusters import clusters_of
from evals.comparison import compare
from evals.holm import holm
from evals.mcnemar import flip_counts, mcnemar_p
from evals.pairs import paired
from evals.power import Power, hedges_d_z
from evals.rows import Row
from evals.signflips import p_above_zero
from evals.student import student_cdf
from matria.policy import Policy

POWER = Power(alpha=0.025, power=0.8)


@pytest.mark.parametrize(
    ("to_pass", "to_fail"), [(0, 0), (1, 0), (3, 1), (7, 7), (2, 10), (510, 430), (60_000, 60_400)]
)
def test_flips_are_tested_as_statsmodels_does(to_pass: int, to_fail: int) -> None:
    theirs = mcnemar([[50, to_pass], [to_fail, 9]], exact=True).pvalue
    assert mcnemar_p(to_pass, to_fail) == pytest.approx(theirs, rel=1e-7)
    assert flip_counts(to_pass, to_fail).p == mcnemar_p(to_fail, to_pass)


@pytest.mark.parametrize("seed", range(8))
def test_holm_is_that_of_statsmodels(seed: int) -> None:
    p_values = list(np.random.default_rng(seed).beta(0.4, 2, seed + 1))
    assert holm(p_values) == pytest.approx(list(multipletests(p_values, method="holm")[1]))


def test_what_was_not_tested_is_no_member_of_the_family() -> None:
    assert holm([None, 0.02, None, 0.01]) == [None, 0.02, None, 0.02]


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 11, 60, 999, 1000, 40_000])
@pytest.mark.parametrize("value", [-6.0, -1.3, 0.0, 0.4, 3.0])
def test_student_s_distribution_is_scipy_s(degrees: int, value: float) -> None:
    assert student_cdf(value, degrees) == pytest.approx(stats.t.cdf(value, degrees), rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("count", [10, 20, 40, 200, 2000])
def test_the_detectable_loss_is_that_of_statsmodels(count: int) -> None:
    theirs = TTestPower().solve_power(nobs=count, alpha=0.025, power=0.8, alternative="larger")
    assert POWER.detectable(1.0, count) == pytest.approx(min(1.0, theirs), rel=0.012)


@pytest.mark.parametrize(("loss", "deviation"), [(0.05, 0.3), (0.08, 0.5), (0.2, 0.41)])
def test_the_cases_needed_are_those_of_statsmodels_within_two(loss: float, deviation: float) -> None:
    theirs = TTestPower().solve_power(effect_size=loss / deviation, alpha=0.025, power=0.8, alternative="larger")
    assert POWER.needed(loss, deviation) == pytest.approx(theirs, abs=2)


def test_a_quiet_suite_does_not_see_everything() -> None:
    """Nothing moved on 40 cases: a loss of 17 points, 7 cases that fail, is what a t test surely shows."""
    seen = POWER.detectable(0.0, 40)
    assert seen == pytest.approx(0.171, abs=0.001)
    assert POWER.needed(seen or 0.0, 0.0) == pytest.approx(40, abs=1)
    losses = np.random.default_rng(0).binomial(1, 0.171, (4000, 40)).astype(float)
    least = stats.t.ppf(0.975, 39) * losses.std(axis=1, ddof=1) / np.sqrt(40)
    assert (losses.mean(axis=1) > least).mean() > 0.8


@given(st.floats(0, 1), st.integers(5, 5000))
def test_more_cases_see_smaller_losses(deviation: float, count: int) -> None:
    fewer, more = POWER.detectable(deviation, count), POWER.detectable(deviation, 2 * count)
    assert fewer is not None
    assert more is not None
    assert more <= fewer


def test_a_margin_of_nothing_needs_more_cases_than_there_are() -> None:
    assert POWER.needed(0.0, 0.3) is None
    assert POWER.needed_for(1e-6, 0.3) is None


@pytest.mark.parametrize("values", [[1.0] * 5 + [0.0] * 35, [0.5, -0.25, 1.0, 0.75, -0.5, 0.25, 1.0]])
def test_all_signs_are_tried_as_scipy_does(values: list[float]) -> None:
    theirs = (
        stats.permutation_test(
            (np.array(values),), np.mean, permutation_type="samples", alternative="greater", n_resamples=np.inf
        )
        if len(values) < 12
        else None
    )
    ours = p_above_zero(clusters_of(values), 10_000, np.random.default_rng(0))
    assert ours == pytest.approx(theirs.pvalue if theirs else 1 / 2**5)


def test_signs_that_are_drawn_come_near_those_of_scipy() -> None:
    values = np.random.default_rng(4).normal(0.12, 0.4, 60)
    theirs = stats.permutation_test(
        (values,),
        np.mean,
        permutation_type="samples",
        alternative="greater",
        n_resamples=20_000,
        rng=np.random.default_rng(1),
    )
    ours = p_above_zero(clusters_of(values), 10_000, np.random.default_rng(0))
    assert ours == pytest.approx(theirs.pvalue, abs=0.004)


def test_signs_of_very_many_clusters_follow_the_normal() -> None:
    values = np.random.default_rng(2).normal(0.02, 0.4, 3000)
    ours = p_above_zero(clusters_of(values), 10_000, np.random.default_rng(0))
    assert ours == pytest.approx(stats.ttest_1samp(values, 0, alternative="greater").pvalue, rel=0.05)


def test_on_pass_and_fail_sign_flips_are_mcnemar_s_test() -> None:
    gained = p_above_zero(clusters_of([1.0] * 9 + [-1.0] * 2 + [0.0] * 30), 10_000, np.random.default_rng(0))
    assert gained == pytest.approx(mcnemar_p(9, 2) / 2)


def test_the_effect_size_is_cohen_s_with_hedges_correction() -> None:
    values = np.array([0.1, 0.3, -0.1, 0.4, 0.2, 0.0])
    d_z = values.mean() / values.std(ddof=1)
    assert hedges_d_z(values.mean(), values.std(ddof=1), 6) == pytest.approx(d_z * (1 - 3 / 19))
    assert hedges_d_z(0.5, 0.0, 6) is None


@pytest.mark.parametrize(
    ("base", "head", "interval", "mcnemar_p_value", "d_z"),
    [
        (
            [4, 4, 0, 4, 4, 0, 4, 0, 4, 4, 0, 4, 4, 4, 0, 4, 4, 0, 4, 4, 4, 4, 0, 4, 4, 4, 0, 4, 4, 4],
            [4, 4, 4, 4, 4, 4, 4, 4, 0, 4, 4, 4, 4, 4, 4, 4, 0, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 0, 4],
            (-0.03333333333333333, 0.36666666666666664),
            0.2265625,
            0.2814870737309186,
        ),
        (
            [4, 2, 1, 3, 4, 2, 0, 3, 4, 1, 2, 3, 4, 4, 1, 2, 3, 4, 2, 1],
            [3, 2, 2, 3, 3, 2, 1, 1, 4, 2, 1, 3, 2, 4, 1, 3, 2, 3, 2, 0],
            (-0.175, 0.025),
            0.125,
            -0.32489314482696546,
        ),
    ],
)
def test_the_figures_are_those_of_mlflow_s_compare_evaluations(
    policy: Policy,
    base: list[int],
    head: list[int],
    interval: tuple[float, float],
    mcnemar_p_value: float,
    d_z: float,
) -> None:
    """Quarters of a score, of which MLflow 3.18.0 was given the same; the release that is locked has no comparison.

    MLflow's own McNemar test is for scores of 0 and 1 alone; the one of the quarters is scipy's, of whole passes.
    """

    def rows(side: str, quarters: list[int]) -> list[Row]:
        marks = [[result(f"x{k}", "tone", 1, k < met) for k in range(4)] for met in quarters]
        return [row(f"c{n:02}.en", found, side=side) for n, found in enumerate(marks)]

    (axis,) = compare(paired(rows("base", base), rows("head", head)), policy).axes
    assert (axis.low, axis.high) == pytest.approx(interval)
    assert axis.flips.p == pytest.approx(mcnemar_p_value)
    assert axis.effect_size == pytest.approx(d_z * (1 - 3 / (4 * (len(base) - 1) - 1)))
