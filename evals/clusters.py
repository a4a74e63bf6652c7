"""Values that hang together, as the sum and the size of each cluster: what a mean over them is resampled from.

Answers to the twins of a case, in other locales, under other prompts and after other turns, are not independent. A
cluster is all of them (`evals.cases.cluster_of`), so that fifty conversations in three languages count as fifty.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np

    Vector: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.float64]]"

ROUNDING = 1e-12
"""Scores that differ by less are the same score."""
_MOST_GROUPS = 512
"""Of many clusters that all differ, neighbours are drawn as one kind; less than 0.01 % of the variance goes with it."""
_MANY = 20_000
"""Clusters from which that is done."""


@dataclass(frozen=True)
class Groups:
    """Clusters that are alike, counted."""

    sums: "Vector"
    sizes: "Vector"
    counts: "Vector"


@dataclass(frozen=True)
class Clusters:
    """The sum and the size of each cluster."""

    sums: "Vector"
    sizes: "Vector"

    @property
    def count(self) -> int:
        """How many clusters there are."""
        return int(self.sums.size)

    @cached_property
    def mean(self) -> float:
        """Over all values, each with the same weight."""
        return float(self.sums.sum() / self.sizes.sum())

    @cached_property
    def is_constant(self) -> bool:
        """Whether all clusters have the same mean."""
        return float((self.sums / self.sizes).max() - (self.sums / self.sizes).min()) < ROUNDING

    @cached_property
    def deviation(self) -> float:
        """The standard deviation that a cluster brings to the mean, so that the mean's error is this over √count."""
        if self.count < 2:
            return 0.0
        parts = (self.sums - self.mean * self.sizes) / self.sizes.mean()
        return sqrt(float((parts**2).sum()) / (self.count - 1))

    def shifted(self, by: float) -> "Clusters":
        """The clusters with `by` added to each value."""
        return Clusters(self.sums + by * self.sizes, self.sizes)

    def grouped(self) -> Groups:
        """The clusters by kind; those that differ by rounding alone are of one kind."""
        import numpy as np

        rounded = np.round(self.sums / ROUNDING) * ROUNDING
        kinds, counts = np.unique(np.stack([rounded, self.sizes]), axis=1, return_counts=True)
        if self.count >= _MANY and counts.size > _MOST_GROUPS:
            return self._neighbours()
        return Groups(kinds[0], kinds[1], counts.astype(float))

    def _neighbours(self) -> Groups:
        import numpy as np

        order = np.argsort(self.sums - self.mean * self.sizes, kind="stable")
        edges = np.linspace(0, self.count, _MOST_GROUPS + 1).astype(int)
        counts = np.diff(edges).astype(float)
        sums, sizes = (np.add.reduceat(part[order], edges[:-1]) / counts for part in (self.sums, self.sizes))
        return Groups(sums, sizes, counts)


def clusters_of(
    values: "Sequence[float] | np.ndarray[Any, Any]", numbers: "Sequence[int] | np.ndarray[Any, Any] | None" = None
) -> Clusters:
    """The values by the number of their cluster; each its own where there are no numbers."""
    import numpy as np

    data = np.asarray(values, dtype=float)
    if numbers is None:
        return Clusters(data, np.ones(data.size))
    _, places = np.unique(np.asarray(numbers), return_inverse=True)
    return Clusters(np.bincount(places, weights=data).astype(float), np.bincount(places).astype(float))
