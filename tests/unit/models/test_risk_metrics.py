"""Figures beside the area, against scikit-learn, statsmodels and hand computation."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit
from sklearn.metrics import average_precision_score, brier_score_loss

from models.risk import metrics
from models.risk.auc import Estimate

ONCE = np.ones((1, 300))


@pytest.fixture
def predicted() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    risks = (rng.beta(1, 6, 300).round(2) + 0.01).clip(0.01, 0.99)  # rounded, so that ties occur
    return (rng.random(300) < risks).astype(float), risks


def test_average_precision_and_brier_agree_with_scikit_learn(predicted: tuple[np.ndarray, np.ndarray]) -> None:
    labels, risks = predicted
    weights = np.random.default_rng(6).integers(0, 3, 300).astype(float)
    both = np.vstack([ONCE, weights])
    expected = [average_precision_score(labels, risks, sample_weight=row) for row in both]
    assert metrics.average_precision(labels, risks, both) == pytest.approx(expected)
    assert metrics.brier(labels, risks, ONCE)[0] == pytest.approx(brier_score_loss(labels, risks))


def test_calibration_slope_agrees_with_statsmodels(predicted: tuple[np.ndarray, np.ndarray]) -> None:
    labels, risks = predicted
    expected = sm.Logit(labels, sm.add_constant(logit(risks))).fit(disp=0).params[1]
    assert metrics.calibration_slope(labels, risks, ONCE)[0] == pytest.approx(expected, abs=1e-6)


def test_calibration_error_worked_by_hand() -> None:
    # Two risks only, hence two bins. Bin of 0.1: 1 of 5 has the outcome, off by 0.1. Bin of 0.5: 4 of 5, off by 0.3.
    risks = np.repeat([0.1, 0.5], 5)
    labels = np.array([1.0, 0, 0, 0, 0, 1, 1, 1, 1, 0])
    assert metrics.calibration_error(labels, risks, np.ones((1, 10)))[0] == pytest.approx((0.1 + 0.3) / 2)
    assert metrics.observed_to_expected(labels, risks, np.ones((1, 10)))[0] == pytest.approx(5 / 3)


def test_ten_bins_of_equal_size_and_equal_risks_share_one() -> None:
    bins = metrics.calibration_bins(np.linspace(0.01, 0.99, 200))
    assert list(np.bincount(bins)) == [20] * 10
    assert set(metrics.calibration_bins(np.full(50, 0.2))) == {0}


def test_figures_at_a_threshold_worked_by_hand() -> None:
    labels, risks = np.array([1.0, 1, 0, 0, 0]), np.array([0.8, 0.2, 0.5, 0.3, 0.1])
    once = np.ones((1, 5))
    assert metrics.sensitivity_at(0.5)(labels, risks, once)[0] == 1 / 2
    assert metrics.specificity_at(0.5)(labels, risks, once)[0] == 2 / 3
    assert metrics.precision_at(0.5)(labels, risks, once)[0] == 1 / 2
    assert metrics.flagged_share_at(0.5)(labels, risks, once)[0] == 2 / 5
    assert np.isnan(metrics.precision_at(0.9)(labels, risks, once)[0])


def test_the_bootstrap_of_a_mean_has_its_known_error(predicted: tuple[np.ndarray, np.ndarray]) -> None:
    labels, risks = predicted
    found = bootstrapped(labels, risks, np.arange(300))
    squares = (labels - risks) ** 2
    assert found.value == pytest.approx(squares.mean())
    assert spread(found) == pytest.approx(2 * 1.96 * squares.std() / np.sqrt(300), rel=0.1)


def test_patients_are_drawn_and_not_rows(predicted: tuple[np.ndarray, np.ndarray]) -> None:
    labels, risks = (np.repeat(part, 4) for part in predicted)
    by_patient = bootstrapped(labels, risks, np.repeat(np.arange(300), 4))
    by_row = bootstrapped(labels, risks, np.arange(1200))
    assert spread(by_patient) == pytest.approx(2 * spread(by_row), rel=0.1)


def test_the_same_seed_gives_the_same_interval(predicted: tuple[np.ndarray, np.ndarray]) -> None:
    labels, risks = predicted
    assert bootstrapped(labels, risks, np.arange(300)) == bootstrapped(labels, risks, np.arange(300))


def test_one_outcome_alone_is_no_data_and_never_zero() -> None:
    assert bootstrapped(np.zeros(20), np.full(20, 0.1), np.arange(20)) == Estimate(None)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0.01, 0.99)), min_size=4, max_size=40))
def test_every_figure_but_slope_and_ratio_lies_between_0_and_1(rows: list[tuple[bool, float]]) -> None:
    labels, risks = np.array([float(label) for label, _ in rows]), np.array([risk for _, risk in rows])
    figures = (metrics.average_precision, metrics.brier, metrics.calibration_error, metrics.sensitivity_at(0.5))
    for figure in figures:
        value = figure(labels, risks, np.ones((1, len(rows))))[0]
        assert np.isnan(value) or 0 <= value <= 1 + 1e-9


def bootstrapped(labels: np.ndarray, risks: np.ndarray, patients: np.ndarray) -> Estimate:
    rng = np.random.default_rng(7)
    return metrics.bootstrap({"brier": metrics.brier}, labels, risks, patients, 1500, rng, 0.95)["brier"]


def spread(estimate: Estimate) -> float:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.high - estimate.low
