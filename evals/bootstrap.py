"""A bootstrap interval of a mean, bias-corrected and accelerated.

After Efron (1987), equations 6.9 and 6.10, with the acceleration from the jackknife; checked against
`scipy.stats.bootstrap`, which it leaves aside because importing scipy takes longer than a whole comparison.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_NORMAL = NormalDist()
_ROUNDING = 1e-12
"""Scores that differ by less are the same score."""


@dataclass(frozen=True)
class Interval:
    """A two-sided interval of a mean."""

    mean: float
    low: float
    high: float


def mean_interval(
    values: Sequence[float], confidence: float, resamples: int, generator: "np.random.Generator"
) -> Interval:
    """The BCa interval of the mean of `values`; the mean itself at both ends where all are alike.

    Raises ValueError for an empty sequence.
    """
    import numpy as np

    data = np.asarray(values, dtype=float)
    if data.size == 0:
        raise ValueError("an interval needs at least one value")
    mean = float(data.mean())
    if np.ptp(data) < _ROUNDING:
        return Interval(mean, mean, mean)
    means = _resampled_means(data, resamples, generator)
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = (float(np.percentile(means, 100 * share)) for share in _adjusted(data, means, mean, tails))
    return Interval(mean, low, high)


def _resampled_means(
    data: "np.ndarray[tuple[int], np.dtype[np.float64]]", resamples: int, generator: "np.random.Generator"
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    import numpy as np

    picks = generator.integers(0, data.size, (resamples, data.size))
    means: np.ndarray[tuple[int], np.dtype[np.float64]] = data[picks].mean(axis=1)
    return means


def _adjusted(
    data: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    means: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    mean: float,
    tails: Sequence[float],
) -> list[float]:
    """The shares of the bootstrap distribution to read in place of `tails`."""
    below = (float((means < mean).mean()) + float((means <= mean).mean())) / 2
    if not 0 < below < 1:
        return list(tails)
    bias = _NORMAL.inv_cdf(below)
    left_out = (data.sum() - data) / (data.size - 1) if data.size > 1 else data
    deviations = left_out.mean() - left_out
    acceleration = float((deviations**3).sum() / (6 * (deviations**2).sum() ** 1.5))
    points = [bias + _NORMAL.inv_cdf(tail) for tail in tails]
    return [_NORMAL.cdf(bias + point / (1 - acceleration * point)) for point in points]
