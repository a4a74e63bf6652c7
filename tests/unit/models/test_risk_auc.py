"""The area under the ROC curve, against the definition, a published figure, a bootstrap and simulation."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, norm

from models.risk.auc import Estimate, area, difference

CONFIDENCE = 0.95


def kernel_variance(positives: np.ndarray, negatives: np.ndarray) -> float:
    """DeLong's variance from its definition: every positive against every negative, a tie as one half."""
    wins = (positives[:, None] > negatives) + 0.5 * (positives[:, None] == negatives)
    return float(wins.mean(axis=1).var(ddof=1) / len(positives) + wins.mean(axis=0).var(ddof=1) / len(negatives))


def one_each(count: int) -> np.ndarray:
    return np.arange(count)


def test_a_small_example_worked_by_hand() -> None:
    # Positives score 3, 1; negatives 2, 0, 1. Wins: 3 beats all three; 1 loses to 2, beats 0, ties with 1.
    # Area = (1 + (0 + 1 + 0.5) / 3) / 2 = 0.75. Placements of positives 1, 0.5 (variance 0.125); of negatives
    # 0.5, 1, 0.75 (variance 0.0625). DeLong's variance = 0.125 / 2 + 0.0625 / 3 = 0.08333.
    labels, scores = np.array([1.0, 1, 0, 0, 0]), np.array([3.0, 1, 2, 0, 1])
    found = area(labels, scores, one_each(5), CONFIDENCE)
    assert found.value == 0.75
    assert found.low == pytest.approx(0.75 - 1.959964 * np.sqrt(0.125 / 2 + 0.0625 / 3))
    assert found.high == 1.0


def test_hanley_and_mcneils_ct_readings_have_their_published_area() -> None:
    # Hanley and McNeil, Radiology 1982;143:29, table I: ratings 1 to 5 of 58 normal and 51 abnormal scans; area 0.893,
    # standard error 0.032 by their formula, to which DeLong's is close.
    normal, abnormal = (33, 6, 6, 11, 2), (3, 2, 2, 11, 33)
    scores = np.repeat(np.tile(np.arange(1.0, 6), 2), (*normal, *abnormal))
    labels = np.repeat([0.0, 1.0], (58, 51))
    found = area(labels, scores, one_each(109), CONFIDENCE)
    assert found.value is not None
    assert found.low is not None
    assert round(found.value, 3) == 0.893
    assert (found.value - found.low) / norm.ppf(0.975) == pytest.approx(0.032, abs=0.0015)


def test_area_and_interval_agree_with_the_definition_on_random_scores() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        labels = (rng.random(80) < 0.3).astype(float)
        scores = (rng.normal(size=80) + labels).round(1)  # rounded, so that ties occur
        positives, negatives = scores[labels == 1], scores[labels == 0]
        found = area(labels, scores, one_each(80), CONFIDENCE)
        assert found.value == pytest.approx(
            mannwhitneyu(positives, negatives).statistic / (len(positives) * len(negatives))
        )
        assert found.value is not None
        assert found.low is not None
        expected = found.value - norm.ppf(0.975) * np.sqrt(kernel_variance(positives, negatives))
        assert found.low == pytest.approx(max(0, expected))


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    truth, covered = norm.cdf(1.5 / np.sqrt(2)), 0
    labels = np.repeat([1.0, 0.0], (60, 240))
    for _ in range(400):
        found = area(labels, rng.normal(size=300) + 1.5 * labels, one_each(300), CONFIDENCE)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= truth <= found.high
    assert 0.92 <= covered / 400 <= 0.98


def test_rows_of_one_patient_widen_the_interval_as_a_bootstrap_of_patients_does() -> None:
    rng = np.random.default_rng(3)
    patients = np.repeat(np.arange(250), 4)
    labels = np.repeat((rng.random(250) < 0.25).astype(float), 4)
    scores = labels + np.repeat(rng.normal(size=250), 4) + 0.3 * rng.normal(size=1000)
    clustered, naive = area(labels, scores, patients, CONFIDENCE), area(labels, scores, one_each(1000), CONFIDENCE)
    rows_of = patients.reshape(250, 4).argsort().reshape(250, 4) + np.arange(250)[:, None] * 4
    drawn = []
    for _ in range(600):
        rows = rows_of[rng.integers(0, 250, 250)].ravel()
        drawn.append(area(labels[rows], scores[rows], one_each(1000), CONFIDENCE).value)
    error = np.std(np.array(drawn, float))
    assert width(clustered) / (2 * norm.ppf(0.975)) == pytest.approx(error, rel=0.12)
    assert width(naive) < 0.6 * width(clustered)


def test_the_difference_of_two_models_on_the_same_rows_agrees_with_its_definition() -> None:
    rng = np.random.default_rng(4)
    labels = (rng.random(150) < 0.3).astype(float)
    shared = rng.normal(size=150) + labels
    first, second = shared + 0.5 * rng.normal(size=150), shared + rng.normal(size=150)
    found = difference(labels, first, second, one_each(150), CONFIDENCE)
    areas = [area(labels, scores, one_each(150), CONFIDENCE).value for scores in (first, second)]
    assert areas[0] is not None
    assert areas[1] is not None
    assert found.value == pytest.approx(areas[0] - areas[1])
    positive = labels == 1
    gaps = [
        np.subtract(*(wins(scores[positive], scores[~positive]).mean(axis=axis) for scores in (first, second)))
        for axis in (1, 0)
    ]
    variance = gaps[0].var(ddof=1) / positive.sum() + gaps[1].var(ddof=1) / (~positive).sum()
    assert width(found) == pytest.approx(2 * norm.ppf(0.975) * np.sqrt(variance))


def test_two_models_of_one_order_differ_by_nothing() -> None:
    labels, scores = np.array([1.0, 0, 1, 0, 0, 1]), np.array([0.9, 0.2, 0.4, 0.5, 0.1, 0.6])
    assert difference(labels, scores, np.exp(scores), one_each(6), CONFIDENCE) == Estimate(0.0, 0.0, 0.0)


def test_one_outcome_alone_has_no_area() -> None:
    assert area(np.zeros(5), np.arange(5.0), one_each(5), CONFIDENCE) == Estimate(None)
    assert difference(np.ones(5), np.arange(5.0), np.arange(5.0), one_each(5), CONFIDENCE).value is None
    assert str(Estimate(None)) == "no data"


@pytest.mark.parametrize("labels", [[1.0, 0, 0, 0], [1.0, 1, 0, 0]])
def test_a_perfect_order_or_one_lone_positive_has_an_area_and_no_interval(labels: list[float]) -> None:
    found = area(np.array(labels), np.array([4.0, 3, 2, 1]), one_each(4), CONFIDENCE)
    assert found == Estimate(1.0)
    assert str(found) == "1.000 (interval not estimable)"


def wins(positives: np.ndarray, negatives: np.ndarray) -> np.ndarray:
    return (positives[:, None] > negatives) + 0.5 * (positives[:, None] == negatives)


def width(estimate: Estimate) -> float:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.high - estimate.low
