"""What a suite can see: the smallest loss that it would show, and how many cases a given loss needs.

For the one-sided t test of a paired mean, in Guenther's closed form (Guenther 1981, The American Statistician 35,
243-244), which lies within a case or two of the exact one. A loss that is made of cases which fail wholly brings its
own variance, loss x (1 - loss), however quiet the answers were; the larger of that and the observed one is taken, so
that a suite on which nothing moved does not claim to see everything.
"""

from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist

_NORMAL = NormalDist()
_MOST = 1_000_000
"""Cases that nobody will write; more are no number."""


@dataclass(frozen=True)
class Power:
    """How sure a test is meant to be."""

    alpha: float
    """One-sided."""
    power: float

    @property
    def _tail(self) -> float:
        return _NORMAL.inv_cdf(1 - self.alpha)

    @property
    def _reach(self) -> float:
        return self._tail + _NORMAL.inv_cdf(self.power)

    def detectable(self, deviation: float, count: int) -> float | None:
        """The smallest loss that `count` conversations show with this power; None where they are too few for any."""
        left = count - self._tail**2 / 2
        if left <= 0:
            return None
        share = self._reach**2 / left
        return min(1.0, max(deviation * sqrt(share), share / (1 + share)))

    def needed(self, loss: float, deviation: float) -> int | None:
        """Conversations that show a loss of this size; None where it is next to nothing."""
        return self.needed_for(loss, sqrt(max(deviation**2, loss * (1 - loss))))

    def needed_for(self, gap: float, deviation: float) -> int | None:
        """Conversations that tell a mean from a bound which it lies `gap` away from; None for more than a million."""
        if gap <= 0 or deviation <= 0:
            return None
        count = (self._reach * deviation / gap) ** 2 + self._tail**2 / 2
        return ceil(count) if count <= _MOST else None


def hedges_d_z(mean: float, deviation: float, count: int) -> float | None:
    """Cohen's d_z of paired differences with Hedges' correction for few pairs (Lakens 2013); None without spread."""
    if count < 2 or deviation <= 0:
        return None
    return mean / deviation * (1 - 3 / (4 * (count - 1) - 1))
