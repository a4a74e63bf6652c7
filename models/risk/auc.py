"""Area under the ROC curve with its interval, and the paired difference of two models on the same rows.

The variance is DeLong's (DeLong, DeLong and Clarke-Pearson, Biometrics 1988;44:837), computed from ranks (Sun and Xu,
IEEE Signal Processing Letters 2014), with the rows of one patient as a cluster (Obuchowski, Biometrics 1997;53:567).
With one row a patient the two are the same.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval. What cannot be estimated is None, never 0."""

    value: float | None
    low: float | None = None
    high: float | None = None

    def as_json(self) -> dict[str, float | None]:
        """Value, low, high."""
        return {"value": self.value, "low": self.low, "high": self.high}

    def __str__(self) -> str:
        if self.value is None:
            return "no data"
        if self.low is None or self.high is None:
            return f"{self.value:.3f} (interval not estimable)"
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


NO_FIGURE = Estimate(None)


def area(labels: "Floats", scores: "Floats", patients: "NDArray[np.int64]", confidence: float) -> Estimate:
    """The area under the ROC curve; `patients` numbers the patient of each row.

    No value without both outcomes; no interval where fewer than two patients have either outcome, or where the
    variance is 0 (a perfect order of few rows, which proves little).
    """
    values, covariance = _areas(labels, [scores], patients)
    if values is None:
        return NO_FIGURE
    return _interval(float(values[0]), None if covariance is None else float(covariance[0, 0]), confidence, (0.0, 1.0))


def difference(
    labels: "Floats", scores: "Floats", others: "Floats", patients: "NDArray[np.int64]", confidence: float
) -> Estimate:
    """Area of `scores` less area of `others`, both on the same rows. Two equal orders differ by 0, from 0 to 0."""
    values, covariance = _areas(labels, [scores, others], patients)
    if values is None:
        return NO_FIGURE
    gap = float(values[0] - values[1])
    if covariance is None:
        return Estimate(gap)
    variance = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    if variance <= 1e-18 and gap == 0:
        return Estimate(0.0, 0.0, 0.0)
    return _interval(gap, variance, confidence, (-1.0, 1.0))


def _areas(
    labels: "Floats", models: "list[Floats]", patients: "NDArray[np.int64]"
) -> "tuple[Floats | None, Floats | None]":
    """Areas (models) and their covariance (models x models), each None where it cannot be estimated."""
    import numpy as np

    positive = labels == 1
    m, n = int(positive.sum()), int((~positive).sum())
    if not m or not n:
        return None, None
    placements = np.array([_placements(positive, scores) for scores in models])
    areas = placements[:, positive].mean(axis=1)
    by_patient = np.unique(patients, return_inverse=True)[1]
    count = int(by_patient.max()) + 1
    above = _deviations(placements, areas, by_patient, positive, count)
    below = _deviations(placements, areas, by_patient, ~positive, count)
    with_positive = len(np.unique(by_patient[positive]))
    with_negative = len(np.unique(by_patient[~positive]))
    if with_positive < 2 or with_negative < 2:
        return areas, None
    s10 = with_positive / (with_positive - 1) / m * (above @ above.T)
    s01 = with_negative / (with_negative - 1) / n * (below @ below.T)
    s11 = count / (count - 1) * (above @ below.T)
    return areas, s10 / m + s01 / n + (s11 + s11.T) / (m * n)


def _placements(positive: "NDArray[np.bool_]", scores: "Floats") -> "Floats":
    """For a positive row the share of negatives scored below it, for a negative the share of positives above it.

    A tie counts one half. These are DeLong's structural components.
    """
    import numpy as np
    from scipy.stats import rankdata

    m, n = positive.sum(), (~positive).sum()
    ranks = rankdata(scores)
    placements = np.empty(len(scores))
    placements[positive] = (ranks[positive] - rankdata(scores[positive])) / n
    placements[~positive] = 1 - (ranks[~positive] - rankdata(scores[~positive])) / m
    return placements


def _deviations(
    placements: "Floats",
    areas: "Floats",
    by_patient: "NDArray[np.int64]",
    chosen: "NDArray[np.bool_]",
    count: int,
) -> "Floats":
    """Sum over the chosen rows of each patient of (placement - area): models x patients."""
    import numpy as np

    centred = placements - areas[:, None]
    return np.array([np.bincount(by_patient[chosen], weights=row[chosen], minlength=count) for row in centred])


def _interval(value: float, variance: float | None, confidence: float, bounds: tuple[float, float]) -> Estimate:
    from scipy.stats import norm

    if variance is None or variance <= 1e-18:
        return Estimate(value)
    reach = float(norm.ppf((1 + confidence) / 2)) * math.sqrt(variance)
    return Estimate(value, max(bounds[0], value - reach), min(bounds[1], value + reach))
