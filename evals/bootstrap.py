"""A bootstrap interval of a mean, bias-corrected and accelerated, and what the same resamples say of a bound.

After Efron (1987), equations 6.9 and 6.10, with the acceleration from the jackknife. Resampled are clusters: values
that hang together (the twins of a case) are drawn together, and left out together by the jackknife, as Davison and
Hinkley (1997, section 3.8) do; a cluster of one value each is the ordinary bootstrap. Checked against
`scipy.stats.bootstrap`, which it leaves aside because importing scipy takes longer than a whole comparison.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from evals.clusters import ROUNDING, Clusters, clusters_of
from evals.student import student_cdf

if TYPE_CHECKING:
    import numpy as np

    from evals.clusters import Vector

_NORMAL = NormalDist()
_CHUNK = 1_000_000
"""Draws held at once: 8 MB."""
_DRAW_COST = 8
"""What a multinomial draw of a group costs, in draws of single clusters."""


@dataclass(frozen=True)
class Interval:
    """A two-sided interval of a mean."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Resampled:
    """The bootstrap of one mean: its resamples, and the two corrections of BCa."""

    clusters: Clusters
    means: "Vector"
    """Sorted; as many as there were resamples."""
    bias: float
    acceleration: float

    def interval(self, confidence: float) -> Interval:
        """The interval; the mean itself at both ends where all clusters are alike."""
        import numpy as np

        mean = self.clusters.mean
        if self.clusters.is_constant:
            return Interval(mean, mean, mean)
        shares = [self._share((1 - confidence) / 2), self._share((1 + confidence) / 2)]
        places = [share * (self.means.size - 1) for share in shares]
        low, high = np.interp(places, np.arange(self.means.size), self.means).tolist()
        return Interval(mean, low, high)

    def p_above(self, bound: float) -> float:
        """The one-sided p-value of the mean not lying above `bound`: at which level an interval would end there."""
        return self._p_value(bound, 1)

    def p_below(self, bound: float) -> float:
        """The one-sided p-value of the mean not lying below `bound`."""
        return self._p_value(bound, -1)

    def _p_value(self, bound: float, sign: int) -> float:
        """The interval turned round (Efron and Tibshirani 1993, section 15.4), seen from above or, with -1, below.

        It is read from Student's t with the variance's n - 1 in place of the normal, since the bootstrap is too narrow
        on few clusters (Hesterberg 2015, section 5.3). Past the farthest resample its tail is taken as normal.
        Clusters that are all alike say no more than as many coins.
        """
        import numpy as np

        count, distance = self.clusters.count, sign * (bound - self.clusters.mean)
        if self.clusters.is_constant:
            return 0.5**count if distance < 0 else 1.0
        past = int((sign * (self.means - bound) <= ROUNDING).sum())
        if past == self.means.size:
            return 1.0
        point = _NORMAL.inv_cdf((past + 1) / (self.means.size + 1))
        if not past:
            point = min(point, distance / float(np.std(self.means)))
        bias, shifted = sign * self.bias, point - sign * self.bias
        scale = 1 + sign * self.acceleration * shifted
        if scale <= 0:
            return 1.0 if shifted > 0 else 0.0
        quantile = shifted / scale - bias
        return student_cdf(quantile * sqrt((count - 1) / count), count - 1)

    def _share(self, tail: float) -> float:
        """The share of the resamples to read in place of `tail`."""
        point = self.bias + _NORMAL.inv_cdf(tail)
        return _NORMAL.cdf(self.bias + point / (1 - self.acceleration * point))


def resample(clusters: Clusters, resamples: int, seed: int) -> Resampled:
    """The bootstrap of the mean over all values of the clusters. Raises ValueError where there is none."""
    import numpy as np

    if not clusters.count:
        raise ValueError("an interval needs at least one value")
    if clusters.is_constant:
        return Resampled(clusters, np.full(resamples, clusters.mean), 0.0, 0.0)
    means = np.sort(_means(clusters, resamples, seed))
    mean = clusters.mean
    below = float((means < mean - ROUNDING).mean() + (means <= mean + ROUNDING).mean()) / 2
    if not 0 < below < 1:
        return Resampled(clusters, means, 0.0, 0.0)
    return Resampled(clusters, means, _NORMAL.inv_cdf(below), _acceleration(clusters))


def mean_interval(
    values: Sequence[float],
    confidence: float,
    resamples: int,
    seed: int,
    clusters: Sequence[int] | None = None,
) -> Interval:
    """The BCa interval of the mean of `values`, of which those with the same number in `clusters` hang together.

    Raises ValueError for an empty sequence.
    """
    return resample(clusters_of(values, clusters), resamples, seed).interval(confidence)


def _means(clusters: Clusters, resamples: int, seed: int) -> "Vector":
    """Drawn one by one, or, where many clusters are alike, by how often each kind is drawn; both are the same law."""
    import numpy as np

    if clusters.count * resamples <= _CHUNK:
        weights = _weights(clusters.count, resamples, seed)
        few: Vector = (weights @ clusters.sums) / (weights @ clusters.sizes)
        return few
    generator, groups = np.random.default_rng(seed), clusters.grouped()
    if groups.sums.size * _DRAW_COST < clusters.count:
        drawn = generator.multinomial(clusters.count, groups.counts / clusters.count, resamples)
        many: Vector = (drawn @ groups.sums) / (drawn @ groups.sizes)
        return many
    rows = max(1, _CHUNK // clusters.count)
    parts = []
    for start in range(0, resamples, rows):
        picks = generator.integers(0, clusters.count, (min(rows, resamples - start), clusters.count))
        parts.append(clusters.sums[picks].sum(axis=1) / clusters.sizes[picks].sum(axis=1))
    return np.concatenate(parts)


@lru_cache(maxsize=2)
def _weights(count: int, resamples: int, seed: int) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """How often each of `count` clusters is drawn in each resample: one draw serves all axes of a slice."""
    import numpy as np

    picks = np.random.default_rng(seed).integers(0, count, (resamples, count))
    places = picks + count * np.arange(resamples)[:, None]
    return np.bincount(places.ravel(), minlength=resamples * count).reshape(resamples, count).astype(float)


def _acceleration(clusters: Clusters) -> float:
    """From the means without one cluster each."""
    if clusters.count < 2:
        return 0.0
    left_out = (clusters.sums.sum() - clusters.sums) / (clusters.sizes.sum() - clusters.sizes)
    deviations = left_out.mean() - left_out
    return float((deviations**3).sum() / (6 * (deviations**2).sum() ** 1.5))
