"""Calibration, against statsmodels and scikit-learn."""

import json

import numpy as np
import pytest
import statsmodels.api as sm
from risk_cohort import with_threshold
from sklearn.isotonic import IsotonicRegression

from matria.errors import ModelError
from matria.policy import Policy
from models.risk.calibration import (
    Isotonic,
    Platt,
    fit_calibration,
    fit_isotonic,
    fit_logistic,
    fit_platt,
    read_calibration,
)


def scored(rows: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Overconfident scores: the log odds are half of what they claim."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(-2, 2, rows)
    return scores, (rng.random(rows) < 1 / (1 + np.exp(-(0.3 + 0.5 * scores)))).astype(float)


def test_logistic_regression_agrees_with_statsmodels_weighted_or_not() -> None:
    scores, labels = scored(400)
    weights = np.random.default_rng(2).integers(0, 4, 400).astype(float)
    design = sm.add_constant(scores)
    plain = sm.GLM(labels, design, family=sm.families.Binomial()).fit()
    weighted = sm.GLM(labels, design, family=sm.families.Binomial(), freq_weights=weights).fit()
    assert fit_logistic(scores, labels) == pytest.approx(tuple(plain.params), abs=1e-6)
    assert fit_logistic(scores, labels, weights) == pytest.approx(tuple(weighted.params), abs=1e-6)


def test_platt_finds_the_distortion_that_was_put_in() -> None:
    scores, labels = scored(20_000)
    found = fit_platt(scores, labels)
    assert (found.intercept, found.slope) == pytest.approx((0.3, 0.5), abs=0.06)


def test_platt_stays_off_certainty_where_scores_part_the_outcomes() -> None:
    scores, labels = np.linspace(-3, 3, 60), np.repeat([0.0, 1.0], 30)
    risks = fit_platt(scores, labels).risk(scores)
    assert 0 < risks.min() < risks.max() < 1


def test_isotonic_agrees_with_scikit_learn_but_for_its_ends() -> None:
    scores, labels = scored(500)
    expected = IsotonicRegression(out_of_bounds="clip").fit(scores, labels).predict(scores)
    assert fit_isotonic(scores, labels).risk(scores) == pytest.approx(np.clip(expected, 1 / 502, 501 / 502))


def test_the_size_of_the_part_decides_the_kind(policy: Policy) -> None:
    scores, labels = scored(300)
    assert isinstance(fit_calibration(scores, labels, policy), Platt)
    assert isinstance(fit_calibration(scores, labels, with_threshold(policy, min_isotonic_rows=300)), Isotonic)


@pytest.mark.parametrize("fit", [fit_platt, fit_isotonic])
def test_the_order_of_scores_is_kept_and_the_numbers_survive_json(fit: type[Platt]) -> None:
    scores, labels = scored(300)
    calibration = fit(scores, labels)  # type: ignore[arg-type]
    line = np.linspace(-9, 9, 200)
    assert (np.diff(calibration.risk(line)) >= 0).all()
    again = read_calibration(json.loads(json.dumps(calibration.as_json())))
    assert again == calibration


def test_an_unknown_or_damaged_calibration_is_refused() -> None:
    with pytest.raises(ModelError, match="'temperature' is unknown"):
        read_calibration({"kind": "temperature"})
    with pytest.raises(ModelError, match="damaged"):
        read_calibration({"kind": "platt", "slope": 1.0})
