"""Whether a mean over clusters lies above 0, by flipping signs.

Under the hypothesis that base and head are alike, each cluster's difference might as well have had the other sign
(Fisher 1935; valid for the mean without symmetry too as clusters grow many, Romano 1990). All signs are tried where
that is feasible, and drawn otherwise. On cases that pass or fail this is McNemar's exact test, one-sided.
"""

from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from evals.clusters import ROUNDING, Clusters

if TYPE_CHECKING:
    import numpy as np

_MANY = 1_000
"""Clusters that differ, from which the distribution is the normal one to within what is drawn."""
_CHUNK = 1_000
"""Draws made at once."""
_ENOUGH = 200
"""Draws that reached the observed mean, past which the p-value is well known and no more are made."""


def p_above_zero(clusters: Clusters, draws: int, generator: "np.random.Generator") -> float:
    """The one-sided p-value of the mean not lying above 0; where signs are drawn never below 1 / (draws + 1)."""
    import numpy as np

    moved = clusters.sums[np.abs(clusters.sums) > ROUNDING]
    observed = float(moved.sum())
    if observed <= 0:
        return 1.0
    if moved.size >= _MANY:
        return NormalDist().cdf(-observed / sqrt(float((moved**2).sum())))
    if 2**moved.size <= draws:
        signs = (np.arange(2**moved.size)[:, None] >> np.arange(moved.size)) & 1
        return float(((2 * signs - 1) @ moved >= observed - ROUNDING).mean())
    reached = drawn = 0
    while drawn < draws and reached < _ENOUGH:
        signs = generator.integers(0, 2, (min(_CHUNK, draws - drawn), moved.size), dtype=np.int8)
        reached += int(((2.0 * signs - 1) @ moved >= observed - ROUNDING).sum())
        drawn += len(signs)
    return (reached + 1) / (drawn + 1)
